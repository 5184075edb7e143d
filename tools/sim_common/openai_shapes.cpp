#include "tools/sim_common/openai_shapes.hpp"

#include "tools/sim_common/openai_schema.hpp"

namespace sim::openai {

namespace {

// Shapes of the OpenAI Realtime API (GA), after the types of npm openai@7.57.0,
// resources/realtime/realtime.d.ts. ${NAME} is replaced by the node of that name.
constexpr const char* shapes_text = R"({
"FORMAT": {"by_type": {"audio/pcm": {"rate": {"enum": [24000]}}, "audio/pcmu": {}, "audio/pcma": {}}},
"VOICE": {"any_of": [{"object": {"id": {"string": 1, "required": true}}}, {"enum": ["alloy", "ash",
  "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar"]}]},
"MODALITIES": {"enum": [["audio"], ["text"]]},
"TOKENS": {"any_of": [{"enum": ["inf"]}, {"int": [1, 4096]}]},
"TOOLS": {"array": {"by_type": {
  "function": {"name": {"string": 1, "required": true}, "description": {"string": 1}, "parameters": {"any": 1}},
  "mcp": {"server_label": {"string": 1, "required": true}, "server_url": {"string": 1}, "authorization": {"string": 1},
    "headers": {"any": 1}, "allowed_tools": {"any": 1}, "require_approval": {"any": 1},
    "connector_id": {"string": 1}, "server_description": {"string": 1}}}}},
"CHOICE": {"any_of": [{"by_type": {"function": {"name": {"string": 1, "required": true}},
  "mcp": {"server_label": {"string": 1, "required": true}, "name": {"string": 1}}}},
  {"enum": ["none", "auto", "required"]}]},
"REASONING": {"object": {"effort": {"enum": ["minimal", "low", "medium", "high", "xhigh"]}}},
"TRANSCRIPTION": {"null": true, "object": {"model": {"enum": ["whisper-1", "gpt-4o-transcribe",
  "gpt-4o-mini-transcribe", "gpt-4o-mini-transcribe-2025-12-15", "gpt-4o-transcribe-diarize",
  "gpt-transcribe", "gpt-live-transcribe", "gpt-realtime-whisper"]}, "language": {"string": 1},
  "languages": {"array": {"string": 1}}, "prompt": {"string": 1}, "keywords": {"array": {"string": 1}},
  "delay": {"enum": ["minimal", "low", "medium", "high", "xhigh"]}}},
"TURNS": {"null": true, "by_type": {
  "server_vad": {"threshold": {"number": [0, 1]}, "prefix_padding_ms": {"int": [0, 5000]},
    "silence_duration_ms": {"int": [0, 10000]}, "create_response": {"bool": 1},
    "interrupt_response": {"bool": 1}, "idle_timeout_ms": {"null": true, "int": [5000, 30000]}},
  "semantic_vad": {"eagerness": {"enum": ["low", "medium", "high", "auto"]},
    "create_response": {"bool": 1}, "interrupt_response": {"bool": 1}}}},
"SESSION": {"required": true, "object": {
  "type": {"enum": ["realtime"], "required": true}, "model": {"string": 1},
  "instructions": {"string": 1}, "output_modalities": "${MODALITIES}",
  "audio": {"object": {
    "input": {"object": {"format": "${FORMAT}", "transcription": "${TRANSCRIPTION}",
      "noise_reduction": {"null": true, "by_type": {"near_field": {"strength": {"any": 1}}, "far_field": {"strength": {"any": 1}}}},
      "turn_detection": "${TURNS}"}},
    "output": {"object": {"format": "${FORMAT}", "voice": "${VOICE}", "speed": {"number": [0.25, 1.5]}}}}},
  "tools": "${TOOLS}", "tool_choice": "${CHOICE}", "parallel_tool_calls": {"bool": 1},
  "reasoning": "${REASONING}", "max_output_tokens": "${TOKENS}",
  "include": {"null": true, "array": {"enum": ["item.input_audio_transcription.logprobs"]}},
  "prompt": {"null": true, "object": {"id": {"string": 1, "required": true}, "version": {"any": 1}, "variables": {"any": 1}}},
  "tracing": {"null": true, "any_of": [{"object": {"workflow_name": {"string": 1}, "group_id": {"string": 1}, "metadata": {"any": 1}}}, {"enum": ["auto"]}]},
  "truncation": {"any_of": [{"by_type": {"retention_ratio": {"retention_ratio": {"number": [0, 1]}, "token_limits": {"any": 1}}}}, {"enum": ["auto", "disabled"]}]}}},
"RESPONSE": {"object": {"instructions": {"string": 1}, "output_modalities": "${MODALITIES}",
  "audio": {"object": {"output": {"object": {"format": "${FORMAT}", "voice": "${VOICE}"}}}},
  "tools": "${TOOLS}", "tool_choice": "${CHOICE}", "parallel_tool_calls": {"bool": 1},
  "reasoning": "${REASONING}", "max_output_tokens": "${TOKENS}", "metadata": {"null": true, "any": 1},
  "conversation": {"enum": ["auto", "none"]}, "input": {"array": {"any": 1}}, "prompt": {"any": 1}}},
"STATUS": {"enum": ["completed", "incomplete", "in_progress"]},
"ITEM": {"required": true, "by_type": {
  "message": {"id": {"string": 1}, "object": {"any": 1}, "status": "${STATUS}",
    "role": {"enum": ["user", "assistant", "system"], "required": true},
    "content": {"required": true, "array": {"by_type": {"input_text": {"text": {"string": 1, "required": true}},
      "input_audio": {"audio": {"string": 1, "required": true}, "transcript": {"null": true, "string": 1}},
      "input_image": {"image_url": {"string": 1, "required": true}, "detail": {"string": 1}},
      "output_text": {"text": {"string": 1, "required": true}}}}}},
  "function_call": {"id": {"string": 1}, "object": {"any": 1}, "status": "${STATUS}", "call_id": {"string": 1},
    "name": {"string": 1, "required": true}, "arguments": {"string": 1, "required": true}},
  "function_call_output": {"id": {"string": 1}, "object": {"any": 1}, "status": "${STATUS}",
    "call_id": {"string": 1, "required": true}, "output": {"string": 1, "required": true}}}},
"EVENTS": {
  "session.update": {"session": "${SESSION}"},
  "input_audio_buffer.append": {"audio": {"string": 1, "required": true}},
  "input_audio_buffer.commit": {},
  "input_audio_buffer.clear": {},
  "conversation.item.create": {"item": "${ITEM}", "previous_item_id": {"null": true, "string": 1}},
  "conversation.item.retrieve": {"item_id": {"string": 1, "required": true}},
  "conversation.item.truncate": {"item_id": {"string": 1, "required": true},
    "content_index": {"int": [0, 0], "required": true}, "audio_end_ms": {"int": [0, 2147483647], "required": true}},
  "conversation.item.delete": {"item_id": {"string": 1, "required": true}},
  "response.create": {"response": "${RESPONSE}"},
  "response.cancel": {"response_id": {"string": 1}}}
})";

