#define CAF_SUITE openai_event
#define FAIL CAF_FAIL
#include "conf/defaults/openai.hpp"
#include "http/openai/event_codec.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using actors::model_event;
using actors::model_event_type;
using actors::response_status;
using openai::codec_error;

namespace {

codec_error error_of(std::string_view json) {
  model_event event;
  return openai::parse_server_event(json, event);
}

model_event parsed(std::string_view json) {
  model_event event;
  CAF_CHECK_EQUAL(openai::parse_server_event(json, event), codec_error::none);
  return event;
}

} // namespace

CAF_TEST(session events tell id and expiry) {
  auto event = parsed(R"({"type":"session.created","event_id":"event_1","session":{"id":"sess_1",)"
                      R"("object":"realtime.session","expires_at":1795345200,"tools":[],)"
                      R"("audio":{"input":{"turn_detection":{"type":"server_vad"}}}}})");
  CAF_CHECK(event.type == model_event_type::session_created);
  CAF_CHECK_EQUAL(event.event_id, "event_1");
  CAF_CHECK_EQUAL(event.session_id, "sess_1");
  CAF_CHECK_EQUAL(event.expires_at_s, 1795345200);
  event = parsed(R"({"type":"session.updated","session":{"id":"s","expires_at":null}})");
  CAF_CHECK(event.type == model_event_type::session_updated);
  CAF_CHECK_EQUAL(event.expires_at_s, 0);
}

CAF_TEST(items tell who and what and where) {
  auto event = parsed(
      R"({"type":"conversation.item.added","event_id":"e","previous_item_)"
      R"(id":"item_0","item":{"id":)"
      R"("item_1","object":"realtime.item","type":"message","status":"completed","role":"user",)"
      R"("content":[{"type":"input_audio","transcript":null}]}})");
  CAF_CHECK(event.type == model_event_type::item_added);
  CAF_CHECK_EQUAL(event.previous_item_id, "item_0");
  CAF_CHECK_EQUAL(event.item_id, "item_1");
  CAF_CHECK_EQUAL(event.item_type, "message");
  CAF_CHECK_EQUAL(event.item_role, "user");
  CAF_CHECK_EQUAL(event.item_status, "completed");
  event =
      parsed(R"({"type":"conversation.item.done","previous_item_id":null,"item":{"id":"item_2",)"
             R"("type":"message","role":"assistant","content":[{"type":"output_audio",)"
             R"("transcript":"Hello"},{"type":"output_text","text":" there"}]}})");
  CAF_CHECK(event.type == model_event_type::item_done);
  CAF_CHECK(event.previous_item_id.empty());
  CAF_CHECK_EQUAL(event.text, "Hello there");
  event = parsed(R"({"type":"response.output_item.done","response_id":"resp_1","output_index":1,)"
                 R"("item":{"id":"item_3","type":"function_call","status":"completed","name":)"
                 R"("end_call","call_id":"call_1","arguments":"{\"a\":1}"}})");
  CAF_CHECK(event.type == model_event_type::output_item_done);
  CAF_CHECK_EQUAL(event.response_id, "resp_1");
  CAF_CHECK_EQUAL(event.output_index, 1u);
  CAF_CHECK_EQUAL(event.item_type, "function_call");
  CAF_CHECK_EQUAL(event.name, "end_call");
  CAF_CHECK_EQUAL(event.call_id, "call_1");
  CAF_CHECK_EQUAL(event.text, "{\"a\":1}");
}

CAF_TEST(truncation and deletion name the item) {
  auto event = parsed(R"({"type":"conversation.item.truncated","item_id":"item_1",)"
                      R"("content_index":0,"audio_end_ms":1500})");
  CAF_CHECK(event.type == model_event_type::item_truncated);
  CAF_CHECK_EQUAL(event.item_id, "item_1");
  CAF_CHECK_EQUAL(event.audio_end_ms, 1500);
  CAF_CHECK(parsed(R"({"type":"conversation.item.deleted","item_id":"i"})").type ==
            model_event_type::item_deleted);
}

