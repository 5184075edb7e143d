#include "http/openai/audio_delta.hpp"

#include "http/flat_json.hpp"
#include "http/openai/event_codec.hpp"

namespace switchboard::openai {

namespace {

using actors::model_event;
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
};

bool read_type(flat_json& json) {
  std::string_view name;
  return json.string(name) && event_type_of(name) == actors::model_event_type::audio_delta;
}

bool read_member(flat_json& json, std::string_view key, model_event& out,
                 http::seen_members& seen) {
  if (key == "type")
    return seen.first(type) && read_type(json);
  if (!seen.all(type))
    return false; // providers write it first: any other event is found out at once
  if (key == "delta")
    return seen.first(delta) && json.base64(out.audio);
  if (key == "event_id")
    return seen.first(event_id) && json.text(out.event_id);
  if (key == "response_id")
    return seen.first(response_id) && json.text(out.response_id);
  if (key == "item_id")
    return seen.first(item_id) && json.text(out.item_id);
  if (key == "output_index")
    return seen.first(output_index) && json.number(out.output_index);
  return key == "content_index" && seen.first(content_index) && json.number(out.content_index);
}

} // namespace

bool read_audio_delta(std::string_view text, model_event& out) {
  flat_json json{text};
  http::seen_members seen;
  const bool read =
      json.object([&](std::string_view key) { return read_member(json, key, out, seen); });
  out.type = actors::model_event_type::audio_delta;
  return read && json.at_end() && seen.all(type | delta);
}

} // namespace switchboard::openai
