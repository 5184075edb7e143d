#define CAF_SUITE model_sessions
#define FAIL CAF_FAIL
#include "tests/end_to_end/sound.hpp"
#include "tests/end_to_end/world.hpp"

#include <algorithm>
#include <cmath>

#include <caf/test/dsl.hpp>

using namespace e2e;

namespace {

struct sessions_world : world {
  bool model_logged(const std::string& what) const {
    return read_file(path("model-events.log")).find(what) != std::string::npos;
  }
  /// The voice webhook of a call, as an unsigned request; its stream never comes.
  void webhook_only(const std::string& call_sid) const {
    const auto answer = post("/twilio/incoming-call",
                             "CallSid=" + call_sid + "&AccountSid=" + account +
                                 "&From=%2B15550100001&To=%2B15550100002"
                                 "&CallStatus=ringing&Direction=inbound",
                             {"Content-Type: application/x-www-form-urlencoded"});
    CAF_REQUIRE_EQUAL(answer.status, 200);
  }
  void call_is_over(const std::string& call_sid) const {
    post("/twilio/call-status",
         "CallSid=" + call_sid + "&AccountSid=" + account + "&CallStatus=canceled",
         {"Content-Type: application/x-www-form-urlencoded"});
  }
  json metrics() const {
    return json::parse(calls().at(0)["analytics"][0]["metrics"].get<std::string>());
  }
  double recorded_seconds() const { return recording().seconds(); }
  sound recording() const {
    return load_sound(path("data/recordings/") +
                      calls().at(0)["recordings"][0]["filePath"].get<std::string>());
  }
  double sent_ms() const {
    return report("caller")["calls"][0]["totals"]["framesSent"].get<double>() * 20;
  }
  void check_apology(const texts& model_options, const variables& settings = {}) {
    start_model(model_options);
    start_server(settings);
    place_calls("caller", {"--hangup-after", "20"});
    CAF_CHECK(wait_until([&] {
      const auto rows = calls();
      return rows.size() == 1 && rows[0]["status"] == "failed";
    }));
    const auto verbs = report("caller")["calls"][0]["verbs"];
    CAF_CHECK(std::any_of(verbs.begin(), verbs.end(), [](const json& verb) {
      return verb.get<std::string>().rfind("Say", 0) == 0;
    }));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(model_sessions_tests, sessions_world)

CAF_TEST(the session is open before the stream and closed when no stream will come) {
  const std::string sid = "CA000000000000000000000000000000aa";
  start_model();
  start_server({{"TWILIO_VALIDATE_SIGNATURE", "false"}});
  webhook_only(sid);
  CAF_REQUIRE(wait_until([&] { return model_logged("session.updated"); })); // and no stream was
  call_is_over(sid);
  CAF_REQUIRE(wait_until([&] { return model_logged("closed: "); }));
  // A call whose stream comes talks to the session of its webhook and opens no other.
  CAF_CHECK_EQUAL(place_calls("caller", {"--hangup-after", "4"}), 0);
  CAF_REQUIRE(wait_until([&] {
    const auto rows = calls();
    return rows.size() == 2 && rows[0]["status"] == "completed";
  }));
  const auto sessions = model_report()["sessions"];
  CAF_REQUIRE_EQUAL(sessions.size(), 2u);
  CAF_CHECK_EQUAL(sessions[0]["close"]["code"].get<int>(), 1000);
  CAF_CHECK_EQUAL(sessions[0]["appendedMs"].get<double>(), 0.0);
  CAF_CHECK_GREATER(sessions[1]["appendedMs"].get<double>(), 2000.0);
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST(without warming up the session opens when the stream starts) {
  start_model();
  start_server({{"TWILIO_VALIDATE_SIGNATURE", "false"}, {"PREWARM_SESSIONS", "false"}});
  webhook_only("CA000000000000000000000000000000aa");
  CAF_CHECK_EQUAL(place_calls("caller", {"--hangup-after", "3"}), 0);
  CAF_CHECK_EQUAL(model_report()["sessions"].size(), 1u);
}

CAF_TEST(a session near its end is changed for the next and nobody notices) {
  start_model({"--expiry-s", "14"});
  start_server();
  CAF_CHECK_EQUAL(place_calls("caller", three_turns()), 0);
  CAF_REQUIRE(wait_for_recordings(1));
  const auto call = calls().at(0);
  CAF_CHECK_EQUAL(call["status"].get<std::string>(), "completed");
  CAF_CHECK_EQUAL(call["transcripts"].size(), 7u);
  CAF_CHECK_EQUAL(metrics()["modelRestarts"].get<int>(), 0);
  CAF_CHECK_EQUAL(metrics()["callerAudioDroppedMs"].get<int>(), 0);
  const double sent = sent_ms();
  const auto sessions = model_report()["sessions"];
  CAF_REQUIRE_GREATER_OR_EQUAL(sessions.size(), 2u);
  CAF_CHECK_EQUAL(sessions[0]["close"]["by"].get<std::string>(), "client");
  CAF_CHECK_EQUAL(sessions[0]["close"]["code"].get<int>(), 1000);
  CAF_CHECK_GREATER_OR_EQUAL(sessions[1]["history"].size(), 1u);
  double appended = 0;
  for (auto& session : sessions)
    appended += session["appendedMs"].get<double>();
  CAF_CHECK_LESS(std::abs(appended - sent), 400.0);
}

CAF_TEST(an account without quota ends in an apology) {
  check_apology({"--quota", "*"});
}

CAF_TEST(an upgrade that is refused for good ends in an apology) {
  check_apology({"--http-status", "*:401"});
}

CAF_TEST(a model that does not exist ends in an apology) {
  check_apology({}, {{"OPENAI_REALTIME_MODEL", "unknown-realtime"}});
}

CAF_TEST(frames that are withheld while the caller speaks do not hold the turn open) {
  start_model();
  start_server();
  CAF_CHECK_EQUAL(place_calls("caller", {"--say-at", "4:" + speech("caller_1.wav"), "--burst",
                                         "4.8:2500", "--hangup-after", "12"}),
                  0);
  CAF_REQUIRE(wait_for_recordings(1));
  const double sent = sent_ms();
  CAF_CHECK_LESS(std::abs(recorded_seconds() * 1000 - sent), 300.0); // nothing of it is padding
  const auto session = model_report()["sessions"][0];
  CAF_CHECK_GREATER_OR_EQUAL(session["speech"].size(), 1u);
  CAF_CHECK_LESS(std::abs(session["appendedMs"].get<double>() - (sent + 1000)), 400.0);
}

CAF_TEST(frames that are lost reach the model as silence) {
  start_model();
  start_server();
  CAF_CHECK_EQUAL(place_calls("caller", {"--say-at", "4:" + speech("caller_1.wav"), "--gap",
                                         "8:1500", "--hangup-after", "11"}),
                  0);
  CAF_REQUIRE(wait_for_recordings(1));
  const double sent = sent_ms();
  const auto session = model_report()["sessions"][0];
  CAF_CHECK_LESS(std::abs(session["appendedMs"].get<double>() - (sent + 1500)), 400.0);
}

CAF_TEST(a long gap is not silent for the caller) {
  start_model({"--drop-after", "1:6", "--silent", "2"});
  start_server();
  place_calls("caller", {"--hangup-after", "11"});
  CAF_REQUIRE(wait_for_recordings(1));
  const auto agent = at_8k(recording(), 1);
  const auto gap = part_of(agent, 9.0, 1.9); // lost at 6, the tone from 7.5 on, two seconds a round
  CAF_CHECK_GREATER(*std::max_element(gap.begin(), gap.end()), 0.02F);
}

CAF_TEST_FIXTURE_SCOPE_END()
