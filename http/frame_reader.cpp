#include "http/frame_reader.hpp"

#include "conf/defaults/websocket.hpp"

#include <algorithm>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace switchboard::http {

const char* to_string(frame_problem problem) {
  switch (problem) {
  case frame_problem::none:
    return "none";
  case frame_problem::reserved_bits:
    return "reserved bits are set";
  case frame_problem::unknown_opcode:
    return "unknown opcode";
  case frame_problem::long_control:
    return "a control frame of more than 125 bytes";
  case frame_problem::fragmented_control:
    return "a control frame in fragments";
  case frame_problem::nothing_to_continue:
    return "a continuation of nothing";
  case frame_problem::message_in_message:
    return "a new message inside a message";
  case frame_problem::unmasked:
    return "a frame of a client that is not masked";
  case frame_problem::masked:
    return "a frame of a server that is masked";
  case frame_problem::long_form:
    return "a length that is not written the short way";
  case frame_problem::too_large:
    return "message too large";
  case frame_problem::not_utf8:
    return "text that is no UTF-8";
  }
  return "unknown";
}

uint16_t close_code_of(frame_problem problem) {
  switch (problem) {
  case frame_problem::too_large:
    return 1009;
  case frame_problem::not_utf8:
    return 1007;
  default:
    return 1002;
  }
}

void apply_mask(char* bytes, size_t count, uint32_t key, uint64_t at) {
  char key_bytes[4], turned[4];
  std::memcpy(key_bytes, &key, sizeof(key));
  for (size_t i = 0; i < sizeof(turned); ++i)
    turned[i] = key_bytes[(at + i) % sizeof(turned)];
  uint64_t wide = 0;
  std::memcpy(&wide, turned, sizeof(turned));
  std::memcpy(reinterpret_cast<char*>(&wide) + sizeof(turned), turned, sizeof(turned));
  size_t i = 0;
#if defined(__SSE2__)
  const __m128i wider = _mm_set1_epi64x(static_cast<int64_t>(wide));
  for (; i + sizeof(wider) <= count; i += sizeof(wider)) {
    auto* place = reinterpret_cast<__m128i*>(bytes + i);
    _mm_storeu_si128(place, _mm_xor_si128(_mm_loadu_si128(place), wider));
  }
#endif
  for (; i + sizeof(wide) <= count; i += sizeof(wide)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes + i, sizeof(word));
    word ^= wide;
    std::memcpy(bytes + i, &word, sizeof(word));
  }
  for (; i < count; ++i)
    bytes[i] = static_cast<char>(bytes[i] ^ turned[i % sizeof(turned)]);
}

frame_reader::frame_reader(bool masked, size_t message_bytes_max)
    : masked_(masked), message_bytes_max_(message_bytes_max) {}

size_t frame_reader::read(char* bytes, size_t count) {
  ready_ = false;
  size_t used = 0;
  if (!in_payload_ && problem_ == frame_problem::none)
    used = read_header(bytes, count);
  if (in_payload_ && !ready_ && problem_ == frame_problem::none)
    used += read_payload(bytes + used, count - used);
  return used;
}

// -- header ---------------------------------------------------------------------------------------

size_t frame_reader::read_header(const char* bytes, size_t count) {
  size_t used = fill_header(bytes, count);
  if (header_size_ == header_needed_ && header_needed_ == short_header_bytes) {
    if (const auto wrong = begin_problem(); wrong != frame_problem::none) {
      found(wrong);
      return used;
    }
    const unsigned length = header_[1] & 0x7F;
    const unsigned field_bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
    header_needed_ = static_cast<uint8_t>(short_header_bytes + field_bytes + (masked_ ? 4 : 0));
    used += fill_header(bytes + used, count - used);
  }
  if (header_size_ == header_needed_)
    begin_frame();
  return used;
}

size_t frame_reader::fill_header(const char* bytes, size_t count) {
  const size_t n = std::min<size_t>(count, header_needed_ - header_size_);
  std::memcpy(header_ + header_size_, bytes, n);
  header_size_ = static_cast<uint8_t>(header_size_ + n);
  return n;
}

