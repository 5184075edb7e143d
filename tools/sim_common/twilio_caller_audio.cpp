#include "tools/sim_common/twilio_caller_audio.hpp"

#include <algorithm>

namespace sim {

namespace {

constexpr char silence = '\xFF';
constexpr int64_t track_max = 3600LL * 8000; // one hour of 8 kHz mu-law: 28.8 MB

} // namespace

void caller_audio::say(int64_t at, audio_clip clip) {
  clips_.push_back({at, std::move(clip)});
}

std::string caller_audio::frame(int64_t at, size_t count) const {
  std::string out(count, silence);
  const auto end = at + static_cast<int64_t>(count);
  for (const auto& x : clips_) {
    const auto clip_end = x.at + static_cast<int64_t>(x.clip->size());
    const auto from = std::max(at, x.at);
    const auto to = std::min(end, clip_end);
    if (from < to) {
      std::copy_n(x.clip->begin() + (from - x.at), to - from, out.begin() + (from - at));
    }
  }
  return out;
}

int64_t caller_audio::end() const {
  int64_t last = 0;
  for (const auto& x : clips_) {
    last = std::max(last, x.at + static_cast<int64_t>(x.clip->size()));
  }
  return last;
}

void heard_track::extend(int64_t until) {
  until = std::min(until, track_max);
  if (until > static_cast<int64_t>(bytes_.size())) {
    bytes_.resize(static_cast<size_t>(until), silence);
  }
}

void heard_track::write(int64_t at, std::string_view ulaw) {
  at = std::max<int64_t>(at, 0);
  if (at >= track_max) {
    return;
  }
  const auto count = std::min(static_cast<int64_t>(ulaw.size()), track_max - at);
  extend(at + count);
  std::copy_n(ulaw.begin(), count, bytes_.begin() + at);
}

} // namespace sim
