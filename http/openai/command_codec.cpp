#include "http/openai/command_codec.hpp"

#include "audio/base64.hpp"
#include "conf/defaults/openai.hpp"
#include "http/json_text.hpp"
#include "http/utf8.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace switchboard::openai {

namespace {

using http::json_writer;

/// Writes one command; one overload per kind.
class command_writer {
public:
  command_writer(std::string_view event_id, conf::dialect dialect, std::string& out)
      : json_(out), event_id_(event_id), beta_(dialect == conf::dialect::beta) {}

  void operator()(const actors::update_session& command);
  void operator()(const actors::create_message& command);
  void operator()(const actors::create_function_call& command);
  void operator()(const actors::create_function_output& command);
  void operator()(const actors::create_response& command);
  void operator()(const actors::cancel_response& command);
  void operator()(const actors::truncate_item& command);
  void operator()(const actors::update_interruption& command);

private:
  void begin(std::string_view type);
  void session_ga(const actors::session_settings& settings);
  void session_beta(const actors::session_settings& settings);
  void format(std::string_view key, bool pcmu);
  void transcription(std::string_view key, const actors::session_settings& settings);
  void turn_detection(const actors::session_settings& settings);
  void tools(const std::vector<actors::function_tool>& tools);
  void modalities(std::string_view first, std::string_view second = {});

