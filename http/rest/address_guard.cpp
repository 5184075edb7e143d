#include "http/rest/address_guard.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace switchboard::http {

namespace {

struct v4_block {
  uint32_t prefix;
  int bits;
};

constexpr v4_block special_v4[] = {
    {0x00000000, 8},  // this network
    {0x0A000000, 8},  // private
    {0x64400000, 10}, // carrier-grade NAT
    {0x7F000000, 8},  // loopback
    {0xA9FE0000, 16}, // link-local; cloud metadata
    {0xAC100000, 12}, // private
    {0xC0000000, 24}, // IETF protocol assignments
    {0xC0000200, 24}, // documentation
    {0xC0586300, 24}, // 6to4 relay anycast
    {0xC0A80000, 16}, // private
    {0xC6120000, 15}, // benchmarking
    {0xC6336400, 24}, // documentation
    {0xCB007100, 24}, // documentation
    {0xE0000000, 4},  // multicast
    {0xF0000000, 4},  // reserved, broadcast
};

bool is_public_v4(uint32_t address) {
  return std::none_of(std::begin(special_v4), std::end(special_v4), [address](auto& block) {
    return (address ^ block.prefix) >> (32 - block.bits) == 0;
  });
}

using v6_bytes = std::array<uint8_t, 16>;

bool starts_with(const v6_bytes& address, std::initializer_list<uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.begin());
}

uint32_t v4_at(const v6_bytes& address, size_t offset) {
  return uint32_t{address[offset]} << 24 | uint32_t{address[offset + 1]} << 16 |
         uint32_t{address[offset + 2]} << 8 | uint32_t{address[offset + 3]};
}

bool is_public_v6(const v6_bytes& address) {
  if (starts_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) // mapped
    return is_public_v4(v4_at(address, 12));
  if (starts_with(address, {0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) // NAT64
    return is_public_v4(v4_at(address, 12));
  if (starts_with(address, {0x20, 0x02})) // 6to4
    return is_public_v4(v4_at(address, 2));
  if (starts_with(address, {0x20, 0x01, 0x0D, 0xB8}) ||       // documentation
      (starts_with(address, {0x20, 0x01}) && address[2] < 2)) // Teredo and other assignments
    return false;
  return (address[0] & 0xE0) == 0x20; // 2000::/3: all that is global unicast so far
}

} // namespace

bool is_public_address(const sockaddr* address) noexcept {
  if (address == nullptr)
    return false;
  if (address->sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, address, sizeof v4);
    return is_public_v4(ntohl(v4.sin_addr.s_addr));
  }
  if (address->sa_family != AF_INET6)
    return false;
  sockaddr_in6 v6;
  std::memcpy(&v6, address, sizeof v6);
  v6_bytes bytes;
  std::memcpy(bytes.data(), v6.sin6_addr.s6_addr, bytes.size());
  return is_public_v6(bytes);
}

} // namespace switchboard::http