/// What the first two bytes tell.
frame_problem frame_reader::begin_problem() const {
  const bool is_masked = (header_[1] & 0x80) != 0;
  if (control() && (header_[1] & 0x7F) > control_bytes_max)
    return frame_problem::long_control;
  if ((header_[0] & 0x70) != 0)
    return frame_problem::reserved_bits;
  if ((header_[0] & 0x07) > 2)
    return frame_problem::unknown_opcode;
  if (control())
    return !final()               ? frame_problem::fragmented_control
           : is_masked == masked_ ? frame_problem::none
           : masked_              ? frame_problem::unmasked
                                  : frame_problem::masked;
  const bool continues = frame_op() == frame_opcode::continuation;
  if (continues != in_message_)
    return continues ? frame_problem::nothing_to_continue : frame_problem::message_in_message;
  if (is_masked != masked_)
    return masked_ ? frame_problem::unmasked : frame_problem::masked;
  return frame_problem::none;
}

/// The header is whole.
void frame_reader::begin_frame() {
  const unsigned length = header_[1] & 0x7F;
  frame_at_ = 0;
  frame_bytes_ = length;
  if (length > control_bytes_max) { // RFC 6455 section 5.2: 126 and 127 stand for longer fields
    const size_t field_bytes = length == 126 ? 2 : 8;
    frame_bytes_ = 0;
    for (size_t i = 0; i < field_bytes; ++i)
      frame_bytes_ = frame_bytes_ << 8 | header_[2 + i];
    if (frame_bytes_ <= (length == 126 ? control_bytes_max : UINT16_MAX))
      return found(frame_problem::long_form);
  }
  if (!control()) {
    const size_t before = in_message_ ? message_.size() : 0;
    if (frame_bytes_ > message_bytes_max_ || before > message_bytes_max_ - frame_bytes_)
      return found(frame_problem::too_large);
    if (!in_message_) {
      in_message_ = true;
      message_opcode_ = frame_op();
      message_.clear();
      checker_ = {};
    }
  }
  in_payload_ = true;
  if (frame_bytes_ == 0)
    end_frame();
}

// -- payload --------------------------------------------------------------------------------------

size_t frame_reader::read_payload(char* bytes, size_t count) {
  const auto n = static_cast<size_t>(std::min<uint64_t>(count, frame_bytes_ - frame_at_));
  if (n == 0)
    return 0;
  if (masked_) {
    uint32_t key = 0;
    std::memcpy(&key, header_ + header_needed_ - sizeof(key), sizeof(key));
    apply_mask(bytes, n, key, frame_at_);
  }
  const bool whole = n == frame_bytes_ && (control() || (final() && message_.empty()));
  frame_at_ += n;
  if (whole)
    whole_frame({bytes, n});
  else
    piece({bytes, n});
  return n;
}

/// A frame that lies whole in what was read, and is all there is of its message.
void frame_reader::whole_frame(std::string_view payload) {
  if (control())
    return give(frame_op(), payload);
  if (is_text() && !(checker_.take(payload) && checker_.complete()))
    return found(frame_problem::not_utf8);
  in_message_ = false;
  give(message_opcode_, payload);
}

void frame_reader::piece(std::string_view part) {
  if (control()) {
    std::memcpy(control_ + frame_at_ - part.size(), part.data(), part.size());
  } else {
    if (is_text() && !checker_.take(part))
      return found(frame_problem::not_utf8);
    message_.append(part);
  }
  if (frame_at_ == frame_bytes_)
    end_frame();
}

/// The last byte of a frame is there, which came in pieces or has none.
void frame_reader::end_frame() {
  if (control())
    return give(frame_op(), {control_, static_cast<size_t>(frame_bytes_)});
  if (!final())
    return await_header();
  if (is_text() && !checker_.complete())
    return found(frame_problem::not_utf8);
  in_message_ = false;
  give(message_opcode_, message_);
}

void frame_reader::give(frame_opcode opcode, std::string_view payload) {
  ready_ = true;
  ready_opcode_ = opcode;
  payload_ = payload;
  await_header();
}

void frame_reader::await_header() {
  in_payload_ = false;
  header_size_ = 0;
  header_needed_ = short_header_bytes;
}

void frame_reader::shrink() {
  if (!in_message_ && message_.capacity() > defaults::websocket::buffer_kept_bytes)
    std::string().swap(message_);
}

} // namespace switchboard::http
