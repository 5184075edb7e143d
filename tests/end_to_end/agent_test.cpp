#define CAF_SUITE agent
#define FAIL CAF_FAIL
#include "tests/end_to_end/world.hpp"
#include "tests/http/rest_server.hpp"

#include <fstream>

#include <caf/test/dsl.hpp>

using namespace e2e;
using switchboard::test::rest_server;

namespace {

/// Calls to an agent with tools.
struct agent_with_tools : world {
  std::string with_profile(const std::string& text) {
    std::ofstream{path("profiles.json")} << R"({"default": "agent", "profiles": {"agent": )" << text
                                         << "}}";
    return path("profiles.json");
  }
  void with_script(const std::string& text) {
    std::ofstream{path("script.json")} << text;
    script = path("script.json");
  }
  void start(const std::string& profile, variables more = {}) {
    start_model();
    more["AGENT_PROFILES"] = with_profile(profile);
    start_server(more);
  }
  texts one_turn() const { return {"--turns", speech("caller_1.wav")}; }
  texts two_turns() const {
    return {"--turns", speech("caller_1.wav") + "," + speech("caller_2.wav"),
            "--hangup-after-turns", "1"};
  }

  /// What the carrier was told to do, in order.
  std::vector<std::string> verbs() const { return report("call")["calls"][0]["verbs"]; }
  std::string last_words() const {
    const auto turns = calls().at(0)["transcripts"];
    return turns.empty() ? "" : turns.back()["text"].get<std::string>();
  }
  bool model_was_told(const std::string& text) const {
    return read_file(path("model-events.log")).find(text) != std::string::npos;
  }
};

constexpr const char* booking_profile = R"({"tools": [{"name": "book_table", "url": ")";

} // namespace

CAF_TEST_FIXTURE_SCOPE(agent_tests, agent_with_tools)

CAF_TEST(the agent hangs up and its goodbye is heard whole before) {
  start(R"({"tools": ["end_call"]})");
  auto options = three_turns();
  options.resize(2);            // the caller does not hang up
  place_calls("call", options); // it would like to go on, so the simulator is not content
  CAF_CHECK_EQUAL(report("call")["calls"][0]["endedBy"].get<std::string>(), "server");
  CAF_CHECK_EQUAL(std::string(verbs().back()), "Hangup");
  const auto stream = report("call")["calls"][0]["streams"][0];
  CAF_CHECK_EQUAL(stream["marksReceived"].get<int>(), stream["marksEchoed"].get<int>());
  CAF_CHECK_EQUAL(stream["closeCode"].get<int>(), 1000);
  CAF_REQUIRE(wait_for_recordings(1));
  CAF_CHECK_EQUAL(last_words(), "You are welcome. Goodbye!");
  CAF_CHECK_EQUAL(calls().at(0)["status"].get<std::string>(), "completed");
}

CAF_TEST(a tool is asked and signed and its answer is spoken of) {
  rest_server tool{{rest_server::answer("200 OK", R"({"booked":"table nine"})")}};
  start(booking_profile + tool.url() + R"(/book", "secret": "shared"}]})",
        {{"TOOLS_ALLOW_PRIVATE_NETWORKS", "true"}});
  CAF_CHECK_EQUAL(place_calls("call", two_turns()), 0);
  const auto requests = tool.requests();
  CAF_REQUIRE_EQUAL(requests.size(), 1u);
  CAF_CHECK_EQUAL(requests[0].substr(0, 10), "POST /book");
  CAF_CHECK(requests[0].find("X-Switchboard-Signature: v1=") != std::string::npos);
  CAF_CHECK(requests[0].find(R"("guests":2)") != std::string::npos);
  CAF_CHECK(requests[0].find(R"("from":"+15550100001")") != std::string::npos);
  CAF_CHECK(model_was_told("table nine"));
  CAF_CHECK(wait_for_recordings(1));
  CAF_CHECK_EQUAL(last_words(), "Done, a table for two at seven is booked for you.");
}

CAF_TEST(a tool in a private network is not reached unless that is allowed) {
  rest_server tool{{rest_server::answer("200 OK", "inside")}};
  start(booking_profile + tool.url("localhost") + R"(/book"}]})");
  CAF_CHECK_EQUAL(place_calls("call", two_turns()), 0);
  CAF_CHECK_EQUAL(tool.requests().size(), 0u);
  CAF_CHECK(model_was_told("refused address"));
}

CAF_TEST(a transfer is announced and then dialled) {
  with_script(R"({"turns": [{"hears": "Sales, please.", "before": {"text": "I am connecting you."},
                  "tool": {"name": "transfer_call", "arguments": {"target": "sales"}}}]})");
  start(R"({"transfers": {"sales": "+15550100009"}})");
  place_calls("call", one_turn()); // the caller would like to go on
  const auto done = verbs();
  CAF_REQUIRE_EQUAL(done.size(), 4u); // the simulator's callee does not answer
  CAF_CHECK_EQUAL(done[1], "Dial: Number +15550100009");
  CAF_CHECK_EQUAL(done[2].substr(0, 4), "Say:");
  CAF_CHECK_EQUAL(done[3], "Hangup");
  CAF_REQUIRE(wait_for_recordings(1));
  CAF_CHECK_EQUAL(last_words(), "I am connecting you.");
}

CAF_TEST(keys are pressed between two streams of one call) {
  with_script(
      R"({"turns": [{"hears": "Press one.", "tool": {"name": "send_dtmf", "arguments": {"digits": "12#"}},
                  "says": {"text": "I pressed one."}}]})");
  start(R"({"tools": ["send_dtmf"]})");
  auto options = one_turn();
  options.insert(options.end(), {"--hangup-after", "15"});
  CAF_CHECK_EQUAL(place_calls("call", options), 0);
  const auto done = verbs();
  CAF_REQUIRE_EQUAL(done.size(), 3u);
  CAF_CHECK(done[1].find("digits 12#") != std::string::npos);
  CAF_CHECK_EQUAL(report("call")["calls"][0]["streams"].size(), 2u);
  CAF_REQUIRE(wait_for_recordings(1));
  CAF_CHECK_EQUAL(last_words(), "I pressed one.");
}

CAF_TEST(the keys of the caller reach the model as one text) {
  start("{}");
  CAF_CHECK_EQUAL(place_calls("call", {"--dtmf", "3:12#", "--hangup-after", "6"}), 0);
  CAF_CHECK(model_was_told("pressed on the keypad: 12#"));
}

CAF_TEST(a call past its bound ends with a goodbye) {
  with_script(
      R"({"prompts": [{"match": "has to end now", "text": "We have to stop here. Goodbye."}]})");
  start(R"({"limits": {"call_s": 5}})");
  CAF_CHECK_EQUAL(place_calls("call", {}), 0);
  CAF_CHECK_EQUAL(std::string(verbs().back()), "Hangup");
  CAF_REQUIRE(wait_for_recordings(1));
  CAF_CHECK_EQUAL(last_words(), "We have to stop here. Goodbye.");
}

CAF_TEST(a caller whose speech may not interrupt hears the agent out) {
  start(R"({"barge_in": "off"})");
  CAF_CHECK_EQUAL(
      place_calls("call", {"--say-at", "1.5:" + speech("caller_1.wav"), "--hangup-after", "6"}), 0);
  CAF_CHECK_EQUAL(report("call")["calls"][0]["streams"][0]["clears"].get<int>(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
