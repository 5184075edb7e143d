#define CAF_SUITE turn_timing
#define FAIL CAF_FAIL
#include "actors/turn_timing.hpp"

#include <caf/test/dsl.hpp>

using switchboard::actors::turn_timing;

namespace {

struct fixture {
  turn_timing timing;
  void answer(uint64_t at) {
    timing.response_created(at + 10);
    timing.audio_came(at + 110);
    timing.audio_sent(at + 111);
    timing.audio_acknowledged(at + 331);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(turn_timing_tests, fixture)

CAF_TEST(the wait runs from the last voiced sample to what the carrier played) {
  timing.caller_voiced(980);
  timing.caller_voiced(1000);
  timing.turn_ended(1500);
  answer(1500);
  timing.audio_sent(1700);
  timing.audio_acknowledged(1900); // of the same answer: nobody waits for it any more
  const auto& sums = timing.sums();
  CAF_CHECK_EQUAL(sums.turns, 1u);
  CAF_CHECK_EQUAL(sums.vad_ms, 500u);
  CAF_CHECK_EQUAL(sums.created_ms, 10u);
  CAF_CHECK_EQUAL(sums.delta_ms, 100u);
  CAF_CHECK_EQUAL(sums.sent_ms, 1u);
  CAF_CHECK_EQUAL(sums.heard_ms, 220u);
  CAF_CHECK_EQUAL(sums.total_ms(), 831u);
}

CAF_TEST(turns add up) {
  for (uint64_t at : {1000, 5000}) {
    timing.caller_voiced(at);
    timing.turn_ended(at + 200);
    answer(at + 200);
  }
  CAF_CHECK_EQUAL(timing.sums().turns, 2u);
  CAF_CHECK_EQUAL(timing.sums().total_ms(), 2 * 531u);
}

CAF_TEST(a caller who speaks on is not answered yet) {
  timing.caller_voiced(1000);
  timing.turn_ended(1500);
  timing.response_created(1510);
  timing.speech_started();
  timing.audio_came(1600);
  timing.audio_sent(1600);
  timing.audio_acknowledged(1800);
  CAF_CHECK_EQUAL(timing.sums().turns, 0u);
}

CAF_TEST(speech that nobody heard is no turn and a greeting answers nobody) {
  answer(100);
  timing.turn_ended(500);
  answer(500);
  timing.caller_voiced(2000); // a clock ahead of its frames
  timing.turn_ended(1900);
  answer(1900);
  CAF_CHECK_EQUAL(timing.sums().turns, 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
