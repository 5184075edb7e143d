#define CAF_SUITE openai_command
#define FAIL CAF_FAIL
#include "http/openai/command_codec.hpp"
#include "http/openai/model_address.hpp"

#include <nlohmann/json.hpp>

#include <limits>
#include <string>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::actors;

namespace {

std::string ga(const model_command& command) {
  std::string out;
  openai::render_command(command, "sb-1", conf::dialect::ga, out);
  return out;
}

std::string beta(const model_command& command) {
  std::string out;
  openai::render_command(command, "sb-1", conf::dialect::beta, out);
  return out;
}

update_session an_update() {
  update_session command;
  command.settings.instructions = "Be \"brief\".\n";
  command.settings.voice = "marin";
  command.settings.transcription_model = "gpt-4o-mini-transcribe";
  command.settings.language = "en";
  command.settings.tools = {{"end_call", "Hang up.", R"({"type":"object","properties":{}})"}};
  return command;
}

conf::config a_config() {
  conf::config config;
  config.openai_api_key = "sk-test";
  config.openai_realtime_model = "gpt realtime/2.1";
  return config;
}

} // namespace

CAF_TEST(a session update says everything in the GA shape) {
  CAF_CHECK_EQUAL(
      ga(an_update()),
      R"({"type":"session.update","event_id":"sb-1","session":{"type":"realtime",)"
      R"("output_modalities":["audio"],"instructions":"Be \"brief\".\n","audio":{"input":{)"
      R"("format":{"type":"audio/pcmu"},"transcription":{"model":"gpt-4o-mini-transcribe",)"
      R"("language":"en"},"turn_detection":{"type":"server_vad","threshold":0.5,)"
      R"("prefix_padding_ms":300,"silence_duration_ms":500,"create_response":true,)"
      R"("interrupt_response":true}},"output":{"format":{"type":"audio/pcmu"},"voice":"marin"}},)"
      R"("tools":[{"type":"function","name":"end_call","description":"Hang up.","parameters":)"
      R"({"type":"object","properties":{}}}],"tool_choice":"auto","max_output_tokens":"inf",)"
      R"("include":["item.input_audio_transcription.logprobs"]}})");
}

CAF_TEST(a session update says everything in the beta shape) {
  CAF_CHECK_EQUAL(
      beta(an_update()),
      R"({"type":"session.update","event_id":"sb-1","session":{"modalities":["audio","text"],)"
      R"("instructions":"Be \"brief\".\n","voice":"marin","input_audio_format":"g711_ulaw",)"
      R"("output_audio_format":"g711_ulaw","input_audio_transcription":{"model":)"
      R"("gpt-4o-mini-transcribe","language":"en"},"turn_detection":{"type":"server_vad",)"
      R"("threshold":0.5,"prefix_padding_ms":300,"silence_duration_ms":500,"create_response":true,)"
      R"("interrupt_response":true},"tools":[{"type":"function","name":"end_call","description":)"
      R"("Hang up.","parameters":{"type":"object","properties":{}}}],"tool_choice":"auto",)"
      R"("max_response_output_tokens":"inf"}})");
}

CAF_TEST(PCM16 and no transcription and odd numbers are written right) {
  update_session command;
  command.settings.pcmu = false;
  command.settings.vad_threshold = std::numeric_limits<double>::quiet_NaN();
  command.settings.vad_silence_ms = -5;
  command.settings.create_response = false;
  auto json = nlohmann::json::parse(ga(command));
  const auto& input = json["session"]["audio"]["input"];
  CAF_CHECK_EQUAL(input["format"].dump(), R"({"rate":24000,"type":"audio/pcm"})");
  CAF_CHECK(input["transcription"].is_null());
  CAF_CHECK_EQUAL(input["turn_detection"]["threshold"].get<double>(), 0.5);
  CAF_CHECK_EQUAL(input["turn_detection"]["silence_duration_ms"].get<int>(), 0);
  CAF_CHECK(!input["turn_detection"]["create_response"].get<bool>());
  CAF_CHECK(!json["session"].contains("include"));
  CAF_CHECK(!json["session"]["audio"]["output"].contains("voice"));
  json = nlohmann::json::parse(beta(command));
  CAF_CHECK_EQUAL(json["session"]["input_audio_format"].get<std::string>(), "pcm16");
  CAF_CHECK(json["session"]["input_audio_transcription"].is_null());
}

