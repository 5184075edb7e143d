#define CAF_SUITE recording_pauses
#define FAIL CAF_FAIL
#include "actors/recording_pauses.hpp"
#include "conf/defaults/call.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::actors;

CAF_TEST(what is said while the recording is paused is touched and nothing else) {
  recording_pauses pauses;
  CAF_CHECK(!pauses.touches(0, 1000));
  CAF_CHECK(pauses.pause(1000));
  CAF_CHECK(pauses.paused());
  CAF_CHECK(!pauses.touches(0, 1000));
  CAF_CHECK(pauses.touches(0, 1001)); // begun before, ends within
  CAF_CHECK(pauses.touches(500, std::nullopt));
  CAF_CHECK(pauses.touches(5000, 6000)); // it has not ended
  CAF_CHECK(pauses.resume(2000));
  CAF_CHECK(!pauses.paused());
  CAF_CHECK(pauses.touches(1999, 3000));
  CAF_CHECK(!pauses.touches(2000, 3000));
  CAF_CHECK(!pauses.touches(2000, std::nullopt));
  CAF_CHECK(pauses.touches(0, 9000)); // around it
  CAF_CHECK_EQUAL(pauses.total_ms(9000), 1000u);
}

CAF_TEST(a second pause and a resume of nothing change nothing) {
  recording_pauses pauses;
  CAF_CHECK(!pauses.resume(10));
  CAF_CHECK(pauses.pause(100));
  CAF_CHECK(!pauses.pause(200));
  CAF_CHECK_EQUAL(pauses.total_ms(300), 200u);
  CAF_CHECK(pauses.resume(400));
  CAF_CHECK(!pauses.resume(500));
  CAF_CHECK_EQUAL(pauses.total_ms(9000), 300u);
}

CAF_TEST(pauses without end do not grow and never let go of what was paused) {
  recording_pauses pauses;
  constexpr auto many = defaults::call::recording_pauses_max + 10;
  for (uint64_t i = 0; i < many; ++i) {
    CAF_CHECK(pauses.pause(i * 100));
    CAF_CHECK(pauses.resume(i * 100 + 50));
  }
  CAF_CHECK_EQUAL(pauses.count(), defaults::call::recording_pauses_max);
  for (uint64_t i = 0; i < many; ++i)
    CAF_CHECK(pauses.touches(i * 100 + 10, i * 100 + 20));
  CAF_CHECK(!pauses.touches(many * 100, many * 100 + 50));
}
