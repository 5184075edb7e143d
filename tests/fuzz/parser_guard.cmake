switchboard_fuzzer(parser_guard http/parser_guard.cpp)
target_link_libraries(parser_guard_fuzz PRIVATE ${HTTP_PARSER_LIBRARY})
