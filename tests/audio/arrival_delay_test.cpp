#define CAF_SUITE arrival_delay
#define FAIL CAF_FAIL
#include "audio/arrival_delay.hpp"

#include <caf/test/dsl.hpp>

using switchboard::audio::arrival_delay;

CAF_TEST(the earliest frame is in time and a late one is late by what it missed) {
  arrival_delay delay;
  CAF_CHECK_EQUAL(delay.on_frame(40, 5'000'000), 0u);
  CAF_CHECK_EQUAL(delay.on_frame(60, 5'020'000), 0u);
  CAF_CHECK_EQUAL(delay.on_frame(80, 5'047'500), 7'500u);
  CAF_CHECK_EQUAL(delay.on_frame(100, 5'060'000), 0u);
}

CAF_TEST(a frame that comes earlier than all before it moves the zero) {
  arrival_delay delay;
  CAF_CHECK_EQUAL(delay.on_frame(0, 1'000'000), 0u);
  CAF_CHECK_EQUAL(delay.on_frame(20, 1'015'000), 0u);
  CAF_CHECK_EQUAL(delay.on_frame(40, 1'040'000), 5'000u);
}

CAF_TEST(clocks that drift apart do not look like delay for ever) {
  arrival_delay delay;
  uint64_t worst_us = 0;
  for (uint64_t ms = 0; ms < 3'600'000; ms += 20) // an hour, and our clock
    worst_us = std::max(worst_us, delay.on_frame(ms, ms * 1'000 + ms / 20)); // runs 50 ppm ahead
  CAF_CHECK(worst_us <= 1'001u);                                             // two windows' drift
}

CAF_TEST(a timestamp beyond the clock does not wrap) {
  arrival_delay delay;
  CAF_CHECK_EQUAL(delay.on_frame(10'000'000, 0), 0u);
  CAF_CHECK_EQUAL(delay.on_frame(10'000'020, 25'000), 5'000u);
}
