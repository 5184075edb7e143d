# The libraries, in dependency order: a folder may include only what stands above it here.
#   conf <- audio <- storage <- actors <- http <- tools
# Sources are globbed, so that adding a file is only adding the file.
function(switchboard_library name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS
    "${CMAKE_SOURCE_DIR}/${name}/*.cpp" "${CMAKE_SOURCE_DIR}/${name}/*.hpp")
  add_library(switchboard_${name} STATIC ${sources})
  target_include_directories(switchboard_${name} PUBLIC "${CMAKE_SOURCE_DIR}")
  target_link_libraries(switchboard_${name} PRIVATE switchboard_warnings PUBLIC ${ARGN})
endfunction()

switchboard_library(conf CLI11::CLI11 spdlog::spdlog nlohmann_json::nlohmann_json Threads::Threads)
target_compile_definitions(switchboard_conf PRIVATE SWITCHBOARD_VERSION="${PROJECT_VERSION}")
switchboard_library(audio switchboard_conf PkgConfig::SPEEXDSP PkgConfig::SNDFILE)
switchboard_library(storage switchboard_audio SQLiteCpp ${SQLITE3_LIBRARY} OpenSSL::Crypto)
switchboard_library(actors switchboard_storage CAF::core CAF::io CAF::openssl asio_standalone)
switchboard_library(http switchboard_actors restinio_http simdjson::simdjson
                    nlohmann_json::nlohmann_json prometheus-cpp::core OpenSSL::SSL OpenSSL::Crypto
                    CURL::libcurl PkgConfig::LIBURING)

# An executable is a folder of tools/ with a main.cpp.
function(switchboard_tool folder output)
  if(NOT EXISTS "${CMAKE_SOURCE_DIR}/tools/${folder}/main.cpp")
    return()
  endif()
  file(GLOB sources CONFIGURE_DEPENDS
    "${CMAKE_SOURCE_DIR}/tools/${folder}/*.cpp" "${CMAKE_SOURCE_DIR}/tools/${folder}/*.hpp")
  add_executable(${output} ${sources})
  target_include_directories(${output} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${output} PRIVATE switchboard_warnings ${ARGN})
endfunction()

switchboard_tool(switchboard switchboard switchboard_http)

# The simulators share nothing with the server: Boost.Beast and their own codecs, so that a
# mistake in ours is not made twice.
file(GLOB sim_sources CONFIGURE_DEPENDS
  "${CMAKE_SOURCE_DIR}/tools/sim_common/*.cpp" "${CMAKE_SOURCE_DIR}/tools/sim_common/*.hpp")
if(sim_sources)
  add_library(switchboard_sim_common STATIC ${sim_sources})
  target_include_directories(switchboard_sim_common PUBLIC "${CMAKE_SOURCE_DIR}")
  target_link_libraries(switchboard_sim_common PRIVATE switchboard_warnings
    PUBLIC nlohmann_json::nlohmann_json PkgConfig::SNDFILE CLI11::CLI11
           OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
  switchboard_tool(twilio_sim twilio-sim switchboard_sim_common)
  switchboard_tool(openai_sim openai-sim switchboard_sim_common)
  target_compile_options(twilio-sim PRIVATE ${SWITCHBOARD_TEST_FLAGS})
  target_compile_options(openai-sim PRIVATE ${SWITCHBOARD_TEST_FLAGS})
  switchboard_tool(loadgen loadgen switchboard_sim_common)
endif()

# The baseline of tools/bench: no library at all.
switchboard_tool(relay relay)
