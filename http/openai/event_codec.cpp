#include "http/openai/event_codec.hpp"

#include "audio/base64.hpp"
#include "conf/defaults/openai.hpp"
#include "http/openai/usual_event.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

namespace switchboard::openai {

namespace {

namespace ondemand = simdjson::ondemand;
namespace bounds = defaults::openai;
using actors::model_event;
using actors::model_event_type;

/// Parser and padded copy of one message.
struct decoder {
  ondemand::parser parser{bounds::message_bytes_max};
  std::string buffer;

  simdjson::padded_string_view pad(std::string_view json) {
    if (buffer.size() < json.size() + simdjson::SIMDJSON_PADDING)
      buffer.resize(json.size() + simdjson::SIMDJSON_PADDING);
    std::memcpy(buffer.data(), json.data(), json.size());
    return simdjson::padded_string_view(buffer.data(), json.size(), buffer.size());
  }
};

/// What is sorted into the event when its type is known: the type need not come first. The views
/// are into the parser's buffer.
struct loose_fields {
  std::string_view type, delta, transcript, text, arguments;
  bool has_delta = false;
};

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

/// Runs `read` if the value is of that kind; passes over any other.
template <class Read>
codec_error when(ondemand::value& value, ondemand::json_type wanted, Read read) {
  ondemand::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS)
    return codec_error::bad_json;
  return type == wanted ? read() : codec_error::none;
}

template <class Member>
codec_error read_object(ondemand::value& value, Member member) {
  return when(value, ondemand::json_type::object, [&] {
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS)
      return codec_error::bad_json;
    return for_each_member(object, member);
  });
}

template <class Element>
codec_error read_array(ondemand::value& value, Element element) {
  return when(value, ondemand::json_type::array, [&] {
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS)
      return codec_error::bad_json;
    for (auto entry : array) {
      ondemand::value item;
      // Only an rvalue gives its value. NOLINTNEXTLINE(performance-move-const-arg)
      if (std::move(entry).get(item) != simdjson::SUCCESS)
        return codec_error::bad_json;
      codec_error problem = element(item);
      if (problem != codec_error::none)
        return problem;
    }
    return codec_error::none;
  });
}

codec_error read_view(ondemand::value& value, std::string_view& out) {
  return when(value, ondemand::json_type::string, [&] {
    return value.get_string().get(out) == simdjson::SUCCESS ? codec_error::none
                                                            : codec_error::bad_json;
  });
}

codec_error read_text(ondemand::value& value, std::string& out) {
  std::string_view text;
  codec_error problem = read_view(value, text);
  out = text;
  return problem;
}

codec_error read_double(ondemand::value& value, double& out) {
  return when(value, ondemand::json_type::number, [&] {
    return value.get_double().get(out) == simdjson::SUCCESS ? codec_error::none
                                                            : codec_error::bad_number;
  });
}

/// Some providers send whole numbers with a fraction: it is dropped.
template <class Integer>
codec_error read_integer(ondemand::value& value, Integer& out) {
  double number = 0;
  codec_error problem = read_double(value, number);
  if (problem != codec_error::none)
    return problem;
  constexpr double exact_max = 9007199254740992.0; // 2^53
  const double least = std::is_signed_v<Integer> ? -exact_max : 0.0;
  const double most = std::min(exact_max, static_cast<double>(std::numeric_limits<Integer>::max()));
  if (!(number >= least && number <= most))
    return codec_error::bad_number;
  out = static_cast<Integer>(number);
  return codec_error::none;
}

codec_error read_session(ondemand::value& value, model_event& out) {
  return read_object(value, [&](std::string_view key, ondemand::value& member) {
    if (key == "id")
      return read_text(member, out.session_id);
    if (key == "expires_at")
      return read_integer(member, out.expires_at_s);
    return codec_error::none;
  });
}

codec_error read_error(ondemand::value& value, model_event& out) {
  return read_object(value, [&](std::string_view key, ondemand::value& member) {
    if (key == "type")
      return read_text(member, out.error_type);
    if (key == "code")
      return read_text(member, out.error_code);
    if (key == "message")
      return read_text(member, out.error_message);
    if (key == "param")
      return read_text(member, out.error_param);
    if (key == "event_id")
      return read_text(member, out.error_event_id);
    return codec_error::none;
  });
}

/// Parts of a message: their texts and transcripts one after the other.
codec_error read_content(ondemand::value& value, std::string& text) {
  return read_array(value, [&](ondemand::value& part) {
    return read_object(part, [&](std::string_view key, ondemand::value& member) {
      if (key != "text" && key != "transcript")
        return codec_error::none;
      std::string_view piece;
      codec_error problem = read_view(member, piece);
      text += piece;
      return problem;
    });
  });
}