void resolve(json& node, const json& names) {
  if (node.is_string()) {
    const auto text = node.get<std::string>();
    if (text.rfind("${", 0) != 0)
      return;
    node = names.at(text.substr(2, text.size() - 3));
  }
  if (node.is_structured())
    for (auto& inner : node)
      resolve(inner, names);
}

const json& event_shapes() {
  static const json shapes = [] {
    const auto names = json::parse(shapes_text);
    json events = names.at("EVENTS");
    for (auto& keys : events) {
      resolve(keys, names);
      keys["event_id"] = {{"string", 1}};
    }
    return json{{"by_type", std::move(events)}};
  }();
  return shapes;
}

const json& vad_defaults(const std::string& type) {
  static const json server = {{"type", "server_vad"},       {"threshold", 0.5},
                              {"prefix_padding_ms", 300},   {"silence_duration_ms", 200},
                              {"idle_timeout_ms", nullptr}, {"create_response", true},
                              {"interrupt_response", true}};
  static const json semantic = {{"type", "semantic_vad"},
                                {"eagerness", "auto"},
                                {"create_response", true},
                                {"interrupt_response", true}};
  return type == "semantic_vad" ? semantic : server;
}

/// Objects merge key by key; everything else is replaced.
void merge(json& target, const json& update) {
  for (const auto& [key, value] : update.items()) {
    const bool nested = value.is_object() && target.contains(key) && target[key].is_object();
    if (key == "turn_detection" && value.is_object()) {
      const auto type = value["type"].get<std::string>();
      if (!nested || target[key]["type"] != type)
        target[key] = vad_defaults(type);
      merge(target[key], value);
    } else if (nested && key != "format" && key != "voice" && key != "tool_choice") {
      merge(target[key], value);
    } else {
      target[key] = value;
    }
    if (key == "format" && value["type"] == "audio/pcm")
      target[key]["rate"] = 24000;
  }
}

} // namespace

std::optional<api_error> check_client_event(const json& event) {
  if (!event.is_object())
    return api_error{"invalid_event", "The event must be a JSON object.", ""};
  return find_problem(event_shapes(), event, "");
}

json default_session(const std::string& id, const std::string& model, int64_t expires_at_s) {
  const json pcm = {{"type", "audio/pcm"}, {"rate", 24000}};
  json session = {{"type", "realtime"}, {"object", "realtime.session"}, {"id", id}};
  session["model"] = model;
  session["output_modalities"] = json::array({"audio"});
  session["instructions"] = "You are a helpful, witty, and friendly AI. Act like a human.";
  session["tools"] = json::array();
  session["tool_choice"] = "auto";
  session["max_output_tokens"] = "inf";
  session["tracing"] = nullptr;
  session["truncation"] = "auto";
  session["prompt"] = nullptr;
  session["expires_at"] = expires_at_s;
  session["audio"]["input"] = {{"format", pcm},
                               {"transcription", nullptr},
                               {"noise_reduction", nullptr},
                               {"turn_detection", vad_defaults("server_vad")}};
  session["audio"]["output"] = {{"format", pcm}, {"voice", "marin"}, {"speed", 1.0}};
  session["include"] = nullptr;
  return session;
}

void merge_session(json& session, const json& update) {
  merge(session, update);
}

std::optional<vad_settings> vad_of(const json& session) {
  const auto& turns = session["audio"]["input"]["turn_detection"];
  if (turns.is_null())
    return std::nullopt;
  if (turns["type"] == "server_vad")
    return vad_settings{turns["threshold"], turns["prefix_padding_ms"],
                        turns["silence_duration_ms"]};
  const auto eagerness = turns["eagerness"].get<std::string>();
  return vad_settings{0.5, 300, eagerness == "high" ? 400 : eagerness == "low" ? 1600 : 800};
}

} // namespace sim::openai
