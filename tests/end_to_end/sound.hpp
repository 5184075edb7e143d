#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace e2e {

struct sound {
  int rate_hz = 0;
  int channels = 0;
  bool is_pcm16_wav = false;
  std::vector<std::vector<float>> tracks; // one per channel, -1..1
  double seconds() const;
};

/// Reads a WAV as it is. An unreadable one has no tracks.
sound load_sound(const std::string& path);

/// The track at 8 kHz (pairs averaged when it is at 16 kHz).
std::vector<float> at_8k(const sound& from, size_t track);

struct alignment {
  double correlation = 0; // normalised, at the best lag
  int lag_ms = 0;         // by which `b` comes later than `a`
};

/// The part of a track from `from_s` on, `length_s` long; silence where there is none.
std::vector<float> part_of(const std::vector<float>& track, double from_s, double length_s);

/// Best normalised correlation of two tracks at 8 kHz, lags up to +-max_lag_ms.
alignment correlate(const std::vector<float>& a, const std::vector<float>& b, int max_lag_ms);

} // namespace e2e
