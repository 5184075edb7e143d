#define CAF_SUITE lost_connections
#define FAIL CAF_FAIL
#include "tests/end_to_end/sound.hpp"
#include "tests/end_to_end/world.hpp"

#include <caf/test/dsl.hpp>

using namespace e2e;

CAF_TEST_FIXTURE_SCOPE(lost_connections_tests, world)

CAF_TEST(the model socket dies while the caller speaks and the words reach the next session) {
  // The caller begins to speak 4 s into the call; the first session is cut in the middle of it.
  start_model({"--drop-after", "1:4.5"});
  start_server();
  const int carrier =
      place_calls("caller", {"--say-at", "4:" + speech("caller_1.wav"), "--hangup-after", "16"});
  CAF_CHECK_EQUAL(carrier, 0);
  CAF_REQUIRE(wait_for_recordings(1));
  const auto call = calls().at(0);
  CAF_CHECK_EQUAL(call["status"].get<std::string>(), "completed");
  const auto metrics = json::parse(call["analytics"][0]["metrics"].get<std::string>());
  CAF_CHECK_GREATER_OR_EQUAL(metrics["modelRestarts"].get<int>(), 1);
  CAF_CHECK_EQUAL(metrics["callerAudioDroppedMs"].get<int>(), 0);

  const auto model_side = model_report();
  CAF_REQUIRE_GREATER_OR_EQUAL(model_side["sessions"].size(), 2u);
  const auto& second = model_side["sessions"][1];
  CAF_CHECK_GREATER_OR_EQUAL(second["speech"].size(), 1u);  // heard what was said in the gap
  CAF_CHECK_GREATER_OR_EQUAL(second["history"].size(), 1u); // and knows what was said before
  CAF_CHECK_EQUAL(second["history"][0]["role"].get<std::string>(), "assistant");
  // Every millisecond that the caller spoke went to one of the sessions.
  const double sent_ms = report("caller")["calls"][0]["totals"]["framesSent"].get<double>() * 20;
  double appended_ms = 0;
  for (auto& session : model_side["sessions"])
    appended_ms += session["appendedMs"].get<double>();
  CAF_CHECK_LESS(std::abs(appended_ms - sent_ms), 400.0); // what was on the dead socket's way
}

/// The first session is cut a second into its greeting, which it speaks no faster than it is heard.
CAF_TEST(
    the model socket dies while the agent speaks and what was sent is heard and known to the next) {
  start_model({"--speed", "1", "--drop-after", "1:1.3"});
  start_server();
  CAF_CHECK_EQUAL(place_calls("caller", {"--turns", speech("caller_1.wav"), "--hangup-after-turns",
                                         "1", "--turn-gap-ms", "2500"}),
                  0);
  CAF_REQUIRE(wait_for_recordings(1));
  const auto call = calls().at(0);
  CAF_CHECK_EQUAL(call["status"].get<std::string>(), "completed");
  const auto& turns = call["transcripts"];
  const std::string greeting = "Hello, this is Switchboard. How can I help you today?";
  CAF_REQUIRE_GREATER_OR_EQUAL(turns.size(), 3u);
  const auto first = turns[0]["text"].get<std::string>();
  CAF_CHECK(!first.empty());
  CAF_CHECK_LESS(first.size(), greeting.size());
  CAF_CHECK_EQUAL(turns.back()["text"].get<std::string>(),
                  "We are open from noon until ten in the evening.");
  const auto model_side = model_report();
  CAF_REQUIRE_EQUAL(model_side["sessions"].size(), 2u);
  const auto& history = model_side["sessions"][1]["history"];
  CAF_REQUIRE_GREATER_OR_EQUAL(history.size(), 1u);
  CAF_CHECK_EQUAL(history[0]["role"].get<std::string>(), "assistant");
}

CAF_TEST(a model that refuses the key ends the call with an apology and not in silence) {
  start_model({"--api-key", "another-key"});
  start_server();
  place_calls("caller", {"--hangup-after", "20"});
  CAF_REQUIRE(wait_until([&] {
    const auto rows = calls();
    return rows.size() == 1 && rows[0]["status"] == "failed";
  }));
  const auto verbs = report("caller")["calls"][0]["verbs"];
  CAF_CHECK(std::any_of(verbs.begin(), verbs.end(), [](const json& verb) {
    return verb.get<std::string>().rfind("Say", 0) == 0;
  }));
}

CAF_TEST(a carrier socket lost without stop is resumed within the window on the same row) {
  start_model();
  start_server();
  const int carrier = place_calls("caller", {"--abrupt-close", "4", "--hangup-after", "9"});
  CAF_MESSAGE("carrier says " << carrier);
  CAF_REQUIRE(wait_for_recordings(1));
  const auto call = calls().at(0);
  CAF_CHECK_EQUAL(call["status"].get<std::string>(), "completed");
  const auto streams = report("caller")["calls"][0]["streams"];
  CAF_REQUIRE_EQUAL(streams.size(), 2u);
  CAF_CHECK_EQUAL(call["streamSid"], streams[1]["streamSid"]);
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST(a carrier socket that is not resumed ends the call after the window) {
  start_model();
  start_server({{"RESUME_WINDOW_S", "1"}});
  place_calls("caller", {"--abrupt-close", "3", "--vanish", "--hangup-after", "5"});
  CAF_REQUIRE(wait_for_recordings(1));
  CAF_CHECK_EQUAL(calls().at(0)["status"].get<std::string>(), "completed");
}

CAF_TEST_FIXTURE_SCOPE_END()
