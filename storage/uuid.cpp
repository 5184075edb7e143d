#include "storage/call_store.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace switchboard::storage {
namespace {

std::array<uint8_t, 16> random_bytes() {
  std::array<uint8_t, 16> bytes{};
  // 16 bytes come whole once the kernel's generator is seeded (getrandom(2)); only a signal before
  // that can interrupt.
  while (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    if (errno != EINTR) {
      std::abort(); // a kernel without getrandom: no identity can be made that is safe to use
    }
  }
  return bytes;
}

} // namespace

std::string make_uuid() {
  auto bytes = random_bytes();
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | 0x40); // version 4
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80); // variant of RFC 4122
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      text += '-';
    }
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 0x0f];
  }
  return text;
}

} // namespace switchboard::storage