codec_error read_item(ondemand::value& value, model_event& out) {
  return read_object(value, [&](std::string_view key, ondemand::value& member) {
    if (key == "id")
      return read_text(member, out.item_id);
    if (key == "type")
      return read_text(member, out.item_type);
    if (key == "role")
      return read_text(member, out.item_role);
    if (key == "status")
      return read_text(member, out.item_status);
    if (key == "call_id")
      return read_text(member, out.call_id);
    if (key == "name")
      return read_text(member, out.name);
    if (key == "arguments" || key == "output")
      return read_text(member, out.text);
    if (key == "content")
      return read_content(member, out.text);
    return codec_error::none;
  });
}

codec_error read_input_details(ondemand::value& value, actors::model_usage& out) {
  return read_object(value, [&](std::string_view key, ondemand::value& member) {
    if (key == "text_tokens")
      return read_integer(member, out.input_text_tokens);
    if (key == "audio_tokens")
      return read_integer(member, out.input_audio_tokens);
    if (key == "cached_tokens")
      return read_integer(member, out.cached_tokens);
    return codec_error::none;
  });
}

codec_error read_output_details(ondemand::value& value, actors::model_usage& out) {
  return read_object(value, [&](std::string_view key, ondemand::value& member) {
    if (key == "text_tokens")
      return read_integer(member, out.output_text_tokens);
    if (key == "audio_tokens")
      return read_integer(member, out.output_audio_tokens);
    return codec_error::none;
  });
}

codec_error read_usage(ondemand::value& value, std::optional<actors::model_usage>& out) {
  return when(value, ondemand::json_type::object, [&] {
    actors::model_usage& usage = out.emplace();
    return read_object(value, [&](std::string_view key, ondemand::value& member) {
      if (key == "total_tokens")
        return read_integer(member, usage.total_tokens);
      if (key == "input_tokens")
        return read_integer(member, usage.input_tokens);
      if (key == "output_tokens")
        return read_integer(member, usage.output_tokens);
      if (key == "input_token_details")
        return read_input_details(member, usage);
      if (key == "output_token_details")
        return read_output_details(member, usage);
      return codec_error::none;
    });
  });
}

actors::response_status status_of(std::string_view name) {
  using status = actors::response_status;
  return name == "completed"     ? status::completed
         : name == "cancelled"   ? status::cancelled
         : name == "in_progress" ? status::in_progress
         : name == "failed"      ? status::failed
         : name == "incomplete"  ? status::incomplete
                                 : status::none;
}

codec_error read_status_details(ondemand::value& value, model_event& out) {
  return read_object(value, [&](std::string_view key, ondemand::value& member) {
    if (key == "reason")
      return read_text(member, out.status_reason);
    if (key == "error")
      return read_error(member, out);
    return codec_error::none;
  });
}

codec_error read_metadata(ondemand::value& value, model_event& out) {
  return read_object(value, [&](std::string_view key, ondemand::value& member) {
    return key == "kind" ? read_text(member, out.metadata_kind) : codec_error::none;
  });
}

codec_error read_response(ondemand::value& value, model_event& out) {
  return read_object(value, [&](std::string_view key, ondemand::value& member) {
    if (key == "id")
      return read_text(member, out.response_id);
    if (key == "status") {
      std::string_view name;
      codec_error problem = read_view(member, name);
      out.status = status_of(name);
      return problem;
    }
    if (key == "status_details")
      return read_status_details(member, out);
    if (key == "metadata")
      return read_metadata(member, out);
    if (key == "usage")
      return read_usage(member, out.usage);
    if (key == "conversation_id")
      return when(member, ondemand::json_type::null, [&] {
        out.out_of_band = true;
        return codec_error::none;
      });
    return codec_error::none;
  });
}

codec_error read_logprobs(ondemand::value& value, std::optional<double>& confidence) {
  double sum = 0;
  uint64_t count = 0;
  codec_error problem = read_array(value, [&](ondemand::value& token) {
    return read_object(token, [&](std::string_view key, ondemand::value& member) {
      if (key != "logprob")
        return codec_error::none;
      ++count;
      double logprob = 0;
      codec_error bad = read_double(member, logprob);
      sum += logprob;
      return bad;
    });
  });
  if (count > 0)
    confidence = std::clamp(std::exp(sum / static_cast<double>(count)), 0.0, 1.0);
  return problem;
}

codec_error read_delta(ondemand::value& value, loose_fields& loose) {
  return when(value, ondemand::json_type::string, [&] {
    loose.has_delta = true;
    return read_view(value, loose.delta);
  });
}

codec_error read_loose(std::string_view key, ondemand::value& value, loose_fields& loose) {
  if (key == "type")
    return read_view(value, loose.type);
  if (key == "delta")
    return read_delta(value, loose);
  if (key == "transcript")
    return read_view(value, loose.transcript);
  if (key == "text")
    return read_view(value, loose.text);
  if (key == "arguments")
    return read_view(value, loose.arguments);
  return codec_error::none;
}