CAF_TEST(logprobs are asked only of models that give them) {
  auto command = an_update();
  for (const char* model : {"whisper-1", "gpt-realtime-whisper", "gpt-4o-transcribe-diarize"}) {
    command.settings.transcription_model = model;
    CAF_CHECK(!nlohmann::json::parse(ga(command))["session"].contains("include"));
  }
}

CAF_TEST(a tool with a bad schema gets an empty one) {
  auto command = an_update();
  std::string deep = R"({"a":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  command.settings.tools[0].parameters_json = deep;
  CAF_CHECK(ga(command).find(deep) != std::string::npos);
  const std::string after_nul = std::string("{}") + '\0' + "\"";
  for (const std::string& bad :
       {std::string(), std::string("{"), std::string("[]"), std::string("null"), std::string("{}}"),
        std::string("{\"a\":\"\xFF\"}"), after_nul}) {
    command.settings.tools[0].parameters_json = bad;
    auto json = nlohmann::json::parse(ga(command));
    CAF_CHECK_EQUAL(json["session"]["tools"][0]["parameters"].dump(),
                    R"({"properties":{},"type":"object"})");
  }
}

CAF_TEST(messages carry the content type of their role) {
  CAF_CHECK_EQUAL(ga(create_message{"user", "Hi", ""}),
                  R"({"type":"conversation.item.create","event_id":"sb-1","item":{"type":)"
                  R"("message","role":"user","content":[{"type":"input_text","text":"Hi"}]}})");
  CAF_CHECK_EQUAL(ga(create_message{"assistant", "Yes?", "item_1"}),
                  R"({"type":"conversation.item.create","event_id":"sb-1","item":{"id":"item_1",)"
                  R"("type":"message","role":"assistant","content":[{"type":"output_text",)"
                  R"("text":"Yes?"}]}})");
  CAF_CHECK_EQUAL(beta(create_message{"assistant", "Yes?", ""}),
                  R"({"type":"conversation.item.create","event_id":"sb-1","item":{"type":)"
                  R"("message","role":"assistant","content":[{"type":"text","text":"Yes?"}]}})");
  CAF_CHECK_EQUAL(ga(create_message{"system", "x", ""}),
                  R"({"type":"conversation.item.create","event_id":"sb-1","item":{"type":)"
                  R"("message","role":"system","content":[{"type":"input_text","text":"x"}]}})");
}

CAF_TEST(function calls and outputs are strings of JSON) {
  CAF_CHECK_EQUAL(ga(create_function_call{"call_1", "end_call", R"({"a":1})"}),
                  R"({"type":"conversation.item.create","event_id":"sb-1","item":{"type":)"
                  R"("function_call","call_id":"call_1","name":"end_call","arguments":)"
                  R"("{\"a\":1}"}})");
  CAF_CHECK_EQUAL(ga(create_function_output{"call_1", "ok"}),
                  R"({"type":"conversation.item.create","event_id":"sb-1","item":{"type":)"
                  R"("function_call_output","call_id":"call_1","output":"ok"}})");
}

CAF_TEST(responses are asked for as plainly as possible) {
  CAF_CHECK_EQUAL(ga(create_response{}), R"({"type":"response.create","event_id":"sb-1"})");
  CAF_CHECK_EQUAL(ga(create_response{"Greet.", false, ""}),
                  R"({"type":"response.create","event_id":"sb-1","response":{"instructions":)"
                  R"("Greet."}})");
  CAF_CHECK_EQUAL(ga(create_response{"Summarise.", true, "summary"}),
                  R"({"type":"response.create","event_id":"sb-1","response":{"conversation":)"
                  R"("none","output_modalities":["text"],"tools":[],"metadata":{"kind":)"
                  R"("summary"},"instructions":"Summarise."}})");
  CAF_CHECK_EQUAL(beta(create_response{"", true, ""}),
                  R"({"type":"response.create","event_id":"sb-1","response":{"conversation":)"
                  R"("none","modalities":["text"],"tools":[]}})");
  create_response bounded;
  bounded.output_tokens_max = 600;
  CAF_CHECK_EQUAL(ga(bounded), R"({"type":"response.create","event_id":"sb-1","response":)"
                               R"({"max_output_tokens":600}})");
  CAF_CHECK_EQUAL(beta(bounded), R"({"type":"response.create","event_id":"sb-1","response":)"
                                 R"({"max_response_output_tokens":600}})");
}

