#pragma once

#include "actors/ticker.hpp"

#include <optional>

namespace switchboard::actors {

/// What the agent does at a moment, as far as its last words go.
struct agent_activity {
  bool audible = false;                ///< the caller has audio still to hear
  bool speech_due = false;             ///< a response is in progress or asked for
  std::chrono::milliseconds queued{0}; ///< estimate of the audio still to hear
};

/// Decides when a call that is to end may be cut: what the agent says last is heard first, as far
/// as the carrier tells, and within bounds (defaults::tools). Pure.
class farewell {
public:
  /// @param words_due the agent was just asked for its last words; else only those on their way are
  ///        waited for.
  void begin(monotonic now, bool words_due);
  bool under_way() const { return begun_.has_value(); }
  /// Told of each moment. @returns true when the call may be cut, and from then on.
  bool over(monotonic now, const agent_activity& agent);

private:
  std::optional<monotonic> begun_;
  std::optional<monotonic> all_sent_; // latest time by which what was sent is heard
  bool words_due_ = false;
};

} // namespace switchboard::actors
