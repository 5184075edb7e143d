#define CAF_SUITE call_agent
#define FAIL CAF_FAIL
#include "actors/call.hpp"
#include "conf/defaults/tools.hpp"
#include "tests/actors/call_world.hpp"

using namespace switchboard;
using namespace switchboard::actors;
using namespace switchboard::test;
using namespace std::chrono_literals;
using type = model_event_type;

namespace {

/// A call to an agent with tools.
struct agent_world : call_world {
  void begin_with(conf::agent_profile profile) {
    profile.name = "agent";
    use_profile(std::move(profile));
    begin();
    configure();
  }
  void speak(const std::string& response, const std::string& item, size_t bytes) {
    at_model().tell(type::response_created, {}, response);
    at_model().tell_audio(item, response, bytes);
    at_model().tell(type::audio_done, item, response);
  }
  void done(const std::string& response) {
    at_model().tell(type::response_done, {}, response);
    settle();
    tick();
  }
  void echo_marks() {
    for (auto& name : wire->marks())
      at_carrier()->on_mark_echo(name);
    settle();
    tick();
  }
  std::string outputs() {
    std::string out;
    for (auto& each : model.latest().sent<create_function_output>())
      out += each.call_id + "=" + each.output + " ";
    return out;
  }
};

conf::agent_profile ends_calls() {
  conf::agent_profile profile;
  profile.end_call = true;
  return profile;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(call_agent_tests, agent_world)

CAF_TEST(the profile configures the session and names the row) {
  auto profile = ends_calls();
  profile.voice = "cedar";
  profile.instructions = "Be brief.";
  profile.language = "de";
  begin_with(profile);
  const auto updates = model.latest().sent<update_session>();
  CAF_REQUIRE_EQUAL(updates.size(), 1u);
  CAF_CHECK_EQUAL(updates[0].settings.voice, "cedar");
  CAF_CHECK_EQUAL(updates[0].settings.instructions, "Be brief.");
  CAF_CHECK_EQUAL(updates[0].settings.language, "de");
  CAF_REQUIRE_EQUAL(updates[0].settings.tools.size(), 1u);
  CAF_CHECK_EQUAL(updates[0].settings.tools[0].name, "end_call");
  CAF_CHECK_EQUAL(rows->calls[call_id].agent, "agent");
}

CAF_TEST(a goodbye is heard to its last mark before the stream is closed) {
  begin_with(ends_calls());
  speak("r1", "a1", 8000);
  model_calls("r1", "f1", "end_call");
  done("r1");
  CAF_CHECK_EQUAL(outputs(), "f1={\"ok\":true} ");
  CAF_CHECK_EQUAL(wire->closes, 0u);
  pass(500ms, 100ms);
  tick();
  CAF_CHECK_EQUAL(wire->closes, 0u);
  pass(500ms, 100ms);
  echo_marks();
  CAF_CHECK_EQUAL(wire->closes, 1u);
  carrier_closes();
  CAF_CHECK(stream_over() == after_stream::hang_up);
  CAF_CHECK_EQUAL(ended_by_rest->size(), 0u);
}

CAF_TEST(a goodbye that was not said is asked for) {
  begin_with(ends_calls());
  at_model().tell(type::response_created, {}, "r1");
  model_calls("r1", "f1", "end_call");
  done("r1");
  const auto asked = model.latest().sent<create_response>();
  CAF_REQUIRE(!asked.empty());
  CAF_CHECK(asked.back().instructions.find("goodbye") != std::string::npos);
  CAF_CHECK_EQUAL(wire->closes, 0u);
  speak("r2", "a2", 800);
  done("r2");
  CAF_CHECK_EQUAL(wire->closes, 0u);
  pass(100ms, 20ms);
  echo_marks();
  CAF_CHECK_EQUAL(wire->closes, 1u);
}

CAF_TEST(a carrier that does not ask what follows is told to hang up) {
  begin_with(ends_calls());
  hang_up();
  carrier_closes();
  model_closes();
  CAF_CHECK_EQUAL(ended_by_rest->size(), 0u);
  pass(defaults::tools::action_max + 1000ms, 500ms);
  CAF_REQUIRE_EQUAL(ended_by_rest->size(), 1u);
  CAF_CHECK_EQUAL(ended_by_rest->front(), "CA1");
  CAF_CHECK(ended->has_value());
}

CAF_TEST(a caller who hung up needs no request) {
  begin_with(ends_calls());
  caller_hangs_up();
  carrier_closes();
  model_closes();
  pass(8000ms, 500ms);
  CAF_CHECK_EQUAL(ended_by_rest->size(), 0u);
  CAF_CHECK(ended->has_value());
}

CAF_TEST(a call is transferred to whom the profile names and to nobody else) {
  conf::agent_profile profile;
  profile.transfers = {{"sales", "+15550100009"}};
  begin_with(profile);
  speak("r1", "a1", 800);
  model_calls("r1", "f1", "transfer_call", R"({"target":"+19005550000"})");
  done("r1");
  CAF_CHECK(outputs().find("no such target") != std::string::npos);
  pass(100ms, 20ms);
  echo_marks();
  CAF_CHECK_EQUAL(wire->closes, 0u);
  speak("r2", "a2", 800);
  model_calls("r2", "f2", "transfer_call", R"({"target":"sales"})");
  done("r2");
  pass(100ms, 20ms);
  echo_marks();
  CAF_CHECK_EQUAL(wire->closes, 1u);
  carrier_closes();
  const auto step = next();
  CAF_CHECK(step.what == after_stream::dial);
  CAF_CHECK_EQUAL(step.detail, "+15550100009");
  CAF_CHECK(rows->calls[call_id].status == storage::call_status::completed);
}

CAF_TEST(keys are pressed between two streams and then the function is answered) {
  conf::agent_profile profile;
  profile.send_dtmf = true;
  begin_with(profile);
  at_model().tell(type::response_created, {}, "r1");
  model_calls("r1", "f1", "send_dtmf", R"({"digits":"12#"})");
  done("r1");
  CAF_CHECK_EQUAL(outputs(), "");
  CAF_CHECK_EQUAL(wire->closes, 1u);
  carrier_closes();
  const auto step = next();
  CAF_CHECK(step.what == after_stream::press_digits);
  CAF_CHECK_EQUAL(step.detail, "12#");
  come_back();
  CAF_CHECK_EQUAL(outputs(), "f1={\"ok\":true} ");
  CAF_CHECK(!ended->has_value());
}

CAF_TEST(a tool of the profile is ordered and its output goes to the model with one response) {
  conf::agent_profile profile;
  conf::http_tool find;
  find.name = "find";
  profile.tools = {find};
  profile.greeting = "";
  begin_with(profile);
  at_model().tell(type::response_created, {}, "r1");
  model_calls("r1", "f1", "find", R"({"a":1})");
  model_calls("r1", "f2", "unknown");
  done("r1");
  CAF_REQUIRE_EQUAL(ordered->size(), 1u);
  CAF_CHECK_EQUAL(ordered->front().arguments_json, R"({"a":1})");
  CAF_CHECK_EQUAL(outputs(), "f1=found f2={\"error\":\"there is no such tool\"} ");
  CAF_CHECK_EQUAL(model.latest().sent<create_response>().size(), 1u);
}

CAF_TEST(the model pauses the recording and goes on with it and nothing of the pause is kept) {
  conf::agent_profile profile;
  profile.pause_recording = true;
  begin_with(profile);
  at_model().tell(type::response_created, {}, "r1");
  model_calls("r1", "f1", "pause_recording");
  done("r1");
  CAF_CHECK_EQUAL(model.latest().sent<create_response>().size(), 1u); // it goes on
  caller_says("u1", "4111 1111", 0, 1000);
  at_model().tell(type::response_created, {}, "r2");
  model_calls("r2", "f2", "resume_recording");
  done("r2");
  CAF_CHECK_EQUAL(outputs(), R"(f1={"recording":"paused"} f2={"recording":"on"} )");
  caller_frames(1'000, 10, 0x66);
  caller_hangs_up();
  carrier_closes();
  model_closes();
  pass(1000ms);
  CAF_CHECK_EQUAL(texts(), "[recording paused]|");
  const auto& journal = disk_log->journals.begin()->second;
  const std::string text(journal.begin(), journal.end());
  CAF_CHECK(text.find(std::string(160, 1)) == std::string::npos);
  CAF_CHECK(text.find(std::string(160, 0x66)) != std::string::npos);
  CAF_CHECK(rows->figures.back().metrics_json->find(R"("recordingPausedMs":1000)") !=
            std::string::npos);
}

CAF_TEST(a model that may not pause the recording does not ) {
  begin_with({});
  at_model().tell(type::response_created, {}, "r1");
  model_calls("r1", "f1", "pause_recording");
  done("r1");
  CAF_CHECK(outputs().find("no such tool") != std::string::npos);
  CAF_CHECK(ask<bool>(call, atom::pauserec_v, false).value == false);
}

CAF_TEST(the keys of the caller reach the model as one text) {
  begin_with({});
  at_carrier()->on_dtmf('1');
  at_carrier()->on_dtmf('2');
  settle();
  tick();
  CAF_CHECK(model.latest().sent<create_message>().empty());
  pass(defaults::tools::digit_pause, 100ms);
  tick();
  const auto told = model.latest().sent<create_message>();
  CAF_REQUIRE_EQUAL(told.size(), 1u);
  CAF_CHECK(told[0].text.find(": 12]") != std::string::npos);
}

CAF_TEST(a call past its bound says goodbye and ends) {
  conf::agent_profile profile;
  profile.limits = {10, 0, 0, 0};
  begin_with(profile);
  pass(10'000ms, 1000ms);
  tick();
  const auto asked = model.latest().sent<create_response>();
  CAF_REQUIRE(!asked.empty());
  CAF_CHECK(asked.back().instructions.find("goodbye") != std::string::npos);
  pass(defaults::tools::goodbye_start_max, 500ms); // it says nothing
  tick();
  CAF_CHECK_EQUAL(wire->closes, 1u);
}

CAF_TEST(a failed model is followed by the number of the profile) {
  conf::agent_profile profile;
  profile.fallback_number = "+15550100006";
  use_profile(profile);
  begin();
  at_model().sink->on_model_closed(closed(link_end::upgrade_refused, 0, 401));
  settle();
  carrier_closes();
  const auto step = next();
  CAF_CHECK(step.what == after_stream::dial);
  CAF_CHECK_EQUAL(step.detail, "+15550100006");
}

CAF_TEST(a caller who may not interrupt clears nothing) {
  conf::agent_profile profile;
  profile.interruptions = conf::barge_in::off;
  begin_with(profile);
  CAF_CHECK(!model.latest().sent<update_session>()[0].settings.interrupt_response);
  speak("r1", "a1", 8000);
  caller_says("u1", "Wait.", 100, 400);
  CAF_CHECK_EQUAL(wire->count(carrier_write::clear), 0u);
}

CAF_TEST(a greeting is heard whole and then the caller may interrupt) {
  conf::agent_profile profile;
  profile.greeting = "Hello.";
  profile.interruptions = conf::barge_in::off_during_greeting;
  begin_with(profile);
  speak("r1", "a1", 800);
  caller_says("u1", "Wait.", 20, 60);
  CAF_CHECK_EQUAL(wire->count(carrier_write::clear), 0u);
  done("r1");
  pass(100ms, 20ms);
  echo_marks();
  const auto changes = model.latest().sent<update_interruption>();
  CAF_REQUIRE_EQUAL(changes.size(), 1u);
  CAF_CHECK(changes[0].settings.interrupt_response);
  speak("r2", "a2", 8000);
  caller_says("u2", "Stop.", 500, 700);
  CAF_CHECK_EQUAL(wire->count(carrier_write::clear), 1u);
}

CAF_TEST(a call that is not to be recorded leaves no recording) {
  conf::agent_profile profile;
  profile.record = false;
  begin_with(profile);
  caller_frames(0, 10, 1);
  caller_hangs_up();
  carrier_closes();
  model_closes();
  pass(1000ms);
  CAF_CHECK(ended->has_value());
  CAF_CHECK_EQUAL(rows->recordings.size(), 0u);
  CAF_CHECK_EQUAL(disk_log->closed.size(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
