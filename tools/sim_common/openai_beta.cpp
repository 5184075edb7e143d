#include "tools/sim_common/openai_beta.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>

namespace sim::openai {

namespace {

const std::map<std::string, std::string>& beta_types() {
  static const std::map<std::string, std::string> names = {
      {"response.output_audio.delta", "response.audio.delta"},
      {"response.output_audio.done", "response.audio.done"},
      {"response.output_audio_transcript.delta", "response.audio_transcript.delta"},
      {"response.output_audio_transcript.done", "response.audio_transcript.done"},
      {"response.output_text.delta", "response.text.delta"},
      {"response.output_text.done", "response.text.done"},
      {"conversation.item.added", "conversation.item.created"}};
  return names;
}

constexpr std::array<std::pair<const char*, const char*>, 3> formats = {
    {{"audio/pcmu", "g711_ulaw"}, {"audio/pcma", "g711_alaw"}, {"audio/pcm", "pcm16"}}};

json format_from_beta(const json& name) {
  for (const auto& [ga, beta] : formats)
    if (name == beta)
      return {{"type", ga}};
  return {{"type", name}};
}

json format_to_beta(const json& format) {
  for (const auto& [ga, beta] : formats)
    if (format["type"] == ga)
      return beta;
  return format;
}

/// Moves a key to its GA place, if it is there.
template <class Change>
void move_key(json& from, const char* key, json& to, Change change) {
  if (!from.contains(key))
    return;
  const json value = std::move(from[key]);
  from.erase(key);
  change(to, value);
}

void modalities_from_beta(json& body) {
  move_key(body, "modalities", body, [](json& to, const json& value) {
    const bool audio =
        value.is_array() && std::find(value.begin(), value.end(), "audio") != value.end();
    to["output_modalities"] = json::array({audio ? "audio" : "text"});
  });
}

void body_from_beta(json& body, bool whole_session) {
  modalities_from_beta(body);
  json audio = json::object();
  move_key(body, "output_audio_format", audio,
           [](json& to, const json& value) { to["output"]["format"] = format_from_beta(value); });
  move_key(body, "voice", audio,
           [](json& to, const json& value) { to["output"]["voice"] = value; });
  move_key(body, "max_response_output_tokens", body,
           [](json& to, const json& value) { to["max_output_tokens"] = value; });
  body.erase("temperature"); // gone in GA; the simulator has no use for it
  if (whole_session) {
    move_key(body, "speed", audio,
             [](json& to, const json& value) { to["output"]["speed"] = value; });
    move_key(body, "input_audio_format", audio,
             [](json& to, const json& value) { to["input"]["format"] = format_from_beta(value); });
    for (const auto& [beta, ga] : {std::make_pair("input_audio_transcription", "transcription"),
                                   std::make_pair("input_audio_noise_reduction", "noise_reduction"),
                                   std::make_pair("turn_detection", "turn_detection")})
      move_key(body, beta, audio,
               [ga = ga](json& to, const json& value) { to["input"][ga] = value; });
    body["type"] = "realtime";
  }
  if (!audio.empty())
    body["audio"] = audio;
}

void item_from_beta(json& item) {
  if (!item.is_object() || !item.contains("content") || !item["content"].is_array())
    return;
  for (auto& part : item["content"])
    if (part.is_object() && part.value("type", "") == "text")
      part["type"] = item.value("role", "") == "assistant" ? "output_text" : "input_text";
}

void item_to_beta(json& item) {
  if (!item.contains("content"))
    return;
  for (auto& part : item["content"]) {
    if (part["type"] == "output_text")
      part["type"] = "text";
    else if (part["type"] == "output_audio")
      part["type"] = "audio";
  }
}

json modalities_to_beta(const json& modalities) {
  return modalities[0] == "audio" ? json::array({"audio", "text"}) : json::array({"text"});
}

json session_to_beta(const json& ga) {
  const auto& in = ga["audio"]["input"];
  const auto& out = ga["audio"]["output"];
  json beta = {{"object", ga["object"]}, {"id", ga["id"]}, {"model", ga["model"]}};
  beta["expires_at"] = ga["expires_at"];
  beta["modalities"] = modalities_to_beta(ga["output_modalities"]);
  beta["instructions"] = ga["instructions"];
  beta["voice"] = out["voice"];
  beta["speed"] = out["speed"];
  beta["input_audio_format"] = format_to_beta(in["format"]);
  beta["output_audio_format"] = format_to_beta(out["format"]);
  beta["input_audio_transcription"] = in["transcription"];
  beta["input_audio_noise_reduction"] = in["noise_reduction"];
  beta["turn_detection"] = in["turn_detection"];
  beta["tools"] = ga["tools"];
  beta["tool_choice"] = ga["tool_choice"];
  beta["temperature"] = 0.8;
  beta["max_response_output_tokens"] = ga["max_output_tokens"];
  return beta;
}

void response_to_beta(json& response) {
  response["modalities"] = modalities_to_beta(response["output_modalities"]);
  const json output = response["audio"]["output"];
  response["voice"] = output["voice"];
  response["output_audio_format"] = format_to_beta(output["format"]);
  response.erase("output_modalities");
  response.erase("audio");
  for (auto& item : response["output"])
    item_to_beta(item);
}

} // namespace

json from_beta(json event) {
  if (!event.is_object())
    return event;
  const auto type = event.contains("type") ? event["type"] : json();
  if (type == "session.update" && event.contains("session") && event["session"].is_object())
    body_from_beta(event["session"], true);
  else if (type == "response.create" && event.contains("response") && event["response"].is_object())
    body_from_beta(event["response"], false);
  else if (type == "conversation.item.create" && event.contains("item"))
    item_from_beta(event["item"]);
  return event;
}

std::vector<json> to_beta(json event) {
  const auto type = event["type"].get<std::string>();
  if (type == "conversation.item.done")
    return {};
  const auto name = beta_types().find(type);
  if (name != beta_types().end())
    event["type"] = name->second;
  if (event.contains("session"))
    event["session"] = session_to_beta(event["session"]);
  if (event.contains("response"))
    response_to_beta(event["response"]);
  if (event.contains("item"))
    item_to_beta(event["item"]);
  std::vector<json> out;
  out.push_back(std::move(event));
  return out;
}

} // namespace sim::openai
