#include "http/openai/event_codec.hpp"

#include <iterator>

namespace switchboard::openai {

namespace {

using type = actors::model_event_type;

struct named_type {
  std::string_view name;
  type value;
};

/// The most frequent first. Beta names stand beside those that took their place.
constexpr named_type names[] = {
    {"response.output_audio.delta", type::audio_delta},
    {"response.output_audio_transcript.delta", type::audio_transcript_delta},
    {"response.audio.delta", type::audio_delta},
    {"response.audio_transcript.delta", type::audio_transcript_delta},
    {"response.output_text.delta", type::text_delta},
    {"response.text.delta", type::text_delta},
    {"response.function_call_arguments.delta", type::function_arguments_delta},
    {"conversation.item.input_audio_transcription.delta", type::transcription_delta},
    {"input_audio_buffer.speech_started", type::speech_started},
    {"input_audio_buffer.speech_stopped", type::speech_stopped},
    {"input_audio_buffer.committed", type::committed},
    {"input_audio_buffer.timeout_triggered", type::timeout_triggered},
    {"conversation.item.added", type::item_added},
    {"conversation.item.created", type::item_added},
    {"conversation.item.done", type::item_done},
    {"conversation.item.truncated", type::item_truncated},
    {"conversation.item.deleted", type::item_deleted},
    {"conversation.item.input_audio_transcription.completed", type::transcription_completed},
    {"conversation.item.input_audio_transcription.failed", type::transcription_failed},
    {"response.created", type::response_created},
    {"response.output_item.added", type::output_item_added},
    {"response.output_item.done", type::output_item_done},
    {"response.output_audio.done", type::audio_done},
    {"response.audio.done", type::audio_done},
    {"response.output_audio_transcript.done", type::audio_transcript_done},
    {"response.audio_transcript.done", type::audio_transcript_done},
    {"response.output_text.done", type::text_done},
    {"response.text.done", type::text_done},
    {"response.function_call_arguments.done", type::function_arguments_done},
    {"response.done", type::response_done},
    {"rate_limits.updated", type::rate_limits_updated},
    {"error", type::error},
    {"session.created", type::session_created},
    {"session.updated", type::session_updated},
};

} // namespace

type event_type_of(std::string_view name) noexcept {
  for (const auto& candidate : names)
    if (candidate.name == name)
      return candidate.value;
  return type::other;
}

const char* to_string(codec_error error) {
  switch (error) {
  case codec_error::none:
    return "none";
  case codec_error::bad_json:
    return "bad_json";
  case codec_error::missing_field:
    return "missing_field";
  case codec_error::bad_number:
    return "bad_number";
  case codec_error::bad_base64:
    return "bad_base64";
  case codec_error::too_large:
    return "too_large";
  }
  return "unknown";
}

} // namespace switchboard::openai
