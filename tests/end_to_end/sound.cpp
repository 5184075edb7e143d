#include "tests/end_to_end/sound.hpp"

#include <sndfile.h>

#include <algorithm>
#include <cmath>

namespace e2e {

double sound::seconds() const {
  return tracks.empty() ? 0.0 : static_cast<double>(tracks[0].size()) / rate_hz;
}

sound load_sound(const std::string& path) {
  sound result;
  SF_INFO info{};
  SNDFILE* file = sf_open(path.c_str(), SFM_READ, &info);
  if (file == nullptr)
    return result;
  std::vector<float> samples(static_cast<size_t>(info.frames * info.channels));
  const sf_count_t frames = sf_readf_float(file, samples.data(), info.frames);
  sf_close(file);
  result.rate_hz = info.samplerate;
  result.channels = info.channels;
  const int container = info.format & SF_FORMAT_TYPEMASK;
  result.is_pcm16_wav = (container == SF_FORMAT_WAV || container == SF_FORMAT_WAVEX) &&
                        (info.format & SF_FORMAT_SUBMASK) == SF_FORMAT_PCM_16;
  result.tracks.resize(static_cast<size_t>(info.channels));
  for (sf_count_t i = 0; i < frames; ++i)
    for (int c = 0; c < info.channels; ++c)
      result.tracks[static_cast<size_t>(c)].push_back(
          samples[static_cast<size_t>(i * info.channels + c)]);
  return result;
}

std::vector<float> at_8k(const sound& from, size_t track) {
  const auto& samples = from.tracks[track];
  if (from.rate_hz == 8000)
    return samples;
  std::vector<float> half;
  for (size_t i = 0; i + 1 < samples.size(); i += 2)
    half.push_back((samples[i] + samples[i + 1]) / 2);
  return half;
}

std::vector<float> part_of(const std::vector<float>& track, double from_s, double length_s) {
  std::vector<float> part(static_cast<size_t>(length_s * 8000), 0.0f);
  const auto first = static_cast<long>(from_s * 8000);
  for (long i = 0; i < static_cast<long>(part.size()); ++i)
    if (first + i >= 0 && first + i < static_cast<long>(track.size()))
      part[static_cast<size_t>(i)] = track[static_cast<size_t>(first + i)];
  return part;
}

namespace {

/// Normalised correlation of two tracks with `b` taken `lag` samples later.
double correlation_at(const std::vector<float>& a, const std::vector<float>& b, long lag) {
  double product = 0, energy_a = 0, energy_b = 0;
  const long from = std::max(0L, -lag);
  const long to = std::min(static_cast<long>(a.size()), static_cast<long>(b.size()) - lag);
  for (long i = from; i < to; ++i) {
    const double x = a[static_cast<size_t>(i)], y = b[static_cast<size_t>(i + lag)];
    product += x * y;
    energy_a += x * x;
    energy_b += y * y;
  }
  return energy_a > 0 && energy_b > 0 ? product / std::sqrt(energy_a * energy_b) : 0;
}

} // namespace

alignment correlate(const std::vector<float>& a, const std::vector<float>& b, int max_lag_ms) {
  double best = 0;
  long best_lag = 0;
  const auto look_at = [&](long lag) {
    const double value = correlation_at(a, b, lag);
    if (value > best) {
      best = value;
      best_lag = lag;
    }
  };
  for (long lag = -max_lag_ms * 8; lag <= max_lag_ms * 8; lag += 2)
    look_at(lag);
  // One sample beside the true place speech correlates with itself by 0.7 to 0.9 only.
  const long coarse = best_lag;
  look_at(coarse - 1);
  look_at(coarse + 1);
  return {best, static_cast<int>(best_lag / 8)};
}

} // namespace e2e
