#include "http/twilio/usual_message.hpp"

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
  mark = 256,
  mark_name = 512,
};
constexpr unsigned needed_of_media = event_name | stream_sid | media | timestamp | payload;
constexpr unsigned needed_of_mark = event_name | stream_sid | mark | mark_name;

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

bool read_event_name(flat_json& json, stream_event& out) {
  std::string_view name;
  if (!json.string(name))
    return false;
  out.type = name == "media" ? stream_event_type::media : stream_event_type::mark;
  return out.type == stream_event_type::media || name == "mark";
}

bool read_member(flat_json& json, std::string_view key, stream_event& out,
                 http::seen_members& seen) {
  if (key == "event")
    return seen.first(event_name) && read_event_name(json, out);
  if (key == "media")
    return seen.first(media) && json.object([&](std::string_view inner) {
      return read_media_member(json, inner, out, seen);
    });
  if (key == "streamSid")
    return seen.first(stream_sid) && json.text(out.stream_sid);
  if (key == "mark")
    return seen.first(mark) && json.object([&](std::string_view inner) {
      return inner == "name" && seen.first(mark_name) && json.text(out.mark_name);
    });
  return key == "sequenceNumber" && seen.first(sequence_number) &&
         json.quoted_number(out.sequence_number);
}

} // namespace

bool read_media_as_written(std::string_view text, stream_event& out) {
  flat_json json{text};
  const bool read = json.literal(R"({"event":"media","sequenceNumber":)") &&
                    json.quoted_number(out.sequence_number) &&
                    json.literal(R"(,"media":{"track":"inbound","chunk":)") &&
                    json.quoted_number(out.chunk) && json.literal(R"(,"timestamp":)") &&
                    json.quoted_number(out.timestamp_ms) && json.literal(R"(,"payload":)") &&
                    json.base64(out.payload) && json.literal(R"(},"streamSid":)") &&
                    json.text(out.stream_sid) && json.literal("}");
  out.type = stream_event_type::media;
  out.track = "inbound";
  return read && json.at_end() && !out.stream_sid.empty();
}

bool read_usual_message(std::string_view text, stream_event& out) {
  flat_json json{text};
  http::seen_members seen;
  const bool read =
      json.object([&](std::string_view key) { return read_member(json, key, out, seen); });
  const bool is_mark = out.type == stream_event_type::mark;
  return read && json.at_end() && seen.all(is_mark ? needed_of_mark : needed_of_media) &&
         !out.stream_sid.empty();
}

} // namespace switchboard::twilio
