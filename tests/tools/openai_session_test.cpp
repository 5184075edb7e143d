#define CAF_SUITE openai_session
#define FAIL CAF_FAIL
#include "tests/tools/openai_driver.hpp"

#include <caf/test/dsl.hpp>

using namespace sim::openai;

namespace {

json input_update(const json& input) {
  json session = {{"type", "realtime"}};
  session["audio"]["input"] = input;
  return {{"type", "session.update"}, {"event_id", "su"}, {"session", session}};
}

} // namespace

CAF_TEST(a session begins with the defaults of the service) {
  session_options options;
  options.epoch_s = 1'000'000;
  driver d("{}", options);
  const auto created = d.at("session.created", "/session");
  CAF_CHECK_EQUAL(created["expires_at"], 1'003'600);
  CAF_CHECK_EQUAL(created["audio"]["input"]["turn_detection"]["silence_duration_ms"], 200);
  CAF_CHECK_EQUAL(created["audio"]["input"]["format"]["rate"], 24000);
  CAF_CHECK(created["audio"]["input"]["transcription"].is_null());
  CAF_CHECK_EQUAL(d.events.size(), 1u);
}

CAF_TEST(an update changes only what it names) {
  driver d;
  d.configure();
  const auto first = d.at("session.updated", "/session/audio/input");
  CAF_CHECK_EQUAL(first["turn_detection"]["silence_duration_ms"], 500);
  CAF_CHECK_EQUAL(first["turn_detection"]["prefix_padding_ms"], 300);
  CAF_CHECK(!first["format"].contains("rate"));
  d.send(input_update({{"turn_detection", nullptr}}));
  const auto second = d.at("session.updated", "/session/audio/input");
  CAF_CHECK(second["turn_detection"].is_null());
  CAF_CHECK_EQUAL(second["transcription"]["model"], "gpt-4o-mini-transcribe");
  d.send(input_update({{"turn_detection", {{"type", "semantic_vad"}}}}));
  CAF_CHECK_EQUAL(d.at("session.updated", "/session/audio/input/turn_detection/eagerness"), "auto");
}

CAF_TEST(a bad update is refused whole with its place and its cause) {
  const auto bad = [](json session, const std::string& code, const std::string& param) {
    driver d;
    d.send({{"type", "session.update"}, {"event_id", "mine"}, {"session", session}});
    const auto error = d.at("error", "/error");
    CAF_CHECK_EQUAL(error.value("code", ""), code);
    CAF_CHECK_EQUAL(error.value("param", ""), param);
    CAF_CHECK_EQUAL(error.value("event_id", ""), "mine");
    CAF_CHECK_EQUAL(d.count("session.updated"), 0u);
  };
  bad(json::object(), "missing_required_parameter", "session.type");
  bad({{"type", "realtime"}, {"modalities", json::array()}}, "unknown_parameter",
      "session.modalities");
  bad({{"type", "realtime"}, {"temperature", 0.8}}, "unknown_parameter", "session.temperature");
  bad({{"type", "realtime"}, {"output_modalities", {"audio", "text"}}}, "invalid_value",
      "session.output_modalities");
  bad({{"type", "realtime"}, {"instructions", 7}}, "invalid_type", "session.instructions");
  bad({{"type", "realtime"}, {"audio", {{"input", {{"format", {{"type", "g711_ulaw"}}}}}}}},
      "invalid_value", "session.audio.input.format.type");
  bad({{"type", "realtime"},
       {"audio", {{"output", {{"format", {{"type", "audio/pcm"}, {"rate", 8000}}}}}}}},
      "invalid_value", "session.audio.output.format.rate");
  bad({{"type", "realtime"},
       {"audio",
        {{"input", {{"turn_detection", {{"type", "server_vad"}, {"silence_duration_ms", -1}}}}}}}},
      "integer_below_min_value", "session.audio.input.turn_detection.silence_duration_ms");
  bad({{"type", "realtime"}, {"model", "gpt-realtime-mini"}}, "invalid_value", "session.model");
}

