#include "http/twilio/stream_codec.hpp"

#include "audio/base64.hpp"
#include "conf/defaults/twilio.hpp"
#include "http/json_text.hpp"
#include "http/twilio/usual_message.hpp"

#include <simdjson.h>

#include <charconv>
#include <cstring>
#include <memory>

namespace switchboard::twilio {

namespace {

namespace ondemand = simdjson::ondemand;
namespace limits = defaults::twilio;

constexpr uint64_t counter_max = uint64_t{1} << 53; // what every JSON implementation can hold

/// One per thread, shared by its sockets: the parser's tables are several times the message.
struct decoder {
  static constexpr size_t capacity = limits::stream_message_bytes_max + simdjson::SIMDJSON_PADDING;
  ondemand::parser parser{limits::stream_message_bytes_max};
  std::unique_ptr<char[]> buffer = std::make_unique<char[]>(capacity);
};

/// Which fields that some event needs were there.
struct seen_fields {
  bool event = false, payload = false, timestamp = false, mark_name = false, digit = false;
};

codec_error error_of(simdjson::error_code code) {
  switch (code) {
  case simdjson::SUCCESS:
    return codec_error::none;
  case simdjson::INCORRECT_TYPE:
    return codec_error::wrong_type;
  case simdjson::NUMBER_ERROR:
  case simdjson::NUMBER_OUT_OF_RANGE:
    return codec_error::bad_number;
  default:
    return codec_error::bad_json;
  }
}

codec_error read_view(ondemand::value& value, std::string_view& out) {
  return error_of(value.get_string().get(out));
}

codec_error read_text(ondemand::value& value, std::string& out) {
  std::string_view text;
  codec_error problem = read_view(value, text);
  out = text;
  return problem;
}

codec_error parse_counter(std::string_view text, uint64_t& out) {
  const char* end = text.data() + text.size();
  auto [stop, problem] = std::from_chars(text.data(), end, out);
  return problem == std::errc() && stop == end && out <= counter_max ? codec_error::none
                                                                     : codec_error::bad_number;
}

codec_error read_counter(ondemand::value& value, uint64_t& out) {
  ondemand::json_type type;
  if (auto code = value.type().get(type); code != simdjson::SUCCESS)
    return error_of(code);
  if (type == ondemand::json_type::string) {
    std::string_view text;
    codec_error problem = read_view(value, text);
    return problem == codec_error::none ? parse_counter(text, out) : problem;
  }
  if (type != ondemand::json_type::number)
    return codec_error::wrong_type;
  if (value.get_uint64().get(out) != simdjson::SUCCESS || out > counter_max)
    return codec_error::bad_number;
  return codec_error::none;
}

codec_error read_small_counter(ondemand::value& value, uint32_t& out) {
  uint64_t number = 0;
  codec_error problem = read_counter(value, number);
  if (problem == codec_error::none && number > UINT32_MAX)
    return codec_error::bad_number;
  out = static_cast<uint32_t>(number);
  return problem;
}

/// Calls `member(key, value)` for each member until one is wrong.
template <class Member>
codec_error for_each_member(ondemand::object& object, Member member) {
  for (auto entry : object) {
    ondemand::field field;
    if (std::move(entry).get(field) != simdjson::SUCCESS)
      return codec_error::bad_json;
    std::string_view key;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS)
      return codec_error::bad_json;
    codec_error problem = member(key, field.value());
    if (problem != codec_error::none)
      return problem;
  }
  return codec_error::none;
}

template <class Member>
codec_error read_section(ondemand::value& value, Member member) {
  ondemand::object section;
  if (auto code = value.get_object().get(section); code != simdjson::SUCCESS)
    return error_of(code);
  return for_each_member(section, member);
}

codec_error read_payload(ondemand::value& value, stream_event& out) {
  std::string_view text;
  codec_error problem = read_view(value, text);
  if (problem != codec_error::none)
    return problem;
  return audio::base64_decode(text, out.payload) ? codec_error::none : codec_error::bad_base64;
}

codec_error read_media(ondemand::value& value, stream_event& out, seen_fields& seen) {
  return read_section(value, [&](std::string_view key, ondemand::value& member) {
    if (key == "payload") {
      seen.payload = true;
      return read_payload(member, out);
    }
    if (key == "timestamp") {
      seen.timestamp = true;
      return read_counter(member, out.timestamp_ms);
    }
    if (key == "chunk")
      return read_counter(member, out.chunk);
    if (key == "track")
      return read_text(member, out.track);
    return codec_error::none;
  });
}

codec_error read_mark(ondemand::value& value, stream_event& out, seen_fields& seen) {
  return read_section(value, [&](std::string_view key, ondemand::value& member) {
    if (key != "name")
      return codec_error::none;
    seen.mark_name = true;
    return read_text(member, out.mark_name);
  });
}

codec_error read_digit(ondemand::value& value, char& out) {
  static constexpr std::string_view digits = "0123456789*#ABCD"; // ITU-T Q.23
  std::string_view text;
  codec_error problem = read_view(value, text);
  if (problem != codec_error::none)
    return problem;
  if (text.size() != 1 || digits.find(text.front()) == std::string_view::npos)
    return codec_error::bad_value;
  out = text.front();
  return codec_error::none;
}

codec_error read_dtmf(ondemand::value& value, stream_event& out, seen_fields& seen) {
  return read_section(value, [&](std::string_view key, ondemand::value& member) {
    if (key == "digit") {
      seen.digit = true;
      return read_digit(member, out.digit);
    }
    if (key == "track")
      return read_text(member, out.track);
    return codec_error::none;
  });
}

codec_error read_format(ondemand::value& value, actors::stream_start& out) {
  return read_section(value, [&](std::string_view key, ondemand::value& member) {
    if (key == "encoding")
      return read_text(member, out.encoding);
    if (key == "sampleRate")
      return read_small_counter(member, out.sample_rate_hz);
    if (key == "channels")
      return read_small_counter(member, out.channels);
    return codec_error::none;
  });
}

codec_error read_parameters(ondemand::value& value, actors::stream_start& out) {
  return read_section(value, [&](std::string_view key, ondemand::value& member) {
    if (out.parameters.size() == limits::stream_parameters_max)
      return codec_error::too_large;
    std::string_view text;
    codec_error problem = read_view(member, text);
    if (problem == codec_error::none)
      out.parameters.emplace_back(key, text);
    return problem;
  });
}

codec_error read_start(ondemand::value& value, actors::stream_start& out) {
  return read_section(value, [&](std::string_view key, ondemand::value& member) {
    if (key == "streamSid")
      return read_text(member, out.stream_sid);
    if (key == "callSid")
      return read_text(member, out.call_sid);
    if (key == "accountSid")
      return read_text(member, out.account_sid);
    if (key == "mediaFormat")
      return read_format(member, out);
    if (key == "customParameters")
      return read_parameters(member, out);
    return codec_error::none;
  });
}

stream_event_type type_of(std::string_view name) {
  using type = stream_event_type;
  for (auto candidate :
       {type::media, type::mark, type::dtmf, type::start, type::stop, type::connected})
    if (name == to_string(candidate))
      return candidate;
  return type::unknown;
}

codec_error read_member(std::string_view key, ondemand::value& value, stream_event& out,
                        seen_fields& seen) {
  if (key == "event") {
    std::string_view name;
    codec_error problem = read_view(value, name);
    seen.event = true;
    out.type = type_of(name);
    return problem;
  }
  if (key == "sequenceNumber")
    return read_counter(value, out.sequence_number);
  if (key == "streamSid")
    return read_text(value, out.stream_sid);
  if (key == "media")
    return read_media(value, out, seen);
  if (key == "mark")
    return read_mark(value, out, seen);
  if (key == "dtmf")
    return read_dtmf(value, out, seen);
  if (key == "start")
    return read_start(value, out.start);
  return codec_error::none;
}

codec_error check_start(stream_event& out) {
  if (out.stream_sid.empty())
    out.stream_sid = out.start.stream_sid;
  if (out.start.stream_sid.empty())
    out.start.stream_sid = out.stream_sid;
  if (out.stream_sid.empty() || out.start.call_sid.empty())
    return codec_error::missing_field;
  return out.stream_sid == out.start.stream_sid ? codec_error::none : codec_error::bad_value;
}

codec_error check_complete(stream_event& out, const seen_fields& seen) {
  bool complete = true;
  switch (out.type) {
  case stream_event_type::connected:
    return codec_error::none;
  case stream_event_type::unknown:
    return seen.event ? codec_error::none : codec_error::missing_field;
  case stream_event_type::start:
    return check_start(out);
  case stream_event_type::media:
    complete = seen.payload && seen.timestamp;
    break;
  case stream_event_type::mark:
    complete = seen.mark_name;
    break;
  case stream_event_type::dtmf:
    complete = seen.digit;
    break;
  case stream_event_type::stop:
    break;
  }
  return complete && !out.stream_sid.empty() ? codec_error::none : codec_error::missing_field;
}

void reset(stream_event& event) {
  event.type = stream_event_type::unknown;
  event.sequence_number = event.timestamp_ms = event.chunk = 0;
  event.digit = 0;
  event.payload.clear();
  for (std::string* text :
       {&event.stream_sid, &event.track, &event.mark_name, &event.start.stream_sid,
        &event.start.call_sid, &event.start.account_sid, &event.start.encoding})
    text->clear();
  event.start.sample_rate_hz = 8000;
  event.start.channels = 1;
  event.start.parameters.clear();
}

void append_head(std::string& out, std::string_view event, std::string_view stream_sid) {
  out += "{\"event\":\"";
  out += event;
  out += "\",\"streamSid\":";
  http::append_json_string(out, stream_sid);
}

} // namespace

