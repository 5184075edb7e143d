#define CAF_SUITE call_sessions
#define FAIL CAF_FAIL
#include "actors/call.hpp"
#include "conf/defaults/call.hpp"
#include "tests/actors/call_world.hpp"

using namespace switchboard;
using namespace switchboard::actors;
using namespace switchboard::test;
using namespace std::chrono_literals;
using type = model_event_type;

namespace {

/// A call whose caller begins to speak in the last tenth of a session of 100 s, the next one open.
struct near_the_end : call_world {
  std::shared_ptr<model_record> old_session;

  void begin_late() {
    begin();
    configure_for(100);
    agent_says("r1", "a1", "Hello.", 800);
    old_session = model.sessions[0];
    tell(type::response_created, {}, "r0"); // busy: no planned change
    pass(50'000ms, 1000ms);
    tick();
    CAF_REQUIRE_EQUAL(model.sessions.size(), 2u);
    configure_for(100);
    pass(40'500ms, 500ms);
    tell(type::response_done, {}, "r0");
    speech(type::speech_started, 89'000);
    tick();
  }
  void tell(type what, const std::string& item, const std::string& response = {},
            const std::string& text = {}) {
    enter<openai_leg>(old_session->sink);
    old_session->tell(what, item, response, text);
  }
  void speech(type what, int64_t at_ms) {
    model_event event;
    event.type = what;
    event.item_id = "u1";
    event.audio_start_ms = event.audio_end_ms = at_ms;
    enter<openai_leg>(old_session->sink);
    old_session->sink->on_model_event(event);
  }
  void answer(const std::string& text) {
    tell(type::audio_transcript_done, "a2", "r2", text);
    tell(type::audio_done, "a2", "r2");
    tell(type::response_done, {}, "r2");
    tick();
  }
};

/// A call whose model has called an HTTP tool that is still at work.
struct tool_at_work : call_world {
  tool_at_work() {
    conf::http_tool find;
    find.name = "find";
    conf::agent_profile profile;
    profile.tools = {find};
    profile.limits = {0, 0, 0, 0};
    use_profile(profile);
    tools_hold = true;
    begin();
    configure();
    caller_says("u1", "Find it.", 0, 1000);
    at_model().tell(type::response_created, {}, "r1");
    model_calls("r1", "f1", "find", R"({"a":1})");
    at_model().tell(type::response_done, {}, "r1");
    settle();
    tick();
  }
  void answered() {
    answer_tools();
    settle();
    tick();
  }
  /// The latest session was told of the call and its output, once, in this order.
  void check_told() {
    const auto calls = model.latest().sent<create_function_call>();
    const auto outputs = model.latest().sent<create_function_output>();
    CAF_REQUIRE_EQUAL(calls.size(), 1u);
    CAF_REQUIRE_EQUAL(outputs.size(), 1u);
    CAF_CHECK_EQUAL(calls[0].call_id, "f1");
    CAF_CHECK_EQUAL(calls[0].name, "find");
    CAF_CHECK_EQUAL(calls[0].arguments_json, R"({"a":1})");
    CAF_CHECK_EQUAL(outputs[0].call_id, "f1");
    CAF_CHECK_EQUAL(outputs[0].output, "found");
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(near_the_end_tests, near_the_end)

CAF_TEST(a turn near the end is heard whole by one session and then the change comes) {
  begin_late();
  CAF_CHECK_EQUAL(old_session->closes, 0u); // a tenth before the end, and the caller speaks
  caller_frames(91'000, 50, 7);
  speech(type::speech_stopped, 92'000);
  tick();
  CAF_CHECK_EQUAL(old_session->closes, 0u); // its words are not here yet
  tell(type::transcription_completed, "u1", {}, "All of it.");
  tell(type::response_created, {}, "r2");
  tick();
  CAF_CHECK_EQUAL(old_session->closes, 0u); // nor is its answer
  enter<openai_leg>(old_session->sink);
  old_session->tell_audio("a2", "r2", 80'000);
  answer("A long answer.");
  CAF_CHECK_EQUAL(old_session->closes, 1u); // though the answer is still heard
  CAF_CHECK_EQUAL(model.latest().appended().size(), 0u);
  const auto history = model.latest().sent<create_message>();
  CAF_REQUIRE_GREATER_OR_EQUAL(history.size(), 2u);
  CAF_CHECK_EQUAL(history[1].text, "All of it.");
  CAF_CHECK(model.latest().sent<create_response>().empty()); // it is answered already
}

CAF_TEST(a caller who does not stop until the very end is heard by both sessions without a hole) {
  begin_late();
  caller_frames(91'000, 50, 7);
  pass(7'500ms, 500ms);
  tick();
  CAF_CHECK_EQUAL(old_session->closes, 1u);
  const auto first_part = old_session->appended().size();
  CAF_CHECK_GREATER_OR_EQUAL(first_part, 50u * 160);
  caller_frames(99'000, 50, 8);
  CAF_CHECK_EQUAL(old_session->appended().size(), first_part);
  CAF_CHECK_EQUAL(model.latest().appended().size(), 50u * 160);
  const auto& figures = rows->figures.back();
  CAF_CHECK(figures.metrics_json->find(R"("callerAudioDroppedMs":0)") != std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST_FIXTURE_SCOPE(tool_at_work_tests, tool_at_work)

CAF_TEST(the output of a tool whose session was lost goes to the next one with its history) {
  lose_model();
  answered(); // no session is there
  pass(2'000ms);
  CAF_REQUIRE_EQUAL(model.sessions.size(), 2u);
  configure();
  check_told();
  CAF_CHECK_EQUAL(model.latest().sent<create_response>().size(), 1u);
}

CAF_TEST(an output that comes after the next session took over is told to it at once) {
  lose_model();
  pass(2'000ms);
  configure();
  CAF_CHECK(model.latest().sent<create_function_call>().empty());
  const auto asked = model.latest().sent<create_response>().size();
  at_model().tell(type::response_created, {}, "r2"); // the answer to the caller
  at_model().tell(type::response_done, {}, "r2");
  answered();
  check_told();
  CAF_CHECK_EQUAL(model.latest().sent<create_response>().size(), asked + 1);
}

CAF_TEST(an output that meets a session at its very end is told to the next one) {
  if (auto* sink = at_model().sink)
    sink->on_model_closed(closed(link_end::lost)); // the leg has not ended yet
  answer_tools();
  settle();
  pass(2'000ms);
  configure();
  check_told();
}

CAF_TEST(outputs that no session took are kept up to a bound and the newest are) {
  lose_model();
  tools_held.clear();
  for (size_t i = 0; i < defaults::call::history_tools_max + 5; ++i) {
    function_call more{"m" + std::to_string(i), "unknown", "{}"};
    caf::anon_send(call, atom::runtool_v, more); // answered by an error
    settle();
  }
  pass(2'000ms);
  configure();
  const auto outputs = model.latest().sent<create_function_output>();
  CAF_REQUIRE_EQUAL(outputs.size(), defaults::call::history_tools_max);
  CAF_CHECK_EQUAL(outputs.front().call_id, "m5");
}

CAF_TEST_FIXTURE_SCOPE_END()
