#pragma once

#include "actors/link_close.hpp"
#include "audio/bytes.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchboard::actors {

/// What a carrier's media stream delivers, decoded. Called on the line's thread, in order. Views
/// are valid during the call only. A sink may call close() on its link from any of these.
class carrier_events {
public:
  virtual ~carrier_events() = default;
  /// Caller audio: PCMU 8 kHz. `timestamp_ms` counts from the stream's start (Twilio
  /// `media.timestamp`).
  virtual void on_caller_audio(uint64_t timestamp_ms, audio::byte_view pcmu) = 0;
  /// All that one read of the socket brought has been delivered.
  virtual void on_carrier_read_end() = 0;
  virtual void on_mark_echo(std::string_view name) = 0;
  virtual void on_dtmf(char digit) = 0;
  virtual void on_stream_stop() = 0;
  /// The socket is gone; nothing follows. Called exactly once, never from inside a command.
  virtual void on_carrier_closed(const link_close&) = 0;
};

/// The media socket of one call, as its leg sees it. Lives on the line; commands are queued and
/// written by flush() in one write. Destroying it closes the socket without ceremony.
class carrier_link {
public:
  virtual ~carrier_link() = default;
  /// Starts delivery; `sink` must outlive the link or be detached with start(nullptr).
  virtual void start(carrier_events* sink) = 0;
  /// Queues one `media` message. @param pcmu any length, at most 64 KiB.
  virtual void send_audio(audio::byte_view pcmu) = 0;
  virtual void send_mark(std::string_view name) = 0;
  virtual void send_clear() = 0;
  /// Writes all that is queued: one system call if the socket takes it.
  virtual void flush() = 0;
  /// Sends a close frame; on_carrier_closed() follows within the close deadline.
  virtual void close(uint16_t code, std::string_view reason) = 0;
};

/// What the `start` message of a stream said.
struct stream_start {
  std::string stream_sid;
  std::string call_sid;
  std::string account_sid;
  std::string encoding; ///< "audio/x-mulaw"
  uint32_t sample_rate_hz = 8000;
  uint32_t channels = 1;
  std::vector<std::pair<std::string, std::string>> parameters;
};

} // namespace switchboard::actors
