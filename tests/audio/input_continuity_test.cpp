#define CAF_SUITE input_continuity
#define FAIL CAF_FAIL
#include "audio/input_continuity.hpp"
#include "conf/defaults/audio.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard::audio;
namespace limits = switchboard::defaults::audio;

namespace {

struct fixture {
  input_continuity input;
  uint64_t silence_ms = 0; // all that was appended of it
  uint64_t audio_ms = 0;

  /// A frame of 20 ms with this timestamp arrives.
  silence_fill frame(uint64_t at_ms, uint64_t now_ms) {
    const auto fill = input.before(at_ms, 20, now_ms);
    silence_ms += fill.length_ms;
    audio_ms += 20;
    return fill;
  }
  void frames(uint64_t from_ms, uint64_t to_ms) {
    for (; from_ms < to_ms; from_ms += 20)
      frame(from_ms, from_ms);
  }
  uint64_t tick(uint64_t now_ms, bool speaking = true) {
    const auto fill = input.on_tick(now_ms, speaking);
    silence_ms += fill.length_ms;
    return fill.length_ms;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(input_continuity_tests, fixture)

CAF_TEST(a steady stream is left alone whatever its jitter) {
  for (uint64_t i = 0; i < 500; ++i) {
    frame(i * 20 + i % 2 * 5, i * 20 + i % 7 * 30);
    tick(i * 20);
  }
  CAF_CHECK_EQUAL(silence_ms, 0u);
}

CAF_TEST(the first frame has no gap before it wherever it lies) {
  CAF_CHECK_EQUAL(frame(90'000, 90'000).length_ms, 0u);
}

CAF_TEST(a gap in the timestamps becomes silence of its length at its place) {
  frames(0, 1000);
  const auto fill = frame(1400, 1400);
  CAF_CHECK_EQUAL(fill.at_ms, 1000u);
  CAF_CHECK_EQUAL(fill.length_ms, 400u);
  CAF_CHECK_EQUAL(frame(1420, 1420).length_ms, 0u);
}

CAF_TEST(a gap past the bound is filled up to it) {
  frames(0, 1000);
  CAF_CHECK_EQUAL(frame(1000 + limits::gap_silence_max_ms + 5000, 20'000).length_ms,
                  limits::gap_silence_max_ms);
}

CAF_TEST(a stall while the caller speaks is padded once and not again) {
  frames(0, 1000); // the last one comes at 980
  CAF_CHECK_EQUAL(tick(980 + limits::stall_after_ms - 1), 0u);
  CAF_CHECK_EQUAL(tick(980 + limits::stall_after_ms), limits::stall_padding_ms);
  for (uint64_t now = 2000; now < 20'000; now += 100)
    CAF_CHECK_EQUAL(tick(now), 0u);
}

CAF_TEST(a stall while the caller is silent needs nothing) {
  frames(0, 1000);
  CAF_CHECK_EQUAL(tick(5000, false), 0u);
}

CAF_TEST(without any audio there is no stall) {
  CAF_CHECK_EQUAL(tick(5000), 0u);
}

CAF_TEST(frames lost in a stall are filled up by what the padding left) {
  frames(0, 1000);
  tick(2000);
  const auto fill = frame(2500, 2500); // 1500 ms are missing, 1000 are padded
  CAF_CHECK_EQUAL(fill.at_ms, 2000u);
  CAF_CHECK_EQUAL(fill.length_ms, 500u);
  CAF_CHECK_EQUAL(silence_ms + audio_ms, 2520u);
}

CAF_TEST(a burst after a stall is appended whole with no silence beyond the padding) {
  frames(0, 1000);
  tick(2000);
  for (uint64_t at = 1000; at < 2500; at += 20) // all of it arrives at 2500
    frame(at, 2500);
  CAF_CHECK_EQUAL(silence_ms, limits::stall_padding_ms);
  CAF_CHECK_EQUAL(audio_ms, 2500u);
}

CAF_TEST(each stall is padded anew) {
  frames(0, 1000);
  CAF_CHECK_EQUAL(tick(2000), limits::stall_padding_ms);
  frames(2000, 3000);
  CAF_CHECK_EQUAL(tick(4000), limits::stall_padding_ms);
}

CAF_TEST_FIXTURE_SCOPE_END()
