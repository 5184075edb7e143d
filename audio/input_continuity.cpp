#include "audio/input_continuity.hpp"

#include "conf/defaults/audio.hpp"

#include <algorithm>

namespace switchboard::audio {

namespace limits = defaults::audio;

silence_fill input_continuity::before(uint64_t at_ms, uint64_t length_ms, uint64_t now_ms) {
  silence_fill fill;
  const uint64_t gap = started_ && at_ms > end_ms_ ? at_ms - end_ms_ : 0;
  if (gap >= limits::frame_jitter_ms && gap > padded_ms_) {
    fill.at_ms = end_ms_ + padded_ms_;
    fill.length_ms = std::min(gap - padded_ms_, limits::gap_silence_max_ms);
  }
  started_ = true;
  padded_ms_ = 0;
  arrived_ms_ = now_ms;
  end_ms_ = std::max(end_ms_, at_ms + length_ms);
  return fill;
}

silence_fill input_continuity::on_tick(uint64_t now_ms, bool speaking) {
  const bool stalled = now_ms >= arrived_ms_ + limits::stall_after_ms;
  if (!started_ || !speaking || !stalled || padded_ms_ > 0)
    return {};
  padded_ms_ = limits::stall_padding_ms;
  return {end_ms_, padded_ms_};
}

} // namespace switchboard::audio
