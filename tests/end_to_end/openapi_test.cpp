#define CAF_SUITE openapi
#define FAIL CAF_FAIL
#include "tests/end_to_end/world.hpp"

#include <caf/test/dsl.hpp>

using namespace e2e;

namespace {

struct fixture : world {
  /// A server with one call that ended and has all its relations.
  void prepare() {
    start_model();
    start_server({{"TWILIO_VALIDATE_SIGNATURE", "false"}});
    CAF_REQUIRE_EQUAL(place_calls("call", three_turns()), 0);
    CAF_REQUIRE(wait_for_recordings(1));
    CAF_REQUIRE(wait_until([&] { return !calls()[0]["analytics"].empty(); }));
  }

  static std::string script(const std::string& name) {
    return std::string{SWITCHBOARD_SOURCE_DIR} + "/tests/end_to_end/" + name;
  }

  void check(const std::string& name, const texts& options) {
    process program{
        script(name), options, {{"PATH", "/usr/local/bin:/usr/bin:/bin"}}, path("check.log")};
    const int code = program.wait(seconds{120});
    CAF_MESSAGE(read_file(path("check.log")));
    CAF_CHECK_EQUAL(code, 0);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(openapi_tests, fixture)

CAF_TEST(every operation answers as the document says) {
  prepare();
  check("check_openapi.py", {url("")});
}

CAF_TEST(the examples of the manual are true) {
  prepare();
  const auto id = calls()[0]["id"].get<std::string>();
  check("check_examples.py", {std::string{SWITCHBOARD_SOURCE_DIR} + "/docs/api.md", url(""), id});
}

CAF_TEST_FIXTURE_SCOPE_END()
