#define CAF_SUITE bytes
#define FAIL CAF_FAIL
#include "audio/bytes.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard::audio;

CAF_TEST(a view sees what it was made from) {
  const byte_buffer buffer{1, 2, 3};
  const byte_view view = buffer;
  CAF_CHECK_EQUAL(view.size, 3u);
  CAF_CHECK_EQUAL(view[2], 3);
  CAF_CHECK(view.to_buffer() == buffer);
  CAF_CHECK_EQUAL(byte_view{std::string_view{"abc"}}.to_string_view(), "abc");
  CAF_CHECK(byte_view{}.empty());
}

CAF_TEST(a part of a view is clamped to what is there) {
  const byte_buffer buffer{1, 2, 3, 4};
  const byte_view view = buffer;
  CAF_CHECK_EQUAL(view.subview(1, 2).size, 2u);
  CAF_CHECK_EQUAL(view.subview(1, 2)[0], 2);
  CAF_CHECK_EQUAL(view.subview(3).size, 1u);
  CAF_CHECK_EQUAL(view.subview(9, 1).size, 0u);
  CAF_CHECK_EQUAL(view.subview(2, SIZE_MAX).size, 2u);
}
