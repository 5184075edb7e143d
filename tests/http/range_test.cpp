#define CAF_SUITE range
#define FAIL CAF_FAIL

#include "http/range.hpp"

#include <string>

#include <caf/test/dsl.hpp>

using namespace switchboard::http;

namespace {

/// "200", "416", or "first+size".
std::string shown(std::string_view header, uint64_t total = 1000) {
  auto range = parse_range(header, total);
  if (range.kind == range_kind::whole)
    return "200";
  if (range.kind == range_kind::unsatisfiable)
    return "416";
  return std::to_string(range.first) + "+" + std::to_string(range.size);
}

} // namespace

CAF_TEST(a range names first and last byte) {
  CAF_CHECK_EQUAL(shown("bytes=0-0"), "0+1");
  CAF_CHECK_EQUAL(shown("bytes=0-499"), "0+500");
  CAF_CHECK_EQUAL(shown("bytes=500-"), "500+500");
  CAF_CHECK_EQUAL(shown("bytes=999-"), "999+1");
  CAF_CHECK_EQUAL(shown("bytes=0-99999"), "0+1000");
  CAF_CHECK_EQUAL(shown("Bytes = 1 - 2"), "1+2");
  CAF_CHECK_EQUAL(shown("bytes=0-99999999999999999999999"), "0+1000");
}

CAF_TEST(a suffix counts from the end) {
  CAF_CHECK_EQUAL(shown("bytes=-1"), "999+1");
  CAF_CHECK_EQUAL(shown("bytes=-5000"), "0+1000");
  CAF_CHECK_EQUAL(shown("bytes=-0"), "416");
}

CAF_TEST(what lies outside cannot be satisfied) {
  CAF_CHECK_EQUAL(shown("bytes=1000-"), "416");
  CAF_CHECK_EQUAL(shown("bytes=1000-2000"), "416");
  CAF_CHECK_EQUAL(shown("bytes=99999999999999999999999-"), "416");
  CAF_CHECK_EQUAL(shown("bytes=0-", 0), "416");
  CAF_CHECK_EQUAL(shown("bytes=-1", 0), "416");
}

CAF_TEST(what is not one range of bytes is ignored) {
  for (auto header : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-1", "bytes=0-1,5-6",
                      "items=0-1", "bytes=1", "bytes=+1-2", "bytes=--1", "bytes=1-2-3", "=0-1"})
    CAF_CHECK_EQUAL(shown(header), "200");
}
