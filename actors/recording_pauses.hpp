#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace switchboard::actors {

/// When the recording of a call was paused, in call media time: what a caller says then (the number
/// of a card) goes into no file and no row. Pure; belongs to the call's line.
class recording_pauses {
public:
  /// @returns false if it is paused already.
  bool pause(uint64_t now_ms);
  /// @returns false if it is not paused.
  bool resume(uint64_t now_ms);
  bool paused() const { return !pauses_.empty() && !pauses_.back().end_ms; }
  /// Whether any part of what was said from `start_ms` to `end_ms` (open = until now) lies in a
  /// pause.
  bool touches(uint64_t start_ms, std::optional<uint64_t> end_ms) const;
  uint64_t total_ms(uint64_t now_ms) const;
  size_t count() const { return pauses_.size(); }

private:
  struct span {
    uint64_t start_ms;
    std::optional<uint64_t> end_ms;
  };
  std::vector<span> pauses_; ///< in order; at most defaults::call::recording_pauses_max
};

} // namespace switchboard::actors