CAF_TEST(what is no event costs an error and nothing more) {
  driver d;
  d.send_text("{\"type\":");
  CAF_CHECK_EQUAL(d.last_error(), "invalid_json");
  d.send_text("[[[[");
  CAF_CHECK_EQUAL(d.last_error(), "invalid_json");
  d.send_text("[1]");
  CAF_CHECK_EQUAL(d.last_error(), "invalid_event");
  d.send_binary();
  CAF_CHECK_EQUAL(d.last_error(), "invalid_event");
  d.send({{"type", "session.destroy"}, {"event_id", "e7"}});
  CAF_CHECK_EQUAL(d.last_error(), "invalid_value");
  CAF_CHECK_EQUAL(d.at("error", "/error/param"), "type");
  CAF_CHECK_EQUAL(d.at("error", "/error/event_id"), "e7");
  d.configure();
  CAF_CHECK_EQUAL(d.count("session.updated"), 1u);
  CAF_CHECK_EQUAL(d.close_code, 0);
}

CAF_TEST(a turn of the caller runs through its events in order) {
  driver d(R"({"turns": [{"hears": "good day", "says": {"text": "Hello there."}}]})");
  d.configure();
  d.hush(1000);
  d.turn();
  d.run(3000);
  const auto started = d.last("input_audio_buffer.speech_started");
  CAF_CHECK_EQUAL(started["audio_start_ms"], 700);
  CAF_CHECK_EQUAL(d.at("input_audio_buffer.speech_stopped", "/audio_end_ms"), 1900);
  const auto id = started["item_id"];
  CAF_CHECK_EQUAL(d.at("input_audio_buffer.committed", "/item_id"), id);
  CAF_CHECK(d.at("input_audio_buffer.committed", "/previous_item_id").is_null());
  const auto heard = d.last("conversation.item.input_audio_transcription.completed");
  CAF_CHECK_EQUAL(heard["item_id"], id);
  CAF_CHECK_EQUAL(heard["transcript"], "good day");
  CAF_CHECK(!heard.contains("logprobs"));
  int before = -1;
  for (const char* type :
       {"input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed", "conversation.item.added", "conversation.item.done",
        "response.created", "response.output_item.added", "response.content_part.added",
        "response.output_audio.delta", "response.output_audio.done", "response.content_part.done",
        "response.output_item.done", "response.done", "rate_limits.updated"}) {
    CAF_CHECK(d.place(type) > before);
    before = d.place(type);
  }
  CAF_CHECK(d.place("conversation.item.input_audio_transcription.completed") >
            d.place("response.output_audio.delta"));
}

CAF_TEST(audio appended before the format is set is misread) {
  driver d;
  d.speak(600); // 4800 bytes of mu-law are 100 ms of 24 kHz PCM
  d.configure();
  CAF_CHECK_EQUAL(d.machine().report().value("appendedMs", 0), 100);
}

CAF_TEST(a manual turn needs its commit and at least 100 ms) {
  driver d;
  d.configure();
  d.send(input_update({{"turn_detection", nullptr}}));
  d.speak(80);
  d.send({{"type", "input_audio_buffer.commit"}, {"event_id", "c1"}});
  CAF_CHECK_EQUAL(d.count("error"), 0u);
  d.run(1000); // commit errors are late
  CAF_CHECK_EQUAL(d.last_error(), "input_audio_buffer_commit_empty");
  d.speak(500);
  d.hush(1000);
  CAF_CHECK_EQUAL(d.count("input_audio_buffer.speech_started"), 0u);
  d.send({{"type", "input_audio_buffer.commit"}});
  CAF_CHECK_EQUAL(d.count("input_audio_buffer.committed"), 1u);
  CAF_CHECK_EQUAL(d.count("response.created"), 0u);
  d.send({{"type", "input_audio_buffer.clear"}});
  CAF_CHECK_EQUAL(d.count("input_audio_buffer.cleared"), 1u);
  d.send({{"type", "input_audio_buffer.append"}, {"audio", "no base64"}});
  CAF_CHECK_EQUAL(d.last_error(), "invalid_value");
}