  json_writer json_;
  std::string_view event_id_;
  bool beta_;
};

/// Only these transcription models are known to take the option, and an unknown option makes the
/// provider reject the whole update.
bool gives_logprobs(std::string_view model) {
  return model.substr(0, 6) == "gpt-4o" && model.find("diarize") == std::string_view::npos;
}

/// The text as it is: a document model would sort its keys, and writing one is recursive.
std::string_view schema_or_empty(std::string_view json) {
  size_t start = json.find_first_not_of(" \t\r\n");
  // The check takes a NUL for the end of the text: what follows it would go out unchecked.
  bool object = start != std::string_view::npos && json[start] == '{' &&
                json.find('\0') == std::string_view::npos;
  return object && nlohmann::json::accept(json) ? json : R"({"type":"object","properties":{}})";
}

double threshold_of(const actors::session_settings& settings) {
  return std::isfinite(settings.vad_threshold) ? std::clamp(settings.vad_threshold, 0.0, 1.0)
                                               : defaults::openai::vad_threshold;
}

int64_t milliseconds_of(int value) {
  return std::max(value, 0);
}

void command_writer::begin(std::string_view type) {
  json_.open().text("type", type);
  if (!event_id_.empty())
    json_.text("event_id", event_id_);
}

void command_writer::format(std::string_view key, bool pcmu) {
  json_.open(key).text("type", pcmu ? "audio/pcmu" : "audio/pcm");
  if (!pcmu)
    json_.number("rate", uint64_t{24'000}); // the only one the provider takes
  json_.close();
}

void command_writer::transcription(std::string_view key, const actors::session_settings& settings) {
  if (settings.transcription_model.empty()) {
    json_.null(key);
    return;
  }
  json_.open(key).text("model", settings.transcription_model);
  if (!settings.language.empty())
    json_.text("language", settings.language);
  json_.close();
}

void command_writer::turn_detection(const actors::session_settings& settings) {
  json_.open("turn_detection")
      .text("type", "server_vad")
      .number("threshold", threshold_of(settings))
      .number("prefix_padding_ms", milliseconds_of(settings.vad_prefix_padding_ms))
      .number("silence_duration_ms", milliseconds_of(settings.vad_silence_ms))
      .flag("create_response", settings.create_response)
      .flag("interrupt_response", settings.interrupt_response)
      .close();
}

void command_writer::tools(const std::vector<actors::function_tool>& tools) {
  json_.open_array("tools");
  for (const auto& tool : tools) {
    json_.open()
        .text("type", "function")
        .text("name", tool.name)
        .text("description", tool.description)
        .raw("parameters", schema_or_empty(tool.parameters_json))
        .close();
  }
  json_.close_array().text("tool_choice", "auto");
}

void command_writer::modalities(std::string_view first, std::string_view second) {
  json_.open_array(beta_ ? "modalities" : "output_modalities").element(first);
  if (!second.empty())
    json_.element(second);
  json_.close_array();
}

void command_writer::session_ga(const actors::session_settings& settings) {
  json_.text("type", "realtime");
  modalities("audio");
  json_.text("instructions", settings.instructions).open("audio").open("input");
  format("format", settings.pcmu);
  transcription("transcription", settings);
  turn_detection(settings);
  json_.close().open("output");
  format("format", settings.pcmu);
  if (!settings.voice.empty())
    json_.text("voice", settings.voice);
  json_.close().close();
  tools(settings.tools);
  json_.text("max_output_tokens", "inf");
  if (gives_logprobs(settings.transcription_model))
    json_.open_array("include").element("item.input_audio_transcription.logprobs").close_array();
}

void command_writer::session_beta(const actors::session_settings& settings) {
  std::string_view format = settings.pcmu ? "g711_ulaw" : "pcm16";
  modalities("audio", "text");
  json_.text("instructions", settings.instructions);
  if (!settings.voice.empty())
    json_.text("voice", settings.voice);
  json_.text("input_audio_format", format).text("output_audio_format", format);
  transcription("input_audio_transcription", settings);
  turn_detection(settings);
  tools(settings.tools);
  json_.text("max_response_output_tokens", "inf");
}

void command_writer::operator()(const actors::update_session& command) {
  begin("session.update");
  json_.open("session");
  if (beta_)
    session_beta(command.settings);
  else
    session_ga(command.settings);
  json_.close().close();
}

void command_writer::operator()(const actors::create_message& command) {
  begin("conversation.item.create");
  json_.open("item");
  if (!command.item_id.empty())
    json_.text("id", command.item_id);
  bool assistant = command.role == "assistant";
  json_.text("type", "message").text("role", command.role).open_array("content").open();
  json_.text("type", !assistant ? "input_text"
                     : beta_    ? "text"
                                : "output_text")
      .text("text", command.text)
      .close()
      .close_array()
      .close()
      .close();
}

void command_writer::operator()(const actors::create_function_call& command) {
  begin("conversation.item.create");
  json_.open("item")
      .text("type", "function_call")
      .text("call_id", command.call_id)
      .text("name", command.name)
      .text("arguments", command.arguments_json)
      .close()
      .close();
}

void command_writer::operator()(const actors::create_function_output& command) {
  begin("conversation.item.create");
  json_.open("item")
      .text("type", "function_call_output")
      .text("call_id", command.call_id)
      .text("output", command.output)
      .close()
      .close();
}

void command_writer::operator()(const actors::create_response& command) {
  begin("response.create");
  if (command.instructions.empty() && command.metadata_kind.empty() && !command.out_of_band_text &&
      command.output_tokens_max == 0) {
    json_.close();
    return;
  }
  json_.open("response");
  if (command.out_of_band_text) {
    json_.text("conversation", "none");
    modalities("text");
    json_.open_array("tools").close_array();
  }
  if (!command.metadata_kind.empty())
    json_.open("metadata")
        .text("kind",
              http::utf8_prefix(command.metadata_kind, defaults::openai::metadata_value_bytes_max))
        .close();
  if (!command.instructions.empty())
    json_.text("instructions", command.instructions);
  if (command.output_tokens_max > 0)
    json_.number(beta_ ? "max_response_output_tokens" : "max_output_tokens",
                 uint64_t{command.output_tokens_max});
  json_.close().close();
}

void command_writer::operator()(const actors::cancel_response& command) {
  begin("response.cancel");
  if (!command.response_id.empty())
    json_.text("response_id", command.response_id);
  json_.close();
}

void command_writer::operator()(const actors::truncate_item& command) {
  begin("conversation.item.truncate");
  json_.text("item_id", command.item_id)
      .number("content_index", uint64_t{0}) // the audio of an assistant's item is its only part
      .number("audio_end_ms", command.audio_end_ms)
      .close();
}

void command_writer::operator()(const actors::update_interruption& command) {
  begin("session.update");
  json_.open("session");
  if (!beta_)
    json_.text("type", "realtime").open("audio").open("input");
  turn_detection(command.settings);
  if (!beta_)
    json_.close().close();
  json_.close().close();
}

} // namespace

std::string event_id_of(uint64_t number) {
  return "sb-" + std::to_string(number);
}

void append_append_audio(std::string& out, audio::byte_view audio, uint64_t number) {
  out += R"({"type":"input_audio_buffer.append","event_id":"sb-)"; // event_id_of(), each frame
  http::append_json_number(out, number);
  out += R"(","audio":")";
  audio::base64_append(out, audio);
  out += "\"}";
}

void render_command(const actors::model_command& command, std::string_view event_id,
                    conf::dialect dialect, std::string& out) {
  std::visit(command_writer(event_id, dialect, out), command);
}

} // namespace switchboard::openai