const char* to_string(stream_event_type type) {
  switch (type) {
  case stream_event_type::connected:
    return "connected";
  case stream_event_type::start:
    return "start";
  case stream_event_type::media:
    return "media";
  case stream_event_type::mark:
    return "mark";
  case stream_event_type::dtmf:
    return "dtmf";
  case stream_event_type::stop:
    return "stop";
  case stream_event_type::unknown:
    break;
  }
  return "unknown";
}

const char* to_string(codec_error error) {
  switch (error) {
  case codec_error::none:
    return "none";
  case codec_error::bad_json:
    return "bad_json";
  case codec_error::missing_field:
    return "missing_field";
  case codec_error::wrong_type:
    return "wrong_type";
  case codec_error::bad_number:
    return "bad_number";
  case codec_error::bad_base64:
    return "bad_base64";
  case codec_error::bad_value:
    return "bad_value";
  case codec_error::too_large:
    return "too_large";
  }
  return "unknown";
}

codec_error parse_stream_message(std::string_view json, stream_event& out) noexcept {
  reset(out);
  if (json.size() > limits::stream_message_bytes_max)
    return codec_error::too_large;
  if (read_media_as_written(json, out))
    return codec_error::none;
  reset(out);
  return read_usual_message(json, out) ? codec_error::none : parse_any_stream_message(json, out);
}

