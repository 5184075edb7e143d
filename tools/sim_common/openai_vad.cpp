#include "tools/sim_common/openai_vad.hpp"

#include <algorithm>
#include <cmath>

namespace sim::openai {

namespace {

constexpr int frame_ms = 20;
constexpr size_t frame_samples = frame_ms * samples_per_ms;
/// Shorter bursts are clicks, not speech.
constexpr int min_speech_ms = 60;
/// Speech that has begun goes on down to this share of the level that started it.
constexpr double release = 0.5;
constexpr double full_scale = 32768.0;

/// Threshold 0 = -60 dBFS, 1 = -20 dBFS, as RMS of a frame.
double level_of(double threshold) {
  return full_scale * std::pow(10.0, (-60.0 + 40.0 * threshold) / 20.0);
}

} // namespace

std::vector<vad_event> energy_vad::feed(const samples& audio) {
  std::vector<vad_event> out;
  for (const int16_t sample : audio) {
    energy_ += static_cast<double>(sample) * sample;
    ++samples_seen_;
    if (++in_frame_ == frame_samples) {
      judge_frame(std::sqrt(energy_ / frame_samples), out);
      in_frame_ = 0;
      energy_ = 0;
    }
  }
  return out;
}

void energy_vad::judge_frame(double rms, std::vector<vad_event>& out) {
  const int64_t end = position_ms();
  const double level = level_of(settings_.threshold);
  const bool voiced = rms >= (speaking_ ? level * release : level);
  if (voiced) {
    if (voiced_since_ < 0)
      voiced_since_ = end - frame_ms;
    last_voice_ms_ = end;
  } else {
    if (!speaking_)
      voiced_since_ = -1;
  }
  if (!speaking_ && voiced && end - voiced_since_ >= min_speech_ms) {
    speaking_ = true;
    const int64_t start = voiced_since_ - settings_.prefix_padding_ms;
    out.push_back({vad_event::kind::started, std::max(last_stop_ms_, start)});
  } else if (speaking_ && end - last_voice_ms_ >= settings_.silence_duration_ms) {
    speaking_ = false;
    voiced_since_ = -1;
    last_stop_ms_ = end;
    out.push_back({vad_event::kind::stopped, end});
  }
}

void energy_vad::reset() {
  speaking_ = false;
  voiced_since_ = -1;
  last_stop_ms_ = position_ms();
}

} // namespace sim::openai