CAF_TEST(speech events tell session audio time) {
  auto event = parsed(R"({"type":"input_audio_buffer.speech_started","event_id":"e","item_id":"i",)"
                      R"("audio_start_ms":3420})");
  CAF_CHECK(event.type == model_event_type::speech_started);
  CAF_CHECK_EQUAL(event.audio_start_ms, 3420);
  event =
      parsed(R"({"type":"input_audio_buffer.speech_stopped","item_id":"i","audio_end_ms":4100.7})");
  CAF_CHECK(event.type == model_event_type::speech_stopped);
  CAF_CHECK_EQUAL(event.audio_end_ms, 4100);
  event = parsed(R"({"type":"input_audio_buffer.committed","item_id":"i","previous_item_id":"h"})");
  CAF_CHECK(event.type == model_event_type::committed);
  CAF_CHECK_EQUAL(event.previous_item_id, "h");
  event = parsed(R"({"type":"input_audio_buffer.timeout_triggered","item_id":"i",)"
                 R"("audio_start_ms":1,"audio_end_ms":2})");
  CAF_CHECK(event.type == model_event_type::timeout_triggered);
  CAF_CHECK_EQUAL(event.audio_start_ms, 1);
  CAF_CHECK_EQUAL(event.audio_end_ms, 2);
}

CAF_TEST(transcriptions carry text and confidence) {
  auto event =
      parsed(R"({"type":"conversation.item.input_audio_transcription.delta","item_id":"i",)"
             R"("content_index":0,"delta":"Hel","obfuscation":"xx"})");
  CAF_CHECK(event.type == model_event_type::transcription_delta);
  CAF_CHECK_EQUAL(event.text, "Hel");
  event = parsed(R"({"type":"conversation.item.input_audio_transcription.completed","item_id":"i",)"
                 R"("content_index":0,"transcript":"Hello","usage":{"type":"duration)"
                 R"(","seconds":2},"logprobs":)"
                 R"([{"token":"Hel","logprob":-0.1,"bytes":[72]},{"token":"lo","logp)"
                 R"(rob":-0.3,"bytes":null}]})");
  CAF_CHECK(event.type == model_event_type::transcription_completed);
  CAF_CHECK_EQUAL(event.text, "Hello");
  CAF_REQUIRE(event.confidence);
  CAF_CHECK(std::abs(*event.confidence - std::exp(-0.2)) < 1e-12);
  CAF_CHECK(!event.usage);
  for (const char* none : {"null", "[]", "[{}]", "{}"})
    CAF_CHECK(
        !parsed(std::string(R"({"type":"conversation.item.input_audio_transcription.completed",)") +
                R"("transcript":"x","logprobs":)" + none + "}")
             .confidence);
  event =
      parsed(R"({"type":"conversation.item.input_audio_transcription.failed","item_id":"i",)"
             R"("error":{"type":"t","code":"audio_unintelligible","message":"m","param":null}})");
  CAF_CHECK(event.type == model_event_type::transcription_failed);
  CAF_CHECK_EQUAL(event.error_code, "audio_unintelligible");
  CAF_CHECK_EQUAL(event.error_message, "m");
  CAF_CHECK(event.error_param.empty());
}

CAF_TEST(a confidence is never above one) {
  auto event = parsed(R"({"type":"conversation.item.input_audio_transcription.completed",)"
                      R"("transcript":"x","logprobs":[{"logprob":3.5}]})");
  CAF_REQUIRE(event.confidence);
  CAF_CHECK_EQUAL(*event.confidence, 1.0);
}

CAF_TEST(audio is decoded under both names) {
  for (const char* name : {"response.output_audio.delta", "response.audio.delta"}) {
    auto event = parsed(std::string(R"({"type":")") + name +
                        R"(","event_id":"e","response_id":"r","item_id":"i","output_index":2,)"
                        R"("content_index":1,"delta":"//7+/w=="})");
    CAF_CHECK(event.type == model_event_type::audio_delta);
    CAF_CHECK_EQUAL(event.response_id, "r");
    CAF_CHECK_EQUAL(event.item_id, "i");
    CAF_CHECK_EQUAL(event.output_index, 2u);
    CAF_CHECK_EQUAL(event.content_index, 1u);
    CAF_CHECK_EQUAL(event.audio, (audio::byte_buffer{0xFF, 0xFE, 0xFE, 0xFF}));
    CAF_CHECK(event.text.empty());
  }
}

CAF_TEST(the type may come last) {
  auto event = parsed(R"({"delta":"AAEC","item_id":"i","type":"response.output_audio.delta"})");
  CAF_CHECK(event.type == model_event_type::audio_delta);
  CAF_CHECK_EQUAL(event.audio.size(), 3u);
}

