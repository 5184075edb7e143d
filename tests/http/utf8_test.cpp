#define CAF_SUITE utf8
#define FAIL CAF_FAIL
#include "http/utf8.hpp"

#include <string>

#include <caf/test/dsl.hpp>

using namespace switchboard::http;

namespace {

/// By the sequence function, one character after the other.
bool is_utf8_slowly(std::string_view text) {
  while (!text.empty()) {
    const size_t n = utf8_sequence_bytes(text);
    if (n == 0)
      return false;
    text.remove_prefix(n);
  }
  return true;
}

bool is_utf8_in_two(std::string_view text, size_t cut) {
  utf8_checker checker;
  checker.take(text.substr(0, cut));
  checker.take(text.substr(cut));
  return checker.take({}) && checker.complete();
}

std::string bytes_of(unsigned number, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i)
    out += static_cast<char>(number >> 8 * i);
  return out;
}

} // namespace

CAF_TEST(both ways to look agree on every two and every third three bytes) {
  size_t differ = 0, good = 0;
  for (unsigned number = 0; number < 0x10000; ++number)
    differ += is_utf8(bytes_of(number, 2)) != is_utf8_slowly(bytes_of(number, 2)) ? 1 : 0;
  for (unsigned number = 0; number < 0x1000000; number += 3) {
    const auto text = bytes_of(number, 3);
    const bool is = is_utf8(text);
    differ += is != is_utf8_slowly(text) ? 1 : 0;
    good += is ? 1 : 0;
  }
  CAF_CHECK_EQUAL(differ, 0u);
  CAF_CHECK(good > 500'000);
}

CAF_TEST(four bytes at the borders of what there is) {
  for (const char* good : {"\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xf1\x80\x80\x80"})
    CAF_CHECK(is_utf8(good));
  for (const char* bad : {"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
                          "\xf0\x90\x80", "\xf0\x90\x80\x80\x80"})
    CAF_CHECK(!is_utf8(bad));
}

CAF_TEST(it does not matter where a text is cut nor where its characters lie) {
  for (size_t before = 0; before < 20; ++before)
    for (const char* tail :
         {"\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xff", "\xe2\x82", "\xed\xa0\x80"}) {
      const std::string text = std::string(before, 'a') + tail + "0123456789";
      for (size_t cut = 0; cut <= text.size(); ++cut)
        CAF_CHECK_EQUAL(is_utf8_in_two(text, cut), is_utf8_slowly(text));
    }
}

CAF_TEST(what is wrong stays wrong) {
  utf8_checker checker;
  CAF_CHECK(!checker.take("\xff"));
  CAF_CHECK(!checker.take("fine"));
}