CAF_TEST(metadata is cut at its bound and not inside a character) {
  auto json = nlohmann::json::parse(ga(create_response{"", false, "x" + std::string(600, '\xC3')}));
  CAF_CHECK_EQUAL(json["type"].get<std::string>(), "response.create");
  std::string kind;
  for (int i = 0; i < 300; ++i)
    kind += "\xC3\xA9";
  json = nlohmann::json::parse(ga(create_response{"", false, "x" + kind}));
  CAF_CHECK_EQUAL(json["response"]["metadata"]["kind"].get<std::string>().size(), 511u);
}

CAF_TEST(cancel and truncate name what they mean) {
  CAF_CHECK_EQUAL(ga(cancel_response{""}), R"({"type":"response.cancel","event_id":"sb-1"})");
  CAF_CHECK_EQUAL(ga(cancel_response{"resp_1"}),
                  R"({"type":"response.cancel","event_id":"sb-1","response_id":"resp_1"})");
  CAF_CHECK_EQUAL(ga(truncate_item{"item_1", 1500}),
                  R"({"type":"conversation.item.truncate","event_id":"sb-1","item_id":"item_1",)"
                  R"("content_index":0,"audio_end_ms":1500})");
}

CAF_TEST(audio is appended in base64) {
  std::string out;
  openai::append_append_audio(out, audio::byte_view(std::string_view("\xFF\xFE\xFE\xFF")), 7);
  CAF_CHECK_EQUAL(out,
                  R"({"type":"input_audio_buffer.append","event_id":"sb-7","audio":"//7+/w=="})");
  out.clear();
  openai::append_append_audio(out, {}, UINT64_MAX);
  CAF_CHECK_EQUAL(out, R"({"type":"input_audio_buffer.append","event_id":")" +
                           openai::event_id_of(UINT64_MAX) + R"(","audio":""})");
}

CAF_TEST(hostile text stays inside its string) {
  std::string hostile = std::string("\"}],\\ \0\x01\x7F", 9) + "\xFF\xED\xA0\x80 \xF0\x9F\x98\x80";
  auto json = nlohmann::json::parse(ga(create_message{hostile, hostile, hostile}));
  CAF_CHECK_EQUAL(json["item"]["content"][0]["text"].get<std::string>(),
                  std::string("\"}],\\ \0\x01\x7F", 9) +
                      "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD \xF0\x9F\x98\x80");
}

CAF_TEST(the model joins the query unless something like it is there) {
  auto config = a_config();
  CAF_CHECK_EQUAL(openai::model_url(config),
                  "wss://api.openai.com/v1/realtime?model=gpt%20realtime%2F2.1");
  config.openai_realtime_url = "ws://127.0.0.1:9000/v1/realtime?x=1#part";
  CAF_CHECK_EQUAL(openai::model_url(config),
                  "ws://127.0.0.1:9000/v1/realtime?x=1&model=gpt%20realtime%2F2.1");
  config.openai_realtime_url = "ws://127.0.0.1:9000/v1/realtime?";
  CAF_CHECK_EQUAL(openai::model_url(config),
                  "ws://127.0.0.1:9000/v1/realtime?model=gpt%20realtime%2F2.1");
  for (const char* url :
       {"wss://h/v1/realtime?model=other", "wss://h/openai/realtime?api-version=1&deployment=d",
        "wss://h/v1/realtime?call_id=c", "wss://h/v1/realtime?intent=transcription"}) {
    config.openai_realtime_url = url;
    CAF_CHECK_EQUAL(openai::model_url(config), url);
  }
}

CAF_TEST(the key goes under the configured name) {
  auto config = a_config();
  auto headers = openai::model_headers(config);
  CAF_REQUIRE_EQUAL(headers.size(), 1u);
  CAF_CHECK_EQUAL(headers[0].first, "Authorization");
  CAF_CHECK_EQUAL(headers[0].second, "Bearer sk-test");
  config.openai_auth_header = "api-key";
  config.openai_dialect = conf::dialect::beta;
  headers = openai::model_headers(config);
  CAF_REQUIRE_EQUAL(headers.size(), 2u);
  CAF_CHECK_EQUAL(headers[0].first, "api-key");
  CAF_CHECK_EQUAL(headers[0].second, "sk-test");
  CAF_CHECK_EQUAL(headers[1].first, "OpenAI-Beta");
  CAF_CHECK_EQUAL(headers[1].second, "realtime=v1");
}
