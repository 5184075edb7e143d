#include "http/frame_writer.hpp"

#include "conf/defaults/websocket.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <random>

namespace switchboard::http {

namespace {

namespace limits = defaults::websocket;

uint32_t fresh_key() {
  thread_local std::array<uint32_t, limits::mask_keys_per_refill> keys;
  thread_local size_t left = 0;
  if (left == 0) {
    if (getrandom(keys.data(), sizeof(keys), 0) != static_cast<ssize_t>(sizeof(keys))) {
      std::random_device device; // kernels before 3.17 and interrupted calls
      std::generate(keys.begin(), keys.end(), std::ref(device));
    }
    left = keys.size();
  }
  return keys[--left];
}

/// Writes the header but for the key. @returns its length.
size_t write_header(char* out, frame_opcode opcode, uint64_t payload_bytes, bool masked) {
  const unsigned mask_bit = masked ? 0x80 : 0;
  out[0] = static_cast<char>(0x80 | static_cast<unsigned>(opcode)); // FIN: never in fragments
  const size_t field_bytes = payload_bytes <= 125 ? 0 : payload_bytes <= UINT16_MAX ? 2 : 8;
  const uint64_t short_length = field_bytes == 0 ? payload_bytes : field_bytes == 2 ? 126 : 127;
  out[1] = static_cast<char>(mask_bit | short_length);
  for (size_t i = 0; i < field_bytes; ++i)
    out[2 + i] = static_cast<char>(payload_bytes >> 8 * (field_bytes - 1 - i));
  return 2 + field_bytes;
}

} // namespace

void append_frame(std::string& out, frame_opcode opcode, std::string_view payload, bool masked) {
  char header[14];
  size_t header_bytes = write_header(header, opcode, payload.size(), masked);
  uint32_t key = 0;
  if (masked) {
    key = fresh_key();
    std::memcpy(header + header_bytes, &key, sizeof(key));
    header_bytes += sizeof(key);
  }
  out.append(header, header_bytes);
  const size_t start = out.size();
  out += payload;
  if (masked)
    apply_mask(out.data() + start, payload.size(), key);
}

} // namespace switchboard::http