CAF_TEST(transcription can be late or fail or carry logprobs) {
  driver d(R"({"turns": [{"hears": "late words", "hears_after_ms": 4000},
                         {"hears": "x", "transcription_fails": true}]})");
  d.configure({{"include", {"item.input_audio_transcription.logprobs"}}});
  d.turn();
  d.run(2000);
  d.turn();
  d.run(800);
  CAF_CHECK_EQUAL(d.count("conversation.item.input_audio_transcription.failed"), 1u);
  CAF_CHECK_EQUAL(d.count("conversation.item.input_audio_transcription.completed"), 0u);
  d.run(4000);
  const auto late = d.last("conversation.item.input_audio_transcription.completed");
  CAF_CHECK_EQUAL(late["transcript"], "late words");
  CAF_CHECK_EQUAL(late["logprobs"].size(), 2u);
  CAF_CHECK_EQUAL(d.count("conversation.item.input_audio_transcription.delta"), 2u);
}

CAF_TEST(an idle caller is prompted after the model has finished speaking) {
  driver d(
      R"({"greeting": {"text": "Hello, hello, hello."}, "otherwise": {"says": {"text": "Are you there?"}}})");
  d.configure();
  d.send(input_update({{"turn_detection", {{"type", "server_vad"}, {"idle_timeout_ms", 5000}}}}));
  d.send({{"type", "response.create"}});
  d.hush(1500);
  CAF_CHECK_EQUAL(d.count("response.done"), 1u);
  d.hush(4000);
  CAF_CHECK_EQUAL(d.count("input_audio_buffer.timeout_triggered"), 0u);
  d.hush(2000);
  CAF_CHECK_EQUAL(d.count("input_audio_buffer.timeout_triggered"), 1u);
  d.run(500);
  CAF_CHECK_EQUAL(d.count("response.created"), 2u);
}

CAF_TEST(a session ends with its time) {
  session_options options;
  options.expiry_ms = 5000;
  driver d("{}", options);
  d.run(4999);
  CAF_CHECK_EQUAL(d.close_code, 0);
  d.run(1);
  CAF_CHECK_EQUAL(d.last_error(), "session_expired");
  CAF_CHECK_EQUAL(d.close_code, 1001);
  const auto before = d.events.size();
  d.configure();
  CAF_CHECK_EQUAL(d.events.size(), before);
}

CAF_TEST(a session out of quota says so and closes) {
  session_options options;
  options.out_of_quota = true;
  driver d("{}", options);
  CAF_CHECK_EQUAL(d.last_error(), "insufficient_quota");
  CAF_CHECK(d.close_code != 0);
}

CAF_TEST(the beta dialect translates both ways) {
  session_options options;
  options.spoken = dialect::beta;
  driver d("{}", options);
  d.send({{"type", "session.update"},
          {"session",
           {{"modalities", {"audio", "text"}},
            {"input_audio_format", "g711_ulaw"},
            {"output_audio_format", "g711_ulaw"},
            {"voice", "sage"},
            {"temperature", 0.7},
            {"input_audio_transcription", {{"model", "whisper-1"}}},
            {"turn_detection", {{"type", "server_vad"}, {"silence_duration_ms", 500}}}}}});
  const auto session = d.at("session.updated", "/session");
  CAF_CHECK_EQUAL(session["input_audio_format"], "g711_ulaw");
  CAF_CHECK_EQUAL(session["voice"], "sage");
  CAF_CHECK_EQUAL(session["turn_detection"]["silence_duration_ms"], 500);
  d.turn();
  d.run(5000);
  CAF_CHECK(d.count("response.audio.delta") > 0);
  CAF_CHECK(d.count("response.audio_transcript.delta") > 0);
  CAF_CHECK_EQUAL(d.count("conversation.item.created"), 2u);
  CAF_CHECK_EQUAL(d.count("response.output_audio.delta") + d.count("conversation.item.done"), 0u);
  CAF_CHECK_EQUAL(d.at("response.done", "/response/output/0/content/0/type"), "audio");
}
