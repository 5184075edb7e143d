#include "http/utf8.hpp"

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

} // namespace switchboard::http
