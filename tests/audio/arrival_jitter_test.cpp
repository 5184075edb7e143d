#define CAF_SUITE arrival_jitter
#define FAIL CAF_FAIL
#include "audio/arrival_jitter.hpp"

#include <caf/test/dsl.hpp>

using switchboard::audio::arrival_jitter;

CAF_TEST(audio that comes as evenly as it was spoken has no jitter) {
  arrival_jitter jitter;
  for (uint64_t ms = 0; ms < 10'000; ms += 20)
    jitter.on_arrival(ms, ms * 1000 + 70'000); // however long it takes
  CAF_CHECK_EQUAL(jitter.jitter_us(), 0u);
}

CAF_TEST(delays that alternate by ten milliseconds come to a jitter of that) {
  arrival_jitter jitter;
  for (uint64_t ms = 0; ms < 10'000; ms += 20)
    jitter.on_arrival(ms, ms * 1000 + (ms % 40 == 0 ? 0 : 10'000));
  CAF_CHECK_GREATER_OR_EQUAL(jitter.jitter_us(), 9'990u);
  CAF_CHECK_LESS_OR_EQUAL(jitter.jitter_us(), 10'000u);
}

CAF_TEST(a new stream does not count as a jump) {
  arrival_jitter jitter;
  jitter.on_arrival(0, 0);
  jitter.on_arrival(20, 20'000);
  jitter.restart();
  jitter.on_arrival(0, 900'000);
  jitter.on_arrival(20, 920'000);
  CAF_CHECK_EQUAL(jitter.jitter_us(), 0u);
}
