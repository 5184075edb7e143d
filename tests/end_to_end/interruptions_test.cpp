#define CAF_SUITE interruptions
#define FAIL CAF_FAIL
#include "tests/end_to_end/world.hpp"

#include <caf/test/dsl.hpp>

using namespace e2e;

namespace {

/// A caller who speaks into the greeting and into the first answer, hears the second one out, and
/// leaves in the middle of nothing.
struct interrupted_call : world {
  void start(const texts& model_options) {
    start_model(model_options);
    start_server();
    start_calls("call",
                {"--turns", speech("caller_1.wav") + "@900," + speech("caller_2.wav") + "@900",
                 "--hangup-after-turns", "1"});
  }
  std::vector<std::string> said_by(const std::string& who) const {
    std::vector<std::string> result;
    const auto call = calls().at(0);
    for (auto& turn : call["transcripts"])
      if (turn["speaker"] == who)
        result.push_back(turn["text"]);
    return result;
  }
  void check() {
    CAF_CHECK_EQUAL(finish_calls("call"), 0);
    CAF_REQUIRE(wait_for_recordings(1));
    const auto caller = said_by("user");
    CAF_REQUIRE_EQUAL(caller.size(), 2u); // in the order of speaking, however late they came
    CAF_CHECK_EQUAL(caller[0], "Hi, what are your opening hours today?");
    CAF_CHECK_EQUAL(caller[1], "Please book a table for two at seven.");
    const auto agent = said_by("assistant");
    CAF_REQUIRE_EQUAL(agent.size(), 3u);
    check_cut(agent[0], "Hello, this is Switchboard. How can I help you today?");
    check_cut(agent[1], "We are open from noon until ten in the evening.");
    CAF_CHECK_EQUAL(agent[2], "Done, a table for two at seven is booked for you.");
    const auto stream = report("call")["calls"][0]["streams"][0];
    CAF_CHECK_EQUAL(stream["clears"].get<int>(), 2);
    CAF_CHECK_GREATER(stream["clearedMs"].get<int>() + stream["heardMs"].get<int>(), 0);
    const auto session = model_report()["sessions"][0];
    CAF_CHECK_EQUAL(session["truncations"].size(), 2u);
    CAF_CHECK(session["errors"].empty()); // never more was cut than there was
  }
  static void check_cut(const std::string& heard, const std::string& whole) {
    CAF_CHECK(!heard.empty());
    CAF_CHECK_LESS(heard.size(), whole.size());
    CAF_CHECK_EQUAL(whole.substr(0, heard.size()), heard);
  }
};

} // namespace

/// The first model speaks no faster than it is heard, the second has said all of it long before and
/// tells the caller's words after the next turn has begun.
CAF_TEST(an interrupted answer ends where the caller stopped hearing it whenever it was generated) {
  interrupted_call generating;
  interrupted_call generated;
  generating.start({"--speed", "1"});
  generated.start({"--speed", "50", "--transcript-delay-ms", "2500"});
  generating.check();
  generated.check();
}

CAF_TEST(a caller who leaves in the middle of an answer has heard so much of it and no more) {
  world here;
  here.start_model();
  here.start_server();
  CAF_CHECK_EQUAL(here.place_calls("call", {"--hangup-after", "2"}), 0);
  CAF_REQUIRE(here.wait_for_recordings(1));
  const auto call = here.calls().at(0);
  CAF_REQUIRE_EQUAL(call["transcripts"].size(), 1u);
  interrupted_call::check_cut(call["transcripts"][0]["text"],
                              "Hello, this is Switchboard. How can I help you today?");
  CAF_CHECK_EQUAL(call["status"].get<std::string>(), "completed");
}
