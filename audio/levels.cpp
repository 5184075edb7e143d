#include "audio/levels.hpp"

#include "audio/g711.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace switchboard::audio {

namespace {

constexpr double full_scale = 32768.0;

float to_dbfs(double amplitude) {
  if (amplitude <= 0.0) {
    return defaults::audio::level_floor_dbfs;
  }
  const auto dbfs = static_cast<float>(20.0 * std::log10(amplitude / full_scale));
  return std::max(dbfs, defaults::audio::level_floor_dbfs);
}

template <class SampleAt>
level measure(size_t count, SampleAt sample_at) {
  if (count == 0) {
    return {};
  }
  uint64_t squares = 0; // 2^30 a sample: no overflow below 2^34 samples
  int peak = 0;
  for (size_t i = 0; i < count; ++i) {
    const int sample = sample_at(i);
    squares += static_cast<uint64_t>(static_cast<int64_t>(sample) * sample);
    peak = std::max(peak, std::abs(sample));
  }
  const double mean = static_cast<double>(squares) / static_cast<double>(count);
  return {to_dbfs(std::sqrt(mean)), to_dbfs(peak)};
}

} // namespace

level measure_ulaw(byte_view codes) {
  return measure(codes.size, [&](size_t i) { return int{ulaw_decode(codes[i])}; });
}

level measure_pcm(const int16_t* samples, size_t count) {
  return measure(count, [&](size_t i) { return int{samples[i]}; });
}

bool voiced(const level& frame, float threshold_dbfs) {
  return frame.rms_dbfs > threshold_dbfs;
}

bool voiced_ulaw(byte_view codes, float threshold_dbfs) {
  return voiced(measure_ulaw(codes), threshold_dbfs);
}

} // namespace switchboard::audio
