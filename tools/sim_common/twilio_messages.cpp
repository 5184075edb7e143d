#include "tools/sim_common/twilio_messages.hpp"

#include "tools/sim_common/base64.hpp"

#include <nlohmann/json.hpp>

#include <set>

namespace sim {

namespace {

using nlohmann::json;
using keys = std::set<std::string>;

constexpr int error_undecodable = 31950;
constexpr int error_invalid = 31951;

/// An event with the two members that all but `connected` have.
nlohmann::ordered_json event(const char* name, uint64_t sequence, const stream_identity& id) {
  return {
      {"event", name}, {"sequenceNumber", std::to_string(sequence)}, {"streamSid", id.stream_sid}};
}

server_message invalid(int code, std::string why) {
  server_message out;
  out.error_code = code;
  out.error = std::move(why);
  return out;
}

/// @returns What is wrong with the members of `object`, or "".
std::string check_keys(const json& object, const keys& wanted, const std::string& where) {
  for (const auto& key : wanted) {
    if (!object.contains(key)) {
      return where + "field " + key + " is missing";
    }
  }
  for (const auto& member : object.items()) {
    if (wanted.count(member.key()) == 0) {
      return where + "field " + member.key() + " is not part of the message";
    }
  }
  return {};
}

/// @returns What is wrong with the one-member object `key` of `message`, or "".
std::string check_body(const json& message, const std::string& key, const std::string& field) {
  if (auto why = check_keys(message, {"event", "streamSid", key}, ""); !why.empty()) {
    return why;
  }
  if (!message[key].is_object()) {
    return key + " is not an object";
  }
  if (auto why = check_keys(message[key], {field}, key + ": "); !why.empty()) {
    return why;
  }
  return message[key][field].is_string() ? "" : key + "." + field + " is not a string";
}

server_message read_media(const json& message) {
  if (auto why = check_body(message, "media", "payload"); !why.empty()) {
    return invalid(error_invalid, std::move(why));
  }
  auto bytes = decode_base64(message["media"]["payload"].get_ref<const std::string&>());
  if (!bytes) {
    return invalid(error_undecodable, "media.payload is not base64");
  }
  if (bytes->empty()) {
    return invalid(error_invalid, "media.payload is empty");
  }
  server_message out;
  out.kind = server_message_kind::media;
  out.payload = std::move(*bytes);
  return out;
}

server_message read_mark(const json& message) {
  if (auto why = check_body(message, "mark", "name"); !why.empty()) {
    return invalid(error_invalid, std::move(why));
  }
  server_message out;
  out.kind = server_message_kind::mark;
  out.name = message["mark"]["name"].get<std::string>();
  return out;
}

server_message read_clear(const json& message) {
  if (auto why = check_keys(message, {"event", "streamSid"}, ""); !why.empty()) {
    return invalid(error_invalid, std::move(why));
  }
  server_message out;
  out.kind = server_message_kind::clear;
  return out;
}

} // namespace

std::string connected_message() {
  return R"({"event":"connected","protocol":"Call","version":"1.0.0"})";
}

std::string start_message(uint64_t sequence, const stream_identity& id,
                          const std::map<std::string, std::string>& custom_parameters) {
  auto message = event("start", sequence, id);
  message["start"] = {
      {"accountSid", id.account_sid},
      {"streamSid", id.stream_sid},
      {"callSid", id.call_sid},
      {"tracks", {"inbound"}},
      {"mediaFormat", {{"encoding", "audio/x-mulaw"}, {"sampleRate", 8000}, {"channels", 1}}},
      {"customParameters", nlohmann::ordered_json::object()}};
  for (const auto& [name, value] : custom_parameters) {
    message["start"]["customParameters"][name] = value;
  }
  return message.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string media_message(uint64_t sequence, const stream_identity& id, uint64_t chunk,
                          int64_t timestamp_ms, std::string_view ulaw) {
  // Fifty a second for each call: put together by hand. None of the values needs escaping.
  std::string out = R"({"event":"media","sequenceNumber":")";
  out += std::to_string(sequence) + R"(","streamSid":")" + id.stream_sid;
  out += R"(","media":{"track":"inbound","chunk":")" + std::to_string(chunk);
  out += R"(","timestamp":")" + std::to_string(timestamp_ms);
  out += R"(","payload":")" + encode_base64(ulaw) + R"("}})";
  return out;
}

std::string mark_message(uint64_t sequence, const stream_identity& id, const std::string& name) {
  auto message = event("mark", sequence, id);
  message["mark"] = {{"name", name}};
  return message.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string dtmf_message(uint64_t sequence, const stream_identity& id, char digit) {
  auto message = event("dtmf", sequence, id);
  message["dtmf"] = {{"track", "inbound_track"}, {"digit", std::string(1, digit)}};
  return message.dump();
}

std::string stop_message(uint64_t sequence, const stream_identity& id) {
  auto message = event("stop", sequence, id);
  message["stop"] = {{"accountSid", id.account_sid}, {"callSid", id.call_sid}};
  return message.dump();
}

server_message parse_server_message(std::string_view text, const std::string& stream_sid) {
  const auto message = json::parse(text.begin(), text.end(), nullptr, false);
  if (message.is_discarded()) {
    return invalid(error_invalid, "not JSON");
  }
  if (!message.is_object() || !message.contains("event") || !message["event"].is_string()) {
    return invalid(error_invalid, "no event");
  }
  const auto& name = message["event"].get_ref<const std::string&>();
  if (name != "media" && name != "mark" && name != "clear") {
    return invalid(error_invalid, "unknown event " + name);
  }
  if (!message.contains("streamSid") || !message["streamSid"].is_string()) {
    return invalid(error_invalid, name + ": no streamSid");
  }
  if (message["streamSid"] != stream_sid) {
    return invalid(error_invalid, name + ": the streamSid is of another stream");
  }
  auto out = name == "media"  ? read_media(message)
             : name == "mark" ? read_mark(message)
                              : read_clear(message);
  if (!out.error.empty()) {
    out.error = name + ": " + out.error;
  }
  return out;
}

} // namespace sim
