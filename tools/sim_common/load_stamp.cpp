#include "tools/sim_common/load_stamp.hpp"

#include <array>
#include <cstring>

namespace sim {

namespace {

constexpr char magic[] = "SBLF";
constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::array<int8_t, 256> make_reverse() {
  std::array<int8_t, 256> table;
  table.fill(-1);
  for (int i = 0; i < 64; ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<int8_t>(i);
  return table;
}

const std::array<int8_t, 256> reverse = make_reverse();

uint8_t byte(std::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}

} // namespace

void write_stamp(char* frame, const load_stamp& stamp) {
  std::memcpy(frame, magic, 4); // NOLINT(bugprone-not-null-terminated-result): bytes, no text
  std::memcpy(frame + 4, &stamp.stream, 4);
  std::memcpy(frame + 8, &stamp.sequence, 4);
  std::memset(frame + 12, 0, 4);
  std::memcpy(frame + 16, &stamp.sent_us, 8);
}

bool read_stamp(std::string_view frame, load_stamp& out) {
  if (frame.size() < load_stamp_bytes || frame.compare(0, 4, magic) != 0)
    return false;
  std::memcpy(&out.stream, frame.data() + 4, 4);
  std::memcpy(&out.sequence, frame.data() + 8, 4);
  std::memcpy(&out.sent_us, frame.data() + 16, 8);
  return true;
}

void append_base64(std::string& out, std::string_view bytes) {
  size_t at = 0;
  for (; at + 3 <= bytes.size(); at += 3) {
    const uint32_t three = byte(bytes, at) << 16 | byte(bytes, at + 1) << 8 | byte(bytes, at + 2);
    const char four[] = {alphabet[three >> 18], alphabet[three >> 12 & 63],
                         alphabet[three >> 6 & 63], alphabet[three & 63]};
    out.append(four, 4);
  }
  const size_t rest = bytes.size() - at;
  if (rest == 0)
    return;
  const uint32_t last = byte(bytes, at) << 16 | (rest == 2 ? byte(bytes, at + 1) << 8 : 0);
  out += alphabet[last >> 18];
  out += alphabet[last >> 12 & 63];
  out += rest == 2 ? alphabet[last >> 6 & 63] : '=';
  out += '=';
}

bool decode_base64(std::string_view text, std::string& out) {
  out.clear();
  while (!text.empty() && text.back() == '=')
    text.remove_suffix(1);
  uint32_t bits = 0;
  int count = 0;
  for (unsigned char c : text) {
    const int value = reverse[c]; // NOLINT(bugprone-signed-char-misuse): -1 is no digit
    if (value < 0)
      return false;
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 0xff);
    }
  }
  return true;
}

} // namespace sim
