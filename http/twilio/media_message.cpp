#include "http/twilio/media_message.hpp"

#include "http/flat_json.hpp"

namespace switchboard::twilio {

namespace {

using http::flat_json;

/// The members, each a bit: one that comes twice is left to the parser.
enum member : unsigned {
  event_name = 1,
  sequence_number = 2,
  stream_sid = 4,
  media = 8,
  track = 16,
  chunk = 32,
  timestamp = 64,
  payload = 128,
};
constexpr unsigned needed = event_name | stream_sid | media | timestamp | payload;

bool read_media_member(flat_json& json, std::string_view key, stream_event& out,
                       http::seen_members& seen) {
  if (key == "payload")
    return seen.first(payload) && json.base64(out.payload);
  if (key == "timestamp")
    return seen.first(timestamp) && json.quoted_number(out.timestamp_ms);
  if (key == "chunk")
    return seen.first(chunk) && json.quoted_number(out.chunk);
  return key == "track" && seen.first(track) && json.text(out.track);
}

bool read_member(flat_json& json, std::string_view key, stream_event& out,
                 http::seen_members& seen) {
  if (key == "event") {
    std::string_view name;
    return seen.first(event_name) && json.string(name) && name == "media";
  }
  if (key == "media")
    return seen.first(media) && json.object([&](std::string_view inner) {
      return read_media_member(json, inner, out, seen);
    });
  if (key == "streamSid")
    return seen.first(stream_sid) && json.text(out.stream_sid);
  return key == "sequenceNumber" && seen.first(sequence_number) &&
         json.quoted_number(out.sequence_number);
}

} // namespace

bool read_media_message(std::string_view text, stream_event& out) {
  flat_json json{text};
  http::seen_members seen;
  const bool read =
      json.object([&](std::string_view key) { return read_member(json, key, out, seen); });
  out.type = stream_event_type::media;
  return read && json.at_end() && seen.all(needed) && !out.stream_sid.empty();
}

} // namespace switchboard::twilio