CAF_TEST(GA and beta names mean the same) {
  struct same {
    const char* ga;
    const char* beta;
    model_event_type type;
  };
  std::vector<same> pairs = {
      {"response.output_audio.delta", "response.audio.delta", model_event_type::audio_delta},
      {"response.output_audio.done", "response.audio.done", model_event_type::audio_done},
      {"response.output_audio_transcript.delta", "response.audio_transcript.delta",
       model_event_type::audio_transcript_delta},
      {"response.output_audio_transcript.done", "response.audio_transcript.done",
       model_event_type::audio_transcript_done},
      {"response.output_text.delta", "response.text.delta", model_event_type::text_delta},
      {"response.output_text.done", "response.text.done", model_event_type::text_done},
      {"conversation.item.added", "conversation.item.created", model_event_type::item_added}};
  for (const auto& x : pairs) {
    CAF_CHECK(openai::event_type_of(x.ga) == x.type);
    CAF_CHECK(openai::event_type_of(x.beta) == x.type);
  }
}

CAF_TEST(texts are found where their event has them) {
  CAF_CHECK_EQUAL(parsed(R"({"type":"response.output_audio_transcript.delta","delta":"a"})").text,
                  "a");
  CAF_CHECK_EQUAL(
      parsed(R"({"type":"response.output_audio_transcript.done","transcript":"ab"})").text, "ab");
  CAF_CHECK_EQUAL(parsed(R"({"type":"response.output_text.delta","delta":"c"})").text, "c");
  CAF_CHECK_EQUAL(parsed(R"({"type":"response.output_text.done","text":"cd"})").text, "cd");
  auto event = parsed(R"({"type":"response.function_call_arguments.delta","call_id":"call_1",)"
                      R"("delta":"{\"a\""})");
  CAF_CHECK_EQUAL(event.text, "{\"a\"");
  CAF_CHECK_EQUAL(event.call_id, "call_1");
  event = parsed(R"({"type":"response.function_call_arguments.done","call_id":"call_1",)"
                 R"("name":"end_call","arguments":"{}"})");
  CAF_CHECK_EQUAL(event.text, "{}");
  CAF_CHECK_EQUAL(event.name, "end_call");
}

CAF_TEST(response done tells status and usage) {
  auto event = parsed(
      R"({"type":"response.done","event_id":"e","response":{"id":"resp_1","object":)"
      R"("realtime.response","status":"completed","status_details":null,"output":[{"id":"item_9",)"
      R"("type":"message","content":[{"transcript":"no"}]}],"conversation)"
      R"(_id":"conv_1","metadata":null,)"
      R"("usage":{"total_tokens":127,"input_tokens":120,"output_tokens":7,"input_token_details":)"
      R"({"text_tokens":100,"audio_tokens":20,"image_tokens":0,"cached_tokens":64,)"
      R"("cached_tokens_details":{"text_tokens":64,"audio_tokens":0,"image_tokens":0}},)"
      R"("output_token_details":{"text_tokens":2,"audio_tokens":5}}}})");
  CAF_CHECK(event.type == model_event_type::response_done);
  CAF_CHECK_EQUAL(event.response_id, "resp_1");
  CAF_CHECK(event.status == response_status::completed);
  CAF_CHECK(!event.out_of_band);
  CAF_CHECK(event.item_id.empty());
  CAF_CHECK(event.text.empty());
  CAF_REQUIRE(event.usage);
  CAF_CHECK_EQUAL(event.usage->total_tokens, 127u);
  CAF_CHECK_EQUAL(event.usage->input_tokens, 120u);
  CAF_CHECK_EQUAL(event.usage->output_tokens, 7u);
  CAF_CHECK_EQUAL(event.usage->input_text_tokens, 100u);
  CAF_CHECK_EQUAL(event.usage->input_audio_tokens, 20u);
  CAF_CHECK_EQUAL(event.usage->cached_tokens, 64u);
  CAF_CHECK_EQUAL(event.usage->output_text_tokens, 2u);
  CAF_CHECK_EQUAL(event.usage->output_audio_tokens, 5u);
}

