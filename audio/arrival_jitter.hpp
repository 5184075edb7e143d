#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>

namespace switchboard::audio {

/// How unevenly the audio of a stream arrives, as RFC 3550 section 6.4.1 smoothes it: the mean
/// change of the delay from one arrival to the next, each weighing a sixteenth. Owned by one
/// thread.
class arrival_jitter {
public:
  /// Audio up to `media_ms` of the stream arrived at `now_us` (any clock that only goes on).
  void on_arrival(uint64_t media_ms, uint64_t now_us) {
    const auto delay_us = static_cast<int64_t>(now_us) - static_cast<int64_t>(media_ms) * 1000;
    if (last_delay_us_)
      jitter_us_ += (static_cast<double>(std::llabs(delay_us - *last_delay_us_)) - jitter_us_) / 16;
    last_delay_us_ = delay_us;
  }
  /// A new stream: its delay has nothing to do with that of the one before.
  void restart() { last_delay_us_.reset(); }

  uint64_t jitter_us() const { return static_cast<uint64_t>(jitter_us_); }

private:
  std::optional<int64_t> last_delay_us_;
  double jitter_us_ = 0;
};

} // namespace switchboard::audio
