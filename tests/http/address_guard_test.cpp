#define CAF_SUITE address_guard
#define FAIL CAF_FAIL
#include "http/rest/address_guard.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <caf/test/dsl.hpp>

using switchboard::http::is_public_address;

namespace {

bool is_public(const char* text) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
    return is_public_address(reinterpret_cast<sockaddr*>(&v4));
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  CAF_REQUIRE_EQUAL(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
  return is_public_address(reinterpret_cast<sockaddr*>(&v6));
}

} // namespace

CAF_TEST(the public internet is reached) {
  for (auto* text : {"1.1.1.1",        "8.8.8.8",        "9.255.255.255",    "11.0.0.0",
                     "100.63.255.255", "100.128.0.0",    "126.255.255.255",  "128.0.0.0",
                     "172.15.255.255", "172.32.0.0",     "192.167.255.255",  "192.169.0.0",
                     "198.17.255.255", "198.20.0.0",     "223.255.255.255",  "2606:4700::1111",
                     "2a00:1450::1",   "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"})
    if (!is_public(text))
      CAF_ERROR(text << " is public");
}

CAF_TEST(the special blocks of IPv4 are not ) {
  for (auto* text : {"0.0.0.0",         "10.0.0.1",       "10.255.255.255",  "100.64.0.1",
                     "100.127.255.255", "127.0.0.1",      "127.255.255.255", "169.254.169.254",
                     "172.16.0.1",      "172.31.255.255", "192.0.0.1",       "192.0.2.1",
                     "192.168.0.1",     "198.18.0.1",     "198.19.255.255",  "198.51.100.1",
                     "203.0.113.1",     "224.0.0.1",      "239.255.255.255", "240.0.0.1",
                     "255.255.255.255"})
    if (is_public(text))
      CAF_ERROR(text << " is not public");
}

CAF_TEST(nor those of IPv6 nor what stands for an IPv4 address of them) {
  for (auto* text :
       {"::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
        "2001::1", "100::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::1"})
    if (is_public(text))
      CAF_ERROR(text << " is not public");
}

CAF_TEST(what is no internet address is not public) {
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  CAF_CHECK(!is_public_address(reinterpret_cast<sockaddr*>(&local)));
  CAF_CHECK(!is_public_address(nullptr));
}
