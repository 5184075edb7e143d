#include "audio/levels.hpp"

#include "audio/g711.hpp"

#include <algorithm>
#include <array>
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

/// The square of each code's sample.
const std::array<uint32_t, 256>& ulaw_squares() {
  static const auto table = [] {
    std::array<uint32_t, 256> squares{};
    for (size_t code = 0; code < squares.size(); ++code) {
      const int32_t sample = ulaw_decode(static_cast<uint8_t>(code));
      squares[code] = static_cast<uint32_t>(sample * sample);
    }
    return squares;
  }();
  return table;
}

/// The mean of squares that a level stands for.
double power_of(float dbfs) {
  return full_scale * full_scale * std::pow(10.0, static_cast<double>(dbfs) / 10.0);
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
  static const double usual = power_of(defaults::audio::voiced_rms_dbfs);
  const bool is_usual = threshold_dbfs == defaults::audio::voiced_rms_dbfs;
  const double mean = is_usual ? usual : power_of(threshold_dbfs);
  const auto enough = static_cast<uint64_t>(mean * static_cast<double>(codes.size));
  const auto& squares = ulaw_squares();
  uint64_t sum = 0;
  // Speech is known after a few samples; the rest of them cannot make it less.
  constexpr size_t looked_at_once = 16;
  for (size_t at = 0; at < codes.size && sum <= enough; at += looked_at_once) {
    for (const uint8_t code : codes.subview(at, looked_at_once)) {
      sum += squares[code];
    }
  }
  return sum > enough;
}

} // namespace switchboard::audio
