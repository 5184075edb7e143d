#include "audio/arrival_delay.hpp"

#include <algorithm>

namespace switchboard::audio {

uint64_t arrival_delay::on_frame(uint64_t timestamp_ms, uint64_t now_us) {
  if (now_us >= window_end_us_) {
    before_ = earliest_;
    earliest_ = none;
    window_end_us_ = now_us + defaults::metrics::arrival_window_us;
  }
  const auto offset = static_cast<int64_t>(now_us - timestamp_ms * 1'000); // may well be negative
  earliest_ = std::min(earliest_, offset);
  return static_cast<uint64_t>(offset - std::min(earliest_, before_));
}

} // namespace switchboard::audio