/// Top-level fields that mean the same in every event.
codec_error read_scalar(std::string_view key, ondemand::value& value, model_event& out) {
  if (key == "event_id")
    return read_text(value, out.event_id);
  if (key == "response_id")
    return read_text(value, out.response_id);
  if (key == "item_id")
    return read_text(value, out.item_id);
  if (key == "output_index")
    return read_integer(value, out.output_index);
  if (key == "content_index")
    return read_integer(value, out.content_index);
  if (key == "previous_item_id")
    return read_text(value, out.previous_item_id);
  if (key == "call_id")
    return read_text(value, out.call_id);
  if (key == "name")
    return read_text(value, out.name);
  if (key == "audio_start_ms")
    return read_integer(value, out.audio_start_ms);
  if (key == "audio_end_ms")
    return read_integer(value, out.audio_end_ms);
  return codec_error::none;
}

codec_error read_member(std::string_view key, ondemand::value& value, model_event& out,
                        loose_fields& loose) {
  if (key == "type" || key == "delta" || key == "transcript" || key == "text" || key == "arguments")
    return read_loose(key, value, loose);
  if (key == "item")
    return read_item(value, out);
  if (key == "response")
    return read_response(value, out);
  if (key == "session")
    return read_session(value, out);
  if (key == "error")
    return read_error(value, out);
  if (key == "logprobs")
    return read_logprobs(value, out.confidence);
  return read_scalar(key, value, out);
}

codec_error finish(const loose_fields& loose, model_event& out) {
  if (loose.type.empty())
    return codec_error::missing_field;
  out.type = event_type_of(loose.type);
  switch (out.type) {
  case model_event_type::audio_delta:
    if (!loose.has_delta)
      return codec_error::missing_field;
    return audio::base64_decode(loose.delta, out.audio) ? codec_error::none
                                                        : codec_error::bad_base64;
  case model_event_type::transcription_delta:
  case model_event_type::audio_transcript_delta:
  case model_event_type::text_delta:
  case model_event_type::function_arguments_delta:
    out.text = loose.delta;
    break;
  case model_event_type::transcription_completed:
  case model_event_type::audio_transcript_done:
    out.text = loose.transcript;
    break;
  case model_event_type::text_done:
    out.text = loose.text;
    break;
  case model_event_type::function_arguments_done:
    out.text = loose.arguments;
    break;
  default:
    break;
  }
  return codec_error::none;
}

void reset(model_event& event) {
  for (std::string* text :
       {&event.event_id, &event.session_id, &event.response_id, &event.item_id,
        &event.previous_item_id, &event.item_type, &event.item_role, &event.item_status,
        &event.call_id, &event.name, &event.text, &event.metadata_kind, &event.status_reason,
        &event.error_type, &event.error_code, &event.error_message, &event.error_param,
        &event.error_event_id})
    text->clear();
  event.type = model_event_type::other;
  event.status = actors::response_status::none;
  event.confidence.reset();
  event.audio_start_ms = event.audio_end_ms = event.expires_at_s = 0;
  event.output_index = event.content_index = 0;
  event.out_of_band = false;
  event.usage.reset();
  event.audio.clear();
}

codec_error decode(decoder& with, std::string_view json, model_event& out) {
  ondemand::document document;
  ondemand::object root;
  if (with.parser.iterate(with.pad(json)).get(document) != simdjson::SUCCESS ||
      document.get_object().get(root) != simdjson::SUCCESS)
    return codec_error::bad_json;
  loose_fields loose;
  codec_error problem = for_each_member(root, [&](std::string_view key, ondemand::value& value) {
    return read_member(key, value, out, loose);
  });
  if (problem != codec_error::none)
    return problem;
  if (document.current_location().error() == simdjson::SUCCESS)
    return codec_error::bad_json; // something follows the object
  return finish(loose, out);
}

} // namespace

codec_error parse_server_event(std::string_view json, actors::model_event& out) noexcept {
  reset(out);
  if (json.size() > bounds::message_bytes_max)
    return codec_error::too_large;
  if (read_audio_as_written(json, out))
    return codec_error::none;
  reset(out);
  return read_usual_event(json, out) ? codec_error::none : parse_any_server_event(json, out);
}

codec_error parse_any_server_event(std::string_view json, actors::model_event& out) noexcept {
  reset(out);
  if (json.size() > bounds::message_bytes_max)
    return codec_error::too_large;
  // The parser's tables are several times the message: one set per thread serves all its sockets,
  // and a huge message must not leave huge tables behind.
  static thread_local decoder shared;
  if (json.size() <= bounds::decoder_kept_bytes_max)
    return decode(shared, json, out);
  decoder once;
  return decode(once, json, out);
}

} // namespace switchboard::openai
