#include "audio/hold_tone.hpp"

#include "audio/g711.hpp"
#include "conf/defaults/audio.hpp"

#include <cmath>

namespace switchboard::audio {

namespace {

namespace limits = defaults::audio;
constexpr double pi = 3.14159265358979323846;

/// Adds a note that swells and fades: a raised cosine has no click at either end.
void add_note(byte_buffer& tone, size_t from_ms, double hz) {
  const size_t first = from_ms * ulaw_bytes_per_ms;
  const size_t count = limits::hold_note_ms * ulaw_bytes_per_ms;
  for (size_t i = 0; i < count; ++i) {
    const double at = static_cast<double>(i) / g711_rate_hz;
    const double swell =
        0.5 * (1.0 - std::cos(2.0 * pi * static_cast<double>(i) / static_cast<double>(count)));
    const double sample = limits::hold_note_peak * swell * std::sin(2.0 * pi * hz * at);
    tone[first + i] = ulaw_encode(static_cast<int16_t>(std::lround(sample)));
  }
}

byte_buffer make_tone() {
  byte_buffer tone(limits::hold_tone_ms * ulaw_bytes_per_ms, ulaw_silence);
  add_note(tone, 0, limits::hold_first_note_hz);
  add_note(tone, limits::hold_note_ms, limits::hold_second_note_hz);
  return tone;
}

} // namespace

byte_view hold_tone() {
  static const byte_buffer tone = make_tone();
  return tone;
}

} // namespace switchboard::audio
