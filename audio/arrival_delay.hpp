#pragma once

#include "conf/defaults/metrics.hpp"

#include <cstdint>
#include <limits>

namespace switchboard::audio {

/// How much later frames come than they could: the carrier's clock (`timestamp`) against ours, with
/// the earliest frame of the last 10 to 20 s as zero. What is left is the network's jitter and our
/// own queueing. Pure; one per stream.
class arrival_delay {
public:
  /// @param timestamp_ms the frame's media time. @param now_us when it was handled, any origin.
  /// @returns the delay in us; 0 for the earliest.
  uint64_t on_frame(uint64_t timestamp_ms, uint64_t now_us);

private:
  static constexpr int64_t none = std::numeric_limits<int64_t>::max();
  int64_t earliest_ = none; // of this window, in us: arrival minus timestamp
  int64_t before_ = none;   // of the window before it
  uint64_t window_end_us_ = 0;
};

} // namespace switchboard::audio
