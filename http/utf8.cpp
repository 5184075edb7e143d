#include "http/utf8.hpp"

#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace switchboard::http {

namespace {

bool is_tail(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

bool second_byte_fits(unsigned char first, unsigned char second) {
  switch (first) {
  case 0xE0:
    return second >= 0xA0; // else overlong
  case 0xED:
    return second < 0xA0; // else a surrogate
  case 0xF0:
    return second >= 0x90; // else overlong
  case 0xF4:
    return second < 0x90; // else above U+10FFFF
  default:
    return true;
  }
}

/// How many bytes of ASCII at least the text begins with: whole groups of them, or all.
size_t ascii_groups(std::string_view text) {
  size_t at = 0;
#if defined(__SSE2__)
  constexpr size_t wide = sizeof(__m128i);
  const auto load = [&](size_t place) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + place));
  };
  const auto both = [&](size_t place) { return _mm_or_si128(load(place), load(place + wide)); };
  for (; at + 4 * wide <= text.size(); at += 4 * wide)
    if (_mm_movemask_epi8(_mm_or_si128(both(at), both(at + 2 * wide))) != 0)
      return at;
  for (; at + wide <= text.size(); at += wide)
    if (_mm_movemask_epi8(load(at)) != 0)
      return at;
  if (at > 0) // the last bytes once more with some before them
    return _mm_movemask_epi8(load(text.size() - wide)) == 0 ? text.size() : at;
#endif
  constexpr uint64_t high_bits = 0x8080808080808080;
  uint64_t word = 0;
  for (; at + sizeof(word) <= text.size(); at += sizeof(word)) {
    std::memcpy(&word, text.data() + at, sizeof(word));
    if ((word & high_bits) != 0)
      break;
  }
  return at;
}

} // namespace

size_t utf8_sequence_bytes(std::string_view text) {
  if (text.empty())
    return 0;
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char first = byte(0);
  if (first < 0x80)
    return 1;
  size_t size = first >= 0xC2 && first <= 0xDF   ? 2
                : first >= 0xE0 && first <= 0xEF ? 3
                : first >= 0xF0 && first <= 0xF4 ? 4
                                                 : 0;
  if (size == 0 || text.size() < size || !second_byte_fits(first, byte(1)))
    return 0;
  for (size_t i = 1; i < size; ++i)
    if (!is_tail(byte(i)))
      return 0;
  return size;
}

std::string_view utf8_prefix(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max)
    return text;
  size_t end = bytes_max;
  // At most three tail bytes belong to one character; more of them are no UTF-8 anyway.
  for (int i = 0; i < 3 && end > 0 && is_tail(static_cast<unsigned char>(text[end])); ++i)
    --end;
  return text.substr(0, end);
}

bool utf8_checker::take(std::string_view piece) {
  size_t i = 0;
  while (i < piece.size() && !wrong_) {
    if (tails_ == 0)
      i += ascii_groups(piece.substr(i)); // nearly all there is
    if (i < piece.size())
      take_byte(static_cast<uint8_t>(piece[i++]));
  }
  return !wrong_;
}

void utf8_checker::take_byte(uint8_t byte) {
  if (tails_ > 0) {
    wrong_ = byte < low_ || byte > high_;
    low_ = 0x80;
    high_ = 0xBF;
    --tails_;
    return;
  }
  if (byte < 0x80)
    return;
  wrong_ = byte < 0xC2 || byte > 0xF4;
  tails_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  if (byte == 0xE0 || byte == 0xF0)
    low_ = byte == 0xE0 ? 0xA0 : 0x90; // else overlong
  if (byte == 0xED || byte == 0xF4)
    high_ = byte == 0xED ? 0x9F : 0x8F; // else a surrogate, or above U+10FFFF
}

bool is_utf8(std::string_view text) {
  utf8_checker checker;
  return checker.take(text) && checker.complete();
}

} // namespace switchboard::http
