# One test program per folder of tests/, one ctest entry per suite. A suite is one file
# `<name>_test.cpp` with `#define CAF_SUITE <name>`.
#
# A CAF test program exits 0 when a suite name matches nothing, so an entry passes only if its
# output says that exactly one suite ran and all of it succeeded, and no sanitizer spoke.
# It takes -s for a regular expression where it trusts std::regex, else (clang with libstdc++) for a list
# of names.
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  set(suite_begin "")
  set(suite_end "")
else()
  set(suite_begin "^")
  set(suite_end "$")
endif()
function(switchboard_suites folder)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/${folder}/*.cpp"
                                      "${CMAKE_SOURCE_DIR}/tests/${folder}/*.hpp")
  if(NOT sources)
    return()
  endif()
  set(program test_${folder})
  add_executable(${program} ${sources} "${CMAKE_SOURCE_DIR}/tests/test_main.cpp")
  target_include_directories(${program} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_compile_definitions(${program} PRIVATE
    SWITCHBOARD_SOURCE_DIR="${CMAKE_SOURCE_DIR}" SWITCHBOARD_BINARY_DIR="${CMAKE_BINARY_DIR}")
  target_compile_options(${program} PRIVATE ${SWITCHBOARD_TEST_FLAGS})
  target_link_libraries(${program} PRIVATE switchboard_warnings CAF::core CAF::io ${ARGN})
  foreach(source IN LISTS sources)
    if(NOT source MATCHES "_test\\.cpp$")
      continue()
    endif()
    get_filename_component(suite "${source}" NAME_WE)
    string(REGEX REPLACE "_test$" "" suite "${suite}")
    add_test(NAME "${folder}.${suite}" COMMAND ${program} -s "${suite_begin}${suite}${suite_end}" -v 3 -r 300)
    set_tests_properties("${folder}.${suite}" PROPERTIES
      TIMEOUT 360
      WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}"
      PASS_REGULAR_EXPRESSION "suites: +1[^0-9].*success: +100%"
      FAIL_REGULAR_EXPRESSION "ERROR: (Address|Leak|Thread)Sanitizer;runtime error:;WARNING: ThreadSanitizer")
  endforeach()
endfunction()

switchboard_suites(conf switchboard_conf)
switchboard_suites(audio switchboard_audio)
switchboard_suites(storage switchboard_storage)
switchboard_suites(actors switchboard_actors)
switchboard_suites(golden switchboard_actors)
switchboard_suites(simulation switchboard_actors)
target_sources(test_simulation PRIVATE "${CMAKE_SOURCE_DIR}/tests/golden/conversation_world.cpp")
switchboard_suites(http switchboard_http)
# http's allocation_count, media_path_test and sealer_bounds_test count allocations with operator new and
# delete of their own, which g++ 12 takes for a mismatched pair once they are inlined.
target_compile_options(test_http PRIVATE -Wno-mismatched-new-delete)
target_compile_options(test_actors PRIVATE -Wno-mismatched-new-delete)
target_compile_options(test_storage PRIVATE -Wno-mismatched-new-delete)
switchboard_suites(tools switchboard_sim_common)
if(EXISTS "${CMAKE_SOURCE_DIR}/tests/end_to_end/CMakeLists.txt")
  add_subdirectory(tests/end_to_end)
endif()

# Who may include what (ARCHITECTURE.md), and that the check itself finds each kind of mistake.
add_test(NAME tools.check_layers COMMAND "${CMAKE_SOURCE_DIR}/tools/check_layers")
add_test(NAME tools.check_layers_finds
  COMMAND "${CMAKE_SOURCE_DIR}/tests/tools/check_layers_test.sh")
