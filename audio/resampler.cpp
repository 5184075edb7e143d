#include "audio/resampler.hpp"

#include "conf/defaults/audio.hpp"

#include <speex/speex_resampler.h>

#include <algorithm>
#include <array>

namespace switchboard::audio {

namespace limits = defaults::audio;

struct resampler::impl {
  SpeexResamplerState* state = nullptr; // null: both rates are the same
  uint64_t from_hz = 0;
  uint64_t to_hz = 0;
  uint64_t samples_in = 0;
  uint64_t samples_out = 0;
  std::array<int16_t, limits::resampler_block_frames> scratch{};

  ~impl() {
    if (state != nullptr) {
      speex_resampler_destroy(state);
    }
  }

  /// What the whole signal's output comes to.
  uint64_t samples_due() const { return (samples_in * to_hz + from_hz / 2) / from_hz; }

  /// Converts until the input is used up. Never appends more than `room` samples.
  void convert(const int16_t* in, size_t count, std::vector<int16_t>& out, uint64_t room) {
    while (count > 0 && room > 0) {
      auto taken = static_cast<spx_uint32_t>(std::min(count, limits::resampler_block_frames));
      auto made = static_cast<spx_uint32_t>(scratch.size());
      speex_resampler_process_int(state, 0, in, &taken, scratch.data(), &made);
      const size_t kept = std::min<uint64_t>(made, room);
      out.insert(out.end(), scratch.begin(), scratch.begin() + static_cast<ptrdiff_t>(kept));
      samples_out += kept;
      room -= kept;
      in += taken;
      count -= taken;
      if (taken == 0 && made == 0) {
        return; // cannot happen; but an endless loop on a call's path must not either
      }
    }
  }
};

resampler::resampler(std::unique_ptr<impl> state) : impl_(std::move(state)) {}
resampler::resampler(resampler&&) noexcept = default;
resampler& resampler::operator=(resampler&&) noexcept = default;
resampler::~resampler() = default;

std::optional<resampler> resampler::create(int from_hz, int to_hz) {
  const auto plausible = [](int hz) {
    return hz >= limits::rate_hz_min && hz <= limits::rate_hz_max;
  };
  if (!plausible(from_hz) || !plausible(to_hz)) {
    return std::nullopt;
  }
  auto state = std::make_unique<impl>();
  state->from_hz = static_cast<uint64_t>(from_hz);
  state->to_hz = static_cast<uint64_t>(to_hz);
  if (from_hz != to_hz) {
    int error = 0;
    state->state =
        speex_resampler_init(1, static_cast<spx_uint32_t>(from_hz),
                             static_cast<spx_uint32_t>(to_hz), limits::resampler_quality, &error);
    if (state->state == nullptr) {
      return std::nullopt;
    }
    speex_resampler_skip_zeros(state->state);
  }
  return resampler{std::move(state)};
}

void resampler::process(const int16_t* in, size_t count, std::vector<int16_t>& out) {
  impl_->samples_in += count;
  if (impl_->state == nullptr) {
    out.insert(out.end(), in, in + count);
    return;
  }
  impl_->convert(in, count, out, UINT64_MAX);
}

void resampler::flush(std::vector<int16_t>& out) {
  auto& r = *impl_;
  if (r.state != nullptr) {
    const std::array<int16_t, 256> silence{};
    while (r.samples_out < r.samples_due()) {
      const uint64_t before = r.samples_out;
      r.convert(silence.data(), silence.size(), out, r.samples_due() - r.samples_out);
      if (r.samples_out == before) {
        break; // 32 ms of silence at 8 kHz exceed every delay of quality 4
      }
    }
    speex_resampler_reset_mem(r.state);
    speex_resampler_skip_zeros(r.state);
  }
  r.samples_in = 0;
  r.samples_out = 0;
}

} // namespace switchboard::audio
