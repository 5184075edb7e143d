switchboard_fuzzer(parser_guard http/parser_guard.cpp)
find_library(HTTP_PARSER_LIBRARY http_parser REQUIRED)
target_link_libraries(parser_guard_fuzz PRIVATE ${HTTP_PARSER_LIBRARY})
