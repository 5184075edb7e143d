#include "http/openai/usual_event.hpp"

#include "http/flat_json.hpp"
#include "http/openai/event_codec.hpp"

namespace switchboard::openai {

namespace {

using actors::model_event;
using actors::model_event_type;
using http::flat_json;

/// The members, each a bit: one that comes twice is left to the parser.
enum member : unsigned {
  type = 1,
  event_id = 2,
  response_id = 4,
  item_id = 8,
  output_index = 16,
  content_index = 32,
  delta = 64,
  obfuscation = 128,
};

bool read_type(flat_json& json, model_event& out) {
  std::string_view name;
  if (!json.string(name))
    return false;
  out.type = event_type_of(name);
  return out.type == model_event_type::audio_delta ||
         out.type == model_event_type::audio_transcript_delta;
}

bool read_delta(flat_json& json, model_event& out) {
  return out.type == model_event_type::audio_delta ? json.base64(out.audio) : json.text(out.text);
}

bool read_member(flat_json& json, std::string_view key, model_event& out,
                 http::seen_members& seen) {
  if (key == "type")
    return seen.first(type) && read_type(json, out);
  if (!seen.all(type))
    return false; // providers write it first: any other event is found out at once
  if (key == "delta")
    return seen.first(delta) && read_delta(json, out);
  if (key == "event_id")
    return seen.first(event_id) && json.text(out.event_id);
  if (key == "response_id")
    return seen.first(response_id) && json.text(out.response_id);
  if (key == "item_id")
    return seen.first(item_id) && json.text(out.item_id);
  if (key == "output_index")
    return seen.first(output_index) && json.number(out.output_index);
  if (key == "content_index")
    return seen.first(content_index) && json.number(out.content_index);
  std::string_view padding; // of words, so that their lengths do not tell them
  return key == "obfuscation" && seen.first(obfuscation) && json.string(padding);
}

} // namespace

bool read_audio_as_written(std::string_view text, model_event& out) {
  flat_json json{text};
  const bool read = json.literal(R"({"type":"response.output_audio.delta","event_id":)") &&
                    json.text(out.event_id) && json.literal(R"(,"response_id":)") &&
                    json.text(out.response_id) && json.literal(R"(,"item_id":)") &&
                    json.text(out.item_id) && json.literal(R"(,"output_index":)") &&
                    json.number(out.output_index) && json.literal(R"(,"content_index":)") &&
                    json.number(out.content_index) && json.literal(R"(,"delta":)") &&
                    json.base64(out.audio) && json.literal("}");
  out.type = model_event_type::audio_delta;
  return read && json.at_end();
}

bool read_usual_event(std::string_view text, model_event& out) {
  flat_json json{text};
  http::seen_members seen;
  const bool read =
      json.object([&](std::string_view key) { return read_member(json, key, out, seen); });
  return read && json.at_end() && seen.all(type | delta);
}

} // namespace switchboard::openai
