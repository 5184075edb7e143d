#pragma once

#include "actors/carrier_link.hpp"
#include "audio/bytes.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// Twilio Media Streams: messages of the WebSocket, both ways. Pure; any thread.
namespace switchboard::twilio {

enum class stream_event_type : uint8_t { connected, start, media, mark, dtmf, stop, unknown };

const char* to_string(stream_event_type);

/// Why a message could not be used.
enum class codec_error : uint8_t {
  none,
  bad_json,      ///< not one JSON object, or not UTF-8
  missing_field, ///< one that its event needs
  wrong_type,    ///< a known field of another JSON type
  bad_number,    ///< a counter that is none, or over 2^53
  bad_base64,
  bad_value, ///< no such digit; two different stream ids
  too_large, ///< message or number of parameters over the bound
};

const char* to_string(codec_error);

/// One message. Only the fields of its type are set. Reuse the object: its buffers keep their
/// capacity, so that a media frame costs no allocation.
struct stream_event {
  stream_event_type type = stream_event_type::unknown;
  uint64_t sequence_number = 0; ///< counts the stream's messages from 1; 0 = not given
  std::string stream_sid;       ///< empty in `connected`
  uint64_t timestamp_ms = 0;    ///< media: from the stream's start
  uint64_t chunk = 0;           ///< media: counts from 1; 0 = not given
  std::string track;            ///< media, dtmf: "inbound", "inbound_track"
  audio::byte_buffer payload;   ///< media: decoded, PCMU 8 kHz
  std::string mark_name;
  char digit = 0; ///< dtmf: 0-9 * # A-D
  actors::stream_start start;
};

/// Reads one message. Never throws, never trusts a length; unknown events and fields are no error.
/// Counters are taken as strings (what Twilio sends) and as numbers.
/// @param json at most stream_message_bytes_max bytes; need not be padded.
codec_error parse_stream_message(std::string_view json, stream_event& out) noexcept;

/// The same, slower: without the short way for media and marks (read_usual_message()).
codec_error parse_any_stream_message(std::string_view json, stream_event& out) noexcept;

/// What all media messages of one stream begin with, up to the payload: made once a stream.
std::string media_head(std::string_view stream_sid);

/// Append one message to `out`. @param head of media_head(). @param pcmu any length.
void append_media(std::string& out, std::string_view head, audio::byte_view pcmu);
void append_mark(std::string& out, std::string_view stream_sid, std::string_view name);
void append_clear(std::string& out, std::string_view stream_sid);

} // namespace switchboard::twilio
