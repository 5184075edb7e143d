#include "audio/base64.hpp"

#include "audio/base64_wide.hpp"

#include <array>

namespace switchboard::audio {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t invalid = 0x80; // survives OR-ing with any 6 bits

constexpr std::array<uint8_t, 256> value_table() {
  std::array<uint8_t, 256> table{};
  for (auto& value : table) {
    value = invalid;
  }
  for (size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<uint8_t>(alphabet[i])] = static_cast<uint8_t>(i);
  }
  return table;
}

constexpr auto values = value_table();

uint8_t value_of(char c) {
  return values[static_cast<uint8_t>(c)];
}

/// The text without its padding; false if the padding is wrong.
bool strip_padding(std::string_view& text) {
  size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
    ++padding;
  }
  const bool right = padding == 0 || text.size() % 4 == 0;
  text.remove_suffix(padding);
  return right && text.size() % 4 != 1;
}

/// The last 0, 2 or 3 characters. @returns false if one is bad or a bit is set that means nothing.
bool decode_tail(std::string_view tail, uint8_t* out) {
  if (tail.empty()) {
    return true;
  }
  const uint8_t a = value_of(tail[0]);
  const uint8_t b = value_of(tail[1]);
  const uint8_t c = tail.size() == 3 ? value_of(tail[2]) : uint8_t{0};
  out[0] = static_cast<uint8_t>((a << 2) | (b >> 4));
  if (tail.size() == 3) {
    out[1] = static_cast<uint8_t>((b << 4) | (c >> 2));
  }
  const int unused = tail.size() == 3 ? c & 0x03 : b & 0x0F;
  return ((a | b | c) & invalid) == 0 && unused == 0;
}

} // namespace

void base64_append(std::string& out, byte_view bytes) {
  const size_t start = out.size();
  out.resize(start + base64_encoded_size(bytes.size));
  char* to = out.data() + start;
  size_t i = base64_encode_wide(bytes, to);
  to += i / 3 * 4;
  for (; i + 3 <= bytes.size; i += 3) {
    const uint32_t bits = static_cast<uint32_t>(bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2]);
    *to++ = alphabet[bits >> 18];
    *to++ = alphabet[(bits >> 12) & 0x3F];
    *to++ = alphabet[(bits >> 6) & 0x3F];
    *to++ = alphabet[bits & 0x3F];
  }
  const size_t rest = bytes.size - i;
  if (rest > 0) {
    const uint32_t second = rest == 2 ? bytes[i + 1] : 0u;
    const uint32_t bits = static_cast<uint32_t>(bytes[i]) << 16 | second << 8;
    *to++ = alphabet[bits >> 18];
    *to++ = alphabet[(bits >> 12) & 0x3F];
    *to++ = rest == 2 ? alphabet[(bits >> 6) & 0x3F] : '=';
    *to++ = '=';
  }
}

bool base64_decode(std::string_view text, byte_buffer& out) {
  if (!strip_padding(text)) {
    out.clear();
    return false;
  }
  const size_t whole = text.size() / 4 * 4;
  const size_t size = text.size() * 3 / 4;
  out.resize(size + base64_wide_slack_bytes);
  const size_t wide = base64_decode_wide(text.substr(0, whole), out.data());
  uint8_t* to = out.data() + wide / 4 * 3;
  uint8_t seen = 0; // one look at the end instead of one a character
  for (size_t i = wide; i < whole; i += 4) {
    const uint8_t a = value_of(text[i]);
    const uint8_t b = value_of(text[i + 1]);
    const uint8_t c = value_of(text[i + 2]);
    const uint8_t d = value_of(text[i + 3]);
    seen = static_cast<uint8_t>(seen | a | b | c | d);
    *to++ = static_cast<uint8_t>((a << 2) | (b >> 4));
    *to++ = static_cast<uint8_t>((b << 4) | (c >> 2));
    *to++ = static_cast<uint8_t>((c << 6) | d);
  }
  if ((seen & invalid) != 0 || !decode_tail(text.substr(whole), to)) {
    out.clear();
    return false;
  }
  out.resize(size);
  return true;
}

size_t base64_decoded_size(std::string_view text) {
  strip_padding(text);
  return text.size() / 4 * 3 + text.size() % 4 * 3 / 4;
}

} // namespace switchboard::audio
