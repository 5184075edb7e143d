#define CAF_SUITE hold_tone
#define FAIL CAF_FAIL
#include "audio/g711.hpp"
#include "audio/hold_tone.hpp"
#include "audio/levels.hpp"
#include "conf/defaults/audio.hpp"

#include <cstdlib>

#include <caf/test/dsl.hpp>

using namespace switchboard::audio;
namespace limits = switchboard::defaults::audio;

CAF_TEST(the tone is heard and softer than speech) {
  const auto tone = hold_tone();
  CAF_REQUIRE_EQUAL(tone.size, limits::hold_tone_ms * ulaw_bytes_per_ms);
  const auto notes = measure_ulaw(tone.subview(0, 2 * limits::hold_note_ms * ulaw_bytes_per_ms));
  CAF_CHECK_GREATER(notes.rms_dbfs, -40.0F);
  CAF_CHECK_LESS(notes.peak_dbfs, -15.0F);
}

CAF_TEST(it rests after its notes and loops without a click) {
  const auto tone = hold_tone();
  const auto rest = tone.subview(2 * limits::hold_note_ms * ulaw_bytes_per_ms);
  CAF_CHECK_EQUAL(measure_ulaw(rest).peak_dbfs, limits::level_floor_dbfs);
  int last = ulaw_decode(tone[tone.size - 1]);
  int steepest = 0;
  for (auto code : tone) {
    steepest = std::max(steepest, std::abs(ulaw_decode(code) - last));
    last = ulaw_decode(code);
  }
  CAF_CHECK_LESS(steepest, limits::hold_note_peak); // a click would jump by the amplitude
}
