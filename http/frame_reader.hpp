#pragma once

#include "http/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace switchboard::http {

/// What a frame is for (RFC 6455 section 5.2).
enum class frame_opcode : uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xA,
};

/// What is wrong with what a peer sent.
enum class frame_problem : uint8_t {
  none,
  reserved_bits,
  unknown_opcode,
  long_control,       ///< a control frame of more than 125 bytes
  fragmented_control, ///< a control frame without FIN
  nothing_to_continue,
  message_in_message, ///< a new message before the end of the last
  unmasked,           ///< from a client
  masked,             ///< from a server
  long_form,          ///< a length not written the short way
  too_large,          ///< the message, by what its frames claim
  not_utf8,           ///< a text message
};
const char* to_string(frame_problem);
/// The close code that answers it (RFC 6455 section 7.4.1).
uint16_t close_code_of(frame_problem);

/// Reads the frames of one peer and puts messages together, RFC 6455 section 5, without I/O. A
/// message that lies whole in what was read is given out where it lies; only one in pieces is
/// copied. Never trusts a length: memory grows with bytes that arrived, up to the message bound.
/// Never throws but for lack of memory. Held against websocketpp's processor by
/// tests/fuzz/frame_reader_fuzz.cpp. Not thread-safe.
class frame_reader {
public:
  /// @param masked whether the peer must mask (a client) or must not (a server).
  frame_reader(bool masked, size_t message_bytes_max);

  /// Takes bytes until a message or control frame is whole, a problem is found, or all are taken.
  /// Works on them in place.
  /// @returns how many it took. With a problem nothing more is ever taken.
  size_t read(char* bytes, size_t count);
  /// A message or control frame is there: opcode() and payload(), until the next read() and as
  /// long as the bytes read last.
  bool ready() const { return ready_; }
  frame_opcode opcode() const { return ready_opcode_; }
  std::string_view payload() const { return payload_; }
  frame_problem problem() const { return problem_; }

  void set_message_bytes_max(size_t bytes) { message_bytes_max_ = bytes; }
  /// Gives a buffer back that one large message left behind. Not while payload() is in use.
  void shrink();

private:
  static constexpr size_t control_bytes_max = 125; // RFC 6455 section 5.5
  static constexpr size_t header_bytes_max = 14;
  static constexpr uint8_t short_header_bytes = 2; // without length field and key

  size_t read_header(const char* bytes, size_t count);
  size_t fill_header(const char* bytes, size_t count);
  frame_problem begin_problem() const;
  void begin_frame();
  size_t read_payload(char* bytes, size_t count);
  void whole_frame(std::string_view payload);
  void piece(std::string_view part);
  void end_frame();
  void give(frame_opcode, std::string_view payload);
  void await_header();
  void found(frame_problem what) { problem_ = what; }

  bool control() const { return (header_[0] & 0x08) != 0; }
  bool final() const { return (header_[0] & 0x80) != 0; }
  bool is_text() const { return message_opcode_ == frame_opcode::text; }
  frame_opcode frame_op() const { return static_cast<frame_opcode>(header_[0] & 0x0F); }

  bool masked_;
  bool in_payload_ = false;
  bool in_message_ = false; // the first frame of a message came, its last did not
  frame_opcode message_opcode_ = frame_opcode::text;
  utf8_checker checker_;
  bool ready_ = false;
  frame_opcode ready_opcode_ = frame_opcode::text;
  frame_problem problem_ = frame_problem::none;
  uint8_t header_size_ = 0;                    // bytes of the header that arrived
  uint8_t header_needed_ = short_header_bytes; // of it altogether, as far as is known
  unsigned char header_[header_bytes_max] = {};
  uint64_t frame_bytes_ = 0; // payload of the present frame
  uint64_t frame_at_ = 0;    // of it read
  std::string_view payload_;
  size_t message_bytes_max_;
  std::string message_;             // the payload of a message in pieces, so far
  char control_[control_bytes_max]; // payload of a control frame in pieces
};

/// XORs bytes with a masking key (RFC 6455 section 5.3).
/// @param key as its four bytes lie in memory. @param at where in the frame the bytes begin.
void apply_mask(char* bytes, size_t count, uint32_t key, uint64_t at = 0);

} // namespace switchboard::http
