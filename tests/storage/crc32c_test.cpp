#define CAF_SUITE crc32c
#define FAIL CAF_FAIL
#include "storage/crc32c.hpp"

#include <string>
#include <vector>

#include <caf/test/dsl.hpp>

using namespace switchboard::storage;

CAF_TEST(the vectors of RFC 3720 come out) {
  std::vector<uint8_t> bytes(32, 0);
  CAF_CHECK_EQUAL(crc32c(bytes.data(), bytes.size()), 0x8a9136aau);
  bytes.assign(32, 0xff);
  CAF_CHECK_EQUAL(crc32c(bytes.data(), bytes.size()), 0x62a8ab43u);
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<uint8_t>(i);
  }
  CAF_CHECK_EQUAL(crc32c(bytes.data(), bytes.size()), 0x46dd794eu);
  const std::string check = "123456789";
  CAF_CHECK_EQUAL(crc32c(check.data(), check.size()), 0xe3069283u);
  CAF_CHECK_EQUAL(crc32c(nullptr, 0), 0u);
}

CAF_TEST(table and instruction agree for every length and when cut in two) {
  std::vector<uint8_t> bytes;
  uint32_t state = 1;
  for (size_t n = 0; n < 300; ++n) {
    const auto whole = crc32c(bytes.data(), bytes.size());
    CAF_REQUIRE_EQUAL(whole, crc32c_portable(bytes.data(), bytes.size()));
    const auto first = n / 3;
    CAF_REQUIRE_EQUAL(whole, crc32c(bytes.data() + first, n - first, crc32c(bytes.data(), first)));
    state = state * 1664525u + 1013904223u;
    bytes.push_back(static_cast<uint8_t>(state >> 24));
  }
}