codec_error parse_any_stream_message(std::string_view json, stream_event& out) noexcept {
  static thread_local decoder shared;
  reset(out);
  if (json.size() > limits::stream_message_bytes_max)
    return codec_error::too_large;
  std::memcpy(shared.buffer.get(), json.data(), json.size());
  simdjson::padded_string_view padded(shared.buffer.get(), json.size(), decoder::capacity);
  ondemand::document document;
  ondemand::object root;
  if (shared.parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(root) != simdjson::SUCCESS)
    return codec_error::bad_json;
  seen_fields seen;
  codec_error problem = for_each_member(root, [&](std::string_view key, ondemand::value& value) {
    return read_member(key, value, out, seen);
  });
  if (problem != codec_error::none)
    return problem;
  if (document.current_location().error() == simdjson::SUCCESS)
    return codec_error::bad_json; // something follows the object
  return check_complete(out, seen);
}

std::string media_head(std::string_view stream_sid) {
  std::string head;
  append_head(head, "media", stream_sid);
  head += ",\"media\":{\"payload\":\"";
  return head;
}

void append_media(std::string& out, std::string_view head, audio::byte_view pcmu) {
  out += head;
  audio::base64_append(out, pcmu);
  out += "\"}}";
}

void append_mark(std::string& out, std::string_view stream_sid, std::string_view name) {
  append_head(out, "mark", stream_sid);
  out += ",\"mark\":{\"name\":";
  http::append_json_string(out, name);
  out += "}}";
}

void append_clear(std::string& out, std::string_view stream_sid) {
  append_head(out, "clear", stream_sid);
  out += '}';
}

} // namespace switchboard::twilio
