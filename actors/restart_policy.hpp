#pragma once

#include "actors/ticker.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

namespace switchboard::actors {

/// How a supervisor brings a child back: data, one per kind of child.
struct restart_policy {
  /// Pause before the n-th try; their number is the number of tries.
  std::vector<std::chrono::milliseconds> delays;
  /// Full jitter: a random part of the pause, so that many calls that lost one model at once do not
  /// come back at once.
  bool jitter = false;
  /// After this long in good health the tries count from the beginning.
  std::chrono::milliseconds forgive_after{60'000};
};

/// Counts the tries of one child. Pure: time and chance come as arguments.
class restart_counter {
public:
  explicit restart_counter(restart_policy policy) : policy_(std::move(policy)) {}

  /// The child works (a session is configured, a file is open).
  void healthy(monotonic now);
  /// The child died. @param chance in [0, 1). @returns the pause before the next try; none: give
  /// up.
  std::optional<std::chrono::milliseconds> died(monotonic now, double chance);
  size_t tries() const { return tries_; }

private:
  restart_policy policy_;
  size_t tries_ = 0;
  std::optional<monotonic> healthy_since_;
};

/// The table of design: which child is restarted how often. Empty delays = never.
const restart_policy& model_leg_policy(); // 1, 2, 4, 8, 16 s with full jitter
const restart_policy&
local_child_policy(); // recorder, transcript writer, analyst: at once, then slower

} // namespace switchboard::actors