CAF_TEST(response done tells why it ended) {
  auto event = parsed(R"({"type":"response.done","response":{"id":"r","status":"cancelled",)"
                      R"("status_details":{"type":"cancelled","reason":"turn_detected"}}})");
  CAF_CHECK(event.status == response_status::cancelled);
  CAF_CHECK_EQUAL(event.status_reason, "turn_detected");
  CAF_CHECK(!event.usage);
  event = parsed(R"({"type":"response.done","response":{"id":"r","status":"failed",)"
                 R"("status_details":{"type":"failed","error":{"type":"server_error","code":)"
                 R"("rate_limit_exceeded","message":"slow down"}},"usage":null}})");
  CAF_CHECK(event.status == response_status::failed);
  CAF_CHECK_EQUAL(event.error_type, "server_error");
  CAF_CHECK_EQUAL(event.error_code, "rate_limit_exceeded");
  CAF_CHECK(parsed(R"({"type":"response.done","response":{"status":"incomplete"}})").status ==
            response_status::incomplete);
  CAF_CHECK(parsed(R"({"type":"response.created","response":{"status":"in_progress"}})").status ==
            response_status::in_progress);
  CAF_CHECK(parsed(R"({"type":"response.done","response":{"status":"odd"}})").status ==
            response_status::none);
}

CAF_TEST(a response out of band says so and names its kind) {
  auto event = parsed(R"({"type":"response.created","response":{"id":"r","status":"in_progress",)"
                      R"("conversation_id":null,"metadata":{"kind":"summary","other":"x"}}})");
  CAF_CHECK(event.type == model_event_type::response_created);
  CAF_CHECK(event.out_of_band);
  CAF_CHECK_EQUAL(event.metadata_kind, "summary");
}

CAF_TEST(errors are told apart from the event that caused them) {
  auto event = parsed(R"({"type":"error","event_id":"event_1","error":{"type":)"
                      R"("invalid_request_error","code":"invalid_value","message":"..","param":)"
                      R"("session.audio..","event_id":"my-7"}})");
  CAF_CHECK(event.type == model_event_type::error);
  CAF_CHECK_EQUAL(event.event_id, "event_1");
  CAF_CHECK_EQUAL(event.error_type, "invalid_request_error");
  CAF_CHECK_EQUAL(event.error_code, "invalid_value");
  CAF_CHECK_EQUAL(event.error_message, "..");
  CAF_CHECK_EQUAL(event.error_param, "session.audio..");
  CAF_CHECK_EQUAL(event.error_event_id, "my-7");
  event = parsed(R"({"type":"error","error":{"code":null,"message":429,"event_id":null}})");
  CAF_CHECK(event.error_code.empty());
  CAF_CHECK(event.error_message.empty());
}

CAF_TEST(what is of no use is other) {
  for (const char* name :
       {"response.content_part.added", "conversation.created", "ping", "input_audio_buffer.cleared",
        "something.new", "output_audio_buffer.started"})
    CAF_CHECK(parsed(std::string(R"({"type":")") + name + R"(","x":[{"y":{}}]})").type ==
              model_event_type::other);
  CAF_CHECK(parsed(R"({"type":"rate_limits.updated","rate_limits":[{"name":"tokens"}]})").type ==
            model_event_type::rate_limits_updated);
}

CAF_TEST(nothing of the event before is left) {
  model_event event;
  openai::parse_server_event(
      R"({"type":"response.done","event_id":"e","output_index":3,"previou)"
      R"(s_item_id":"p","call_id":"c",)"
      R"("name":"n","audio_start_ms":1,"audio_end_ms":2,"logprobs":[{"log)"
      R"(prob":0}],"item":{"id":"i",)"
      R"("type":"t","role":"r","status":"s","output":"o"},"session":{"id":"s","expires_at":5},)"
      R"("error":{"type":"t","code":"c","message":"m","param":"p","event_)"
      R"(id":"e"},"response":{"id":"r",)"
      R"("status":"failed","status_details":{"reason":"x"},"conversation_id":null,)"
      R"("metadata":{"kind":"k"},"usage":{}}})",
      event);
  CAF_CHECK(event.out_of_band);
  CAF_CHECK_EQUAL(openai::parse_server_event(R"({"type":"x"})", event), codec_error::none);
  for (const std::string& text :
       {event.event_id, event.session_id, event.response_id, event.item_id, event.previous_item_id,
        event.item_type, event.item_role, event.item_status, event.call_id, event.name, event.text,
        event.metadata_kind, event.status_reason, event.error_type, event.error_code,
        event.error_message, event.error_param, event.error_event_id})
    CAF_CHECK_EQUAL(text, "");
  CAF_CHECK(!event.confidence);
  CAF_CHECK(!event.usage);
  CAF_CHECK(!event.out_of_band);
  CAF_CHECK(event.status == response_status::none);
  CAF_CHECK_EQUAL(event.audio_start_ms + event.audio_end_ms + event.expires_at_s, 0);
  CAF_CHECK_EQUAL(event.output_index + event.content_index, 0u);
}

