#pragma once

#include "actors/link_close.hpp"
#include "audio/bytes.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace switchboard::actors {

/// Events of a realtime model session, decoded (GA names; the beta names map to the same).
enum class model_event_type : uint8_t {
  session_created,
  session_updated,
  item_added, ///< conversation.item.added / beta .created
  item_done,
  item_truncated,
  item_deleted,
  transcription_delta, ///< conversation.item.input_audio_transcription.*
  transcription_completed,
  transcription_failed,
  speech_started,
  speech_stopped,
  committed,
  timeout_triggered,
  response_created,
  output_item_added,
  output_item_done,
  audio_delta,
  audio_done,
  audio_transcript_delta,
  audio_transcript_done,
  text_delta,
  text_done,
  function_arguments_delta,
  function_arguments_done,
  response_done,
  rate_limits_updated,
  error,
  other, ///< known to exist but of no use here, or new: ignored
};

const char* to_string(model_event_type);

enum class response_status : uint8_t {
  none,
  in_progress,
  completed,
  cancelled,
  failed,
  incomplete
};

/// Token counts of response.done.
struct model_usage {
  uint64_t total_tokens = 0, input_tokens = 0, output_tokens = 0;
  uint64_t input_text_tokens = 0, input_audio_tokens = 0, cached_tokens = 0;
  uint64_t output_text_tokens = 0, output_audio_tokens = 0;
};

/// One server event. Only the fields of its type are set; the object is reused from event to event,
/// so a sink copies what it keeps.
struct model_event {
  model_event_type type = model_event_type::other;
  std::string event_id;
  std::string session_id;
  std::string response_id;
  std::string item_id;
  std::string previous_item_id; ///< empty = first or not given
  std::string item_type;        ///< message, function_call, function_call_output
  std::string item_role;        ///< user, assistant, system
  std::string item_status;
  std::string call_id;       ///< of a function call
  std::string name;          ///< of a function
  std::string text;          ///< delta, transcript, text or arguments
  std::string metadata_kind; ///< response.metadata.kind: marks our out-of-band responses
  response_status status = response_status::none;
  std::string status_reason; ///< turn_detected, client_cancelled, max_output_tokens, ...
  std::string error_type, error_code, error_message, error_param, error_event_id;
  std::optional<double> confidence; ///< exp(mean logprob) of a transcription, 0..1
  int64_t audio_start_ms = 0;       ///< session audio time
  int64_t audio_end_ms = 0;
  int64_t expires_at_s = 0; ///< epoch seconds of session.created, 0 = not given
  uint32_t output_index = 0;
  uint32_t content_index = 0;
  bool out_of_band = false; ///< response.conversation_id is null
  std::optional<model_usage> usage;
  audio::byte_buffer audio; ///< audio_delta: decoded from base64, in the session's format
};

class model_events {
public:
  virtual ~model_events() = default;
  /// The WebSocket is open (101 received); events follow.
  virtual void on_model_open() = 0;
  virtual void on_model_event(const model_event&) = 0;
  /// All that one read of the socket brought has been delivered.
  virtual void on_model_read_end() = 0;
  /// The session is gone; nothing follows. Called exactly once, never from inside a command.
  virtual void on_model_closed(const link_close&) = 0;
};

// -- commands (protocols: every one carries an event_id that errors name) -------------------------

struct function_tool {
  std::string name, description;
  std::string parameters_json; ///< a JSON Schema object
};

struct session_settings {
  std::string instructions;
  std::string voice;
  std::string transcription_model; ///< empty = no transcription
  std::string language;            ///< ISO 639-1, empty = let the model find out
  bool pcmu = true;                ///< else PCM16 24 kHz
  double vad_threshold = 0.5;
  int vad_prefix_padding_ms = 300;
  int vad_silence_ms = 500;
  bool create_response = true;
  bool interrupt_response = true;
  std::vector<function_tool> tools;
};

struct update_session {
  session_settings settings;
};
/// Changes who may interrupt, and nothing else: an update of the voice is refused once it was
/// heard.
struct update_interruption {
  session_settings settings;
};
/// Replays or adds a message. role: user, assistant, system.
struct create_message {
  std::string role, text;
  std::string item_id;
};
struct create_function_call {
  std::string call_id, name, arguments_json;
};
struct create_function_output {
  std::string call_id, output;
};
struct create_response {
  std::string instructions;      ///< empty = the session's
  bool out_of_band_text = false; ///< conversation none, text only, no tools
  std::string metadata_kind;
  uint32_t output_tokens_max = 0; ///< 0 = the session's
};
struct cancel_response {
  std::string response_id;
};
struct truncate_item {
  std::string item_id;
  uint64_t audio_end_ms;
};

using model_command =
    std::variant<update_session, create_message, create_function_call, create_function_output,
                 create_response, cancel_response, truncate_item, update_interruption>;

/// One model session on one socket, as its leg sees it. Lives on the line. Destroying it closes the
/// socket without ceremony.
class model_link {
public:
  virtual ~model_link() = default;
  /// Queues one input_audio_buffer.append. @param audio in the session's format, 1 byte..1 MiB.
  virtual void append_audio(audio::byte_view audio) = 0;
  /// Queues a command. @returns the event_id given to it.
  virtual std::string send(const model_command&) = 0;
  /// Writes all that is queued: one system call if the socket takes it.
  virtual void flush() = 0;
  virtual void close(uint16_t code, std::string_view reason) = 0;
};

/// Opens model sessions on one line.
class model_connector {
public:
  virtual ~model_connector() = default;
  /// Starts connecting; never blocks, never fails at once: failures come as on_model_closed().
  virtual std::unique_ptr<model_link> connect(model_events* sink) = 0;
};

} // namespace switchboard::actors
