// Realtime events and commands. Properties: audio that is read and written again is the same; an
// accepted event is read the same twice, and by the parser without the short way for audio;
// whatever text a command carries, it is one JSON object, and text that came out of an event is
// kept.
#include "audio/base64.hpp"
#include "http/openai/command_codec.hpp"
#include "http/openai/event_codec.hpp"
#include "tests/fuzz/require.hpp"

#include <nlohmann/json.hpp>

#include <string>

using namespace switchboard;

namespace {

void check_audio(const actors::model_event& event) {
  std::string json = R"({"type":"response.output_audio.delta","delta":")";
  audio::base64_append(json, event.audio);
  json += "\"}";
  actors::model_event again;
  require(openai::parse_server_event(json, again) == openai::codec_error::none);
  require(again.audio == event.audio);
}

actors::model_command command_of(const std::string& text, size_t kind) {
  actors::update_session update;
  switch (kind % 5) {
  case 0:
    update.settings.instructions = update.settings.voice = text;
    update.settings.tools = {{text, text, text}};
    return update;
  case 1:
    return actors::create_message{text, text, text};
  case 2:
    return actors::create_function_call{text, text, text};
  case 3:
    return actors::create_function_output{text, text};
  default:
    return actors::create_response{text, true, text};
  }
}

void check_command(const std::string& text, bool valid_utf8, size_t kind) {
  std::string json;
  openai::render_command(command_of(text, kind), text, conf::dialect::ga, json);
  auto parsed = nlohmann::json::parse(json, nullptr, false);
  require(parsed.is_object());
  if (valid_utf8 && !text.empty())
    require(parsed["event_id"].get<std::string>() == text);
  json.clear();
  openai::render_command(command_of(text, kind), text, conf::dialect::beta, json);
  require(nlohmann::json::accept(json));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static actors::model_event event; // reused, as the sockets do
  std::string_view json(reinterpret_cast<const char*>(data), size);
  if (openai::parse_server_event(json, event) != openai::codec_error::none) {
    check_command(std::string(json), false, size);
    return 0;
  }
  actors::model_event again;
  for (auto* parse : {openai::parse_server_event, openai::parse_any_server_event}) {
    require(parse(json, again) == openai::codec_error::none);
    require(again.type == event.type && again.text == event.text && again.item_id == event.item_id);
    require(again.response_id == event.response_id && again.audio == event.audio);
    require(again.output_index == event.output_index && again.event_id == event.event_id);
    require(again.content_index == event.content_index);
  }
  require(!event.confidence || (*event.confidence >= 0 && *event.confidence <= 1));
  if (event.type == actors::model_event_type::audio_delta)
    check_audio(event);
  check_command(event.text, true, size);
  return 0;
}
