#include "tools/sim_common/load_frames.hpp"

#include "tools/sim_common/load_stamp.hpp"

#include <openssl/sha.h>

#include <cctype>
#include <cstring>

namespace sim {

namespace {
constexpr size_t frame_bytes_max = 16 * 1024 * 1024;
constexpr size_t not_yet = 0;
} // namespace

void append_ws_frame(std::string& out, ws_opcode opcode, std::string_view payload, bool masked) {
  const char mask_bit = masked ? '\x80' : '\0';
  out += static_cast<char>(0x80 | static_cast<uint8_t>(opcode));
  if (payload.size() < 126) {
    out += static_cast<char>(mask_bit | static_cast<char>(payload.size()));
  } else if (payload.size() < 65536) {
    out += static_cast<char>(mask_bit | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size() & 0xff);
  } else {
    out += static_cast<char>(mask_bit | 127);
    for (int shift = 56; shift >= 0; shift -= 8)
      out += static_cast<char>(static_cast<uint64_t>(payload.size()) >> shift & 0xff);
  }
  if (masked)
    out.append(4, '\0');
  out.append(payload);
}

/// @returns the length of the frame at the front, or not_yet.
size_t ws_reader::one(char* bytes, size_t count, const on_frame& report) {
  if (count < 2)
    return not_yet;
  const auto at = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  const bool masked = (at(1) & 0x80) != 0;
  uint64_t size = at(1) & 0x7f;
  size_t head = 2;
  if (size >= 126) {
    const size_t wide = size == 126 ? 2 : 8;
    if (count < 2 + wide)
      return not_yet;
    size = 0;
    for (size_t i = 0; i < wide; ++i)
      size = size << 8 | at(2 + i);
    head += wide;
  }
  if ((at(0) & 0x80) == 0 || size > frame_bytes_max) {
    broken_ = true;
    return not_yet;
  }
  const size_t mask_at = head;
  head += masked ? 4 : 0;
  if (count < head + size)
    return not_yet;
  if (masked) {
    char key[8];
    std::memcpy(key, bytes + mask_at, 4);
    std::memcpy(key + 4, bytes + mask_at, 4);
    uint64_t wide_key = 0;
    std::memcpy(&wide_key, key, 8);
    char* data = bytes + head;
    size_t i = 0;
    for (uint64_t word = 0; i + 8 <= size; i += 8) {
      std::memcpy(&word, data + i, 8);
      word ^= wide_key;
      std::memcpy(data + i, &word, 8);
    }
    for (; i < size; ++i)
      data[i] = static_cast<char>(data[i] ^ key[i & 3]);
  }
  report(at(0) & 0x0f, {bytes + head, static_cast<size_t>(size)});
  return head + static_cast<size_t>(size);
}

bool ws_reader::feed(char* bytes, size_t count, const on_frame& report) {
  std::string joined;
  if (!rest_.empty()) {
    joined.swap(rest_);
    joined.append(bytes, count);
    bytes = joined.data();
    count = joined.size();
  }
  size_t used = 0;
  while (used < count && !broken_) {
    const size_t length = one(bytes + used, count - used, report);
    if (length == not_yet)
      break;
    used += length;
  }
  rest_.assign(bytes + used, count - used);
  return !broken_;
}

std::string ws_accept_key(std::string_view key) {
  std::string text{key};
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  std::string out;
  append_base64(out, {reinterpret_cast<const char*>(digest), sizeof digest});
  return out;
}

std::string http_header(std::string_view head, std::string_view name) {
  for (size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at)) {
    at += 2;
    const auto line = head.substr(at, head.find("\r\n", at) - at);
    if (line.size() <= name.size() || line[name.size()] != ':')
      continue;
    bool same = true;
    for (size_t i = 0; i < name.size() && same; ++i)
      same = std::tolower(static_cast<unsigned char>(line[i])) == name[i];
    if (!same)
      continue;
    const auto value = line.find_first_not_of(' ', name.size() + 1);
    return value == std::string_view::npos ? "" : std::string{line.substr(value)};
  }
  return {};
}

} // namespace sim