CAF_TEST(what cannot be used is refused with its reason) {
  for (const char* bad : {"", "null", "[]", "{", "{}x", R"({"type":"a"} {})", R"({"type":"a)",
                          "{\"type\":\"\xFF\"}", R"({"type":"error","error":{"code":"x"})"})
    CAF_CHECK_EQUAL(std::make_pair(std::string(bad), error_of(bad)),
                    std::make_pair(std::string(bad), codec_error::bad_json));
  CAF_CHECK_EQUAL(error_of("{}"), codec_error::missing_field);
  CAF_CHECK_EQUAL(error_of(R"({"type":null})"), codec_error::missing_field);
  CAF_CHECK_EQUAL(error_of(R"({"type":"response.output_audio.delta"})"),
                  codec_error::missing_field);
  CAF_CHECK_EQUAL(error_of(R"({"type":"response.output_audio.delta","delta":7})"),
                  codec_error::missing_field);
  CAF_CHECK_EQUAL(error_of(R"({"type":"response.output_audio.delta","delta":"?"})"),
                  codec_error::bad_base64);
  for (const char* bad : {"1e999", "1e17", "-1e17", "123456789012345678901234567890"})
    CAF_CHECK_EQUAL(error_of(std::string(R"({"type":"x","audio_start_ms":)") + bad + "}"),
                    codec_error::bad_number);
  CAF_CHECK_EQUAL(error_of(R"({"type":"x","output_index":-1})"), codec_error::bad_number);
  CAF_CHECK_EQUAL(error_of(R"({"type":"x","output_index":4294967296})"), codec_error::bad_number);
}

CAF_TEST(a megabyte of brackets is refused and leaves the decoder working) {
  CAF_CHECK_EQUAL(error_of(std::string(1024 * 1024, '[')), codec_error::bad_json);
  CAF_CHECK_EQUAL(error_of(std::string(1024 * 1024, '{')), codec_error::bad_json);
  std::string nested =
      R"({"type":"x","deep":)" + std::string(500'000, '[') + std::string(500'000, ']') + "}";
  CAF_CHECK_EQUAL(error_of(nested), codec_error::none);
  CAF_CHECK_EQUAL(parsed(R"({"type":"response.output_text.delta","delta":"ok"})").text, "ok");
}

CAF_TEST(large messages are read up to the bound) {
  std::string head = R"({"type":"response.output_audio.delta","delta":")";
  auto event = parsed(head + std::string(2 * 1024 * 1024, 'A') + "\"}");
  CAF_CHECK_EQUAL(event.audio.size(), 1536u * 1024);
  event = parsed(R"({"type":"response.output_text.done","text":")" +
                 std::string(2 * 1024 * 1024, 'x') + "\"}");
  CAF_CHECK_EQUAL(event.text.size(), 2u * 1024 * 1024);
  std::string over = head + std::string(defaults::openai::message_bytes_max, 'A') + "\"}";
  CAF_CHECK_EQUAL(error_of(over), codec_error::too_large);
}

CAF_TEST(every prefix of an event is refused) {
  std::string json = R"({"type":"response.done","response":{"id":"r","usage":{"total_tokens":1},)"
                     R"("metadata":{"kind":"k"},"status":"completed"},"x":[1,{"y":null}]})";
  CAF_CHECK_EQUAL(error_of(json), codec_error::none);
  for (size_t size = 0; size < json.size(); ++size)
    CAF_CHECK_EQUAL(error_of(std::string_view(json).substr(0, size)), codec_error::bad_json);
}

CAF_TEST(every error has a name) {
  for (int i = 0; i <= static_cast<int>(codec_error::too_large); ++i)
    CAF_CHECK_NOT_EQUAL(std::string(openai::to_string(static_cast<codec_error>(i))), "unknown");
}
