#include "storage/crc32c.hpp"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace switchboard::storage {
namespace {

using table = std::array<uint32_t, 256>;

/// Four tables, so that four bytes go in one step ("slicing by 4").
constexpr std::array<table, 4> make_tables() {
  constexpr uint32_t reversed_polynomial = 0x82f63b78u;
  std::array<table, 4> tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? reversed_polynomial : 0);
    }
    tables[0][i] = crc;
  }
  for (size_t t = 1; t < tables.size(); ++t) {
    for (size_t i = 0; i < 256; ++i) {
      tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xff];
    }
  }
  return tables;
}

constexpr auto tables = make_tables();

uint32_t load_le32(const uint8_t* at) {
  return static_cast<uint32_t>(at[0]) | static_cast<uint32_t>(at[1]) << 8 |
         static_cast<uint32_t>(at[2]) << 16 | static_cast<uint32_t>(at[3]) << 24;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t crc32c_sse42(const void* data, size_t size,
                                                        uint32_t crc) {
  const auto* at = static_cast<const uint8_t*>(data);
  uint64_t sum = ~crc;
  for (; size >= 8; size -= 8, at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    sum = _mm_crc32_u64(sum, word);
  }
  auto rest = static_cast<uint32_t>(sum);
  for (; size > 0; --size, ++at) {
    rest = _mm_crc32_u8(rest, *at);
  }
  return ~rest;
}
#endif

} // namespace

uint32_t crc32c_portable(const void* data, size_t size, uint32_t crc) {
  const auto* at = static_cast<const uint8_t*>(data);
  crc = ~crc;
  for (; size >= 4; size -= 4, at += 4) {
    crc ^= load_le32(at);
    crc = tables[3][crc & 0xff] ^ tables[2][(crc >> 8) & 0xff] ^ tables[1][(crc >> 16) & 0xff] ^
          tables[0][crc >> 24];
  }
  for (; size > 0; --size, ++at) {
    crc = (crc >> 8) ^ tables[0][(crc ^ *at) & 0xff];
  }
  return ~crc;
}

uint32_t crc32c(const void* data, size_t size, uint32_t crc) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) {
    return crc32c_sse42(data, size, crc);
  }
#endif
  return crc32c_portable(data, size, crc);
}

} // namespace switchboard::storage
