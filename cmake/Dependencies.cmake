# Third-party packages, all from Debian 12 (tools/packages.txt).
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(simdjson REQUIRED)
find_package(spdlog REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SNDFILE REQUIRED IMPORTED_TARGET sndfile)
pkg_check_modules(SPEEXDSP REQUIRED IMPORTED_TARGET speexdsp)
pkg_check_modules(LIBURING REQUIRED IMPORTED_TARGET liburing)

# Standalone Asio, shared by RESTinio, websocketpp and our own sockets.
add_library(asio_standalone INTERFACE)
# Whether Asio takes memory by std::aligned_alloc it finds out by a macro of the standard library's, which is not there
# yet where a file includes Asio first: then one file would free by free() what another has got by operator new.
target_compile_definitions(asio_standalone INTERFACE
  ASIO_STANDALONE=1 ASIO_HAS_STD_ALIGNED_ALLOC=1 _WEBSOCKETPP_CPP11_STL_=1)
target_link_libraries(asio_standalone INTERFACE Threads::Threads OpenSSL::SSL OpenSSL::Crypto)

if(NOT SWITCHBOARD_FUZZ)
  find_package(CAF 0.17.6 REQUIRED COMPONENTS core io openssl)
  find_package(SQLiteCpp REQUIRED)
  find_package(CURL REQUIRED)
  find_package(CLI11 REQUIRED)
  find_package(prometheus-cpp CONFIG REQUIRED)
  find_library(HTTP_PARSER_LIBRARY http_parser REQUIRED)
  find_library(SQLITE3_LIBRARY sqlite3 REQUIRED)

  add_library(restinio_http INTERFACE)
  target_link_libraries(restinio_http INTERFACE asio_standalone fmt::fmt ${HTTP_PARSER_LIBRARY})
endif()
