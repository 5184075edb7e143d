#define CAF_SUITE endings
#define FAIL CAF_FAIL
#include "tests/end_to_end/world.hpp"

#include <string>

#include <caf/test/dsl.hpp>

using namespace e2e;

namespace {

struct fixture : world {
  /// Who follows the events: how often the end was told.
  size_t ends_told() const {
    size_t count = 0;
    const auto events = read_file(path("events.log"));
    const std::string told = R"("type":"call_ended")";
    for (auto at = events.find(told); at != std::string::npos; at = events.find(told, at + 1))
      ++count;
    return count;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(endings_tests, fixture)

/// A stop cannot come after the close of its stream; it can be missing.
CAF_TEST(a call ends once in whatever order the carrier tells its end) {
  start_model({"--speed", "50"});
  start_server({{"RESUME_WINDOW_S", "1"}});
  process follower{
      "/usr/bin/curl", {"-sN", url("/api/status")}, {{"PATH", "/usr/bin"}}, path("events.log")};
  CAF_REQUIRE(wait_until([&] { return read_file(path("events.log")).size() > 0; }));
  size_t calls_made = 0;
  for (const std::string order : {"stop-close-report", "stop-report-close", "report-stop-close",
                                  "close-report", "report-close"}) {
    CAF_MESSAGE(order);
    CAF_CHECK_EQUAL(place_calls(order, {"--hangup-after", "2", "--end-order", order,
                                        "--status-callback", url("/twilio/call-status")}),
                    0);
    ++calls_made;
    CAF_REQUIRE(wait_for_recordings(calls_made));
    const auto call = calls().at(0);
    CAF_CHECK_EQUAL(call["status"].get<std::string>(), "completed");
    CAF_CHECK_EQUAL(call["transcripts"].size(), 1u); // the greeting, as far as it was heard
    CAF_CHECK_GREATER(call["duration"].get<int>(), 0);
    CAF_CHECK(wait_until([&] { return ends_told() == calls_made; }));
  }
  // The connection breaks, and nothing is ever said of it.
  place_calls("broken", {"--abrupt-close", "2", "--vanish", "--hangup-after", "3"});
  CAF_REQUIRE(wait_for_recordings(calls_made + 1, seconds{60}));
  const auto broken = calls().at(0);
  CAF_CHECK_EQUAL(broken["status"].get<std::string>(), "completed");
  CAF_CHECK_EQUAL(broken["transcripts"].size(), 1u);
  CAF_CHECK(wait_until([&] { return ends_told() == calls_made + 1; }));
  CAF_CHECK(wait_until([&] { return active_calls() == 0; }));
}

CAF_TEST_FIXTURE_SCOPE_END()
