#define CAF_SUITE media_clock
#define FAIL CAF_FAIL
#include "audio/media_clock.hpp"

#include <limits>
#include <random>

#include <caf/test/dsl.hpp>

using namespace switchboard::audio;

CAF_TEST(frames in order lie end to end from the base of the stream) {
  stream_clock clock{5000};
  for (uint64_t i = 0; i < 100; ++i) {
    const auto place = clock.place(i * 20, 160);
    CAF_CHECK_EQUAL(place.at_ms, 5000 + i * 20);
    CAF_CHECK_EQUAL(place.gap_ms, 0u);
    CAF_CHECK(!place.late);
  }
  CAF_CHECK_EQUAL(clock.now_ms(), 7000u);
  CAF_CHECK_EQUAL(clock.expected_timestamp_ms(), 2000u);
  CAF_CHECK_EQUAL(clock.frames(), 100u);
}

CAF_TEST(a first timestamp that is not zero is rounding or a gap by its size) {
  stream_clock rounding;
  CAF_CHECK_EQUAL(rounding.place(5, 160).at_ms, 0u);
  CAF_CHECK_EQUAL(rounding.place(25, 160).at_ms, 20u);
  stream_clock gap;
  CAF_CHECK_EQUAL(gap.place(300, 160).gap_ms, 300u);
}

CAF_TEST(lost frames are a gap and what follows lies where it was spoken) {
  stream_clock clock{1000};
  clock.place(0, 160);
  const auto place = clock.place(100, 160);
  CAF_CHECK_EQUAL(place.gap_ms, 80u);
  CAF_CHECK_EQUAL(place.at_ms, 1100u);
  CAF_CHECK_EQUAL(clock.gaps(), 1u);
  CAF_CHECK_EQUAL(clock.gap_total_ms(), 80u);
  CAF_CHECK_EQUAL(clock.place(120, 160).gap_ms, 0u);
}

CAF_TEST(jitter of less than a frame tears nothing and drift is caught) {
  stream_clock clock;
  for (uint64_t i = 0; i < 50; ++i) {
    const auto place = clock.place(i * 20 + (i % 3) * 9, 160);
    CAF_CHECK_EQUAL(place.at_ms, i * 20);
    CAF_CHECK_EQUAL(place.gap_ms, 0u);
  }
  stream_clock drifting; // frames of 20 ms, one every 21 ms
  uint64_t gaps_ms = 0;
  for (uint64_t i = 0; i < 1000; ++i) {
    gaps_ms += drifting.place(i * 21, 160).gap_ms;
  }
  CAF_CHECK(drifting.now_ms() >= 20980 && drifting.now_ms() <= 21020);
  CAF_CHECK(gaps_ms >= 980);
}

CAF_TEST(a duplicate is late and moves nothing) {
  stream_clock clock;
  clock.place(0, 160);
  clock.place(20, 160);
  const auto again = clock.place(20, 160);
  CAF_CHECK(again.late);
  CAF_CHECK_EQUAL(again.overlap_ms, 20u);
  CAF_CHECK_EQUAL(again.at_ms, 20u);
  CAF_CHECK_EQUAL(clock.late_frames(), 1u);
  const auto next = clock.place(40, 160);
  CAF_CHECK(!next.late);
  CAF_CHECK_EQUAL(next.at_ms, 40u);
}

CAF_TEST(a long frame that reaches past what came tells its overlap) {
  stream_clock clock;
  clock.place(0, 800);
  const auto place = clock.place(60, 800);
  CAF_CHECK(!place.late);
  CAF_CHECK_EQUAL(place.overlap_ms, 40u);
  CAF_CHECK_EQUAL(place.at_ms, 60u);
  CAF_CHECK_EQUAL(clock.now_ms(), 160u);
}

CAF_TEST(an impossible timestamp does not move the call) {
  for (const uint64_t bad :
       {std::numeric_limits<uint64_t>::max(), uint64_t{3600'000}, uint64_t{0}}) {
    stream_clock clock{100};
    clock.place(0, 160);
    for (uint64_t i = 1; i <= 1000; ++i) {
      clock.place(i * 20, 160);
    }
    const auto jump = clock.place(bad, 160);
    CAF_CHECK_EQUAL(jump.at_ms, 100u + 20020u);
    CAF_CHECK_EQUAL(jump.gap_ms, 0u);
    CAF_CHECK_EQUAL(clock.restarts(), 1u);
  }
}

CAF_TEST(after a restart of the carriers clock its new timestamps count) {
  stream_clock clock;
  for (uint64_t i = 0; i < 1000; ++i) {
    clock.place(i * 20, 160);
  }
  CAF_CHECK_EQUAL(clock.place(0, 160).at_ms, 20000u);
  CAF_CHECK_EQUAL(clock.place(20, 160).at_ms, 20020u);
  const auto place = clock.place(140, 160);
  CAF_CHECK_EQUAL(place.gap_ms, 100u);
  CAF_CHECK_EQUAL(place.at_ms, 20140u);
  CAF_CHECK_EQUAL(clock.expected_timestamp_ms(), 160u);
}

CAF_TEST(placed frames never run backwards unless late whatever the timestamps) {
  std::mt19937 random{11};
  for (int run = 0; run < 200; ++run) {
    stream_clock clock{7};
    uint64_t covered = 7;
    for (int i = 0; i < 200; ++i) {
      const uint64_t stamp = random() % 4 == 0 ? random() : random() % 30000;
      const size_t bytes = random() % 2000;
      const auto place = clock.place(stamp, bytes);
      if (!place.late) {
        CAF_REQUIRE(place.at_ms + place.overlap_ms + 1 >= covered);
      }
      CAF_REQUIRE(clock.now_ms() >= covered);
      covered = clock.now_ms();
    }
  }
}

CAF_TEST(session time maps to call time piece by piece) {
  session_time_map map;
  CAF_CHECK_EQUAL(map.to_call_ms(10), 0u);
  for (uint64_t i = 0; i < 50; ++i) {
    map.on_appended(3000 + i * 20, 20); // session 0-1000 is call 3000-4000
  }
  for (uint64_t i = 0; i < 50; ++i) {
    map.on_appended(9000 + i * 20, 20); // session 1000-2000 is call 9000-10000
  }
  CAF_CHECK_EQUAL(map.segments(), 2u);
  CAF_CHECK_EQUAL(map.appended_ms(), 2000u);
  CAF_CHECK_EQUAL(map.to_call_ms(0), 3000u);
  CAF_CHECK_EQUAL(map.to_call_ms(999), 3999u);
  CAF_CHECK_EQUAL(map.to_call_ms(1000), 9000u);
  CAF_CHECK_EQUAL(map.to_call_ms(1500), 9500u);
  CAF_CHECK_EQUAL(map.to_call_ms(2000), 10000u);
  CAF_CHECK_EQUAL(map.to_call_ms(99999), 10000u);
}

CAF_TEST(replayed audio may lie before what was appended last) {
  session_time_map map;
  map.on_appended(5000, 1000);
  map.on_appended(2000, 500);
  CAF_CHECK_EQUAL(map.to_call_ms(1200), 2200u);
}

CAF_TEST(the session map is bounded and forgets the oldest) {
  session_time_map map;
  for (uint64_t i = 0; i < 5000; ++i) {
    map.on_appended(i * 100, 20); // a gap before each
  }
  CAF_CHECK_EQUAL(map.segments(), 1024u);
  CAF_CHECK_EQUAL(map.to_call_ms(4999 * 20 + 7), 499907u);
  CAF_CHECK_EQUAL(map.to_call_ms(0), (5000u - 1024u) * 100u);
}
