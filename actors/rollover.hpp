#pragma once

#include "actors/ticker.hpp"

#include <chrono>
#include <cstdint>

namespace switchboard::actors {

/// What is due towards the next model session.
enum class rollover_step : uint8_t {
  none,
  when_quiet,    ///< the next session is to be open; switch in the next quiet moment
  between_turns, ///< switch as soon as that cuts nobody's turn in two, audible or not
  now,           ///< the end is near: switch, whatever is going on
};

/// When a model session is to be replaced by the next one, before the provider ends it. Pure. The
/// margins are those of defaults::model, less for a session that lives only minutes.
class rollover_schedule {
public:
  /// A session has become the call's. @param left until it expires; 0 = unknown: nothing is
  /// planned.
  void session_live(monotonic now, std::chrono::milliseconds left);
  /// The next session could not be opened: it is tried again a little later.
  void opening_failed(monotonic now);

  rollover_step at(monotonic now) const;
  /// Whether the next session may be opened now.
  bool may_open(monotonic now) const {
    return at(now) != rollover_step::none && now >= not_before_;
  }

private:
  monotonic quiet_from_ = monotonic::max();
  monotonic between_from_ = monotonic::max();
  monotonic force_from_ = monotonic::max();
  monotonic not_before_{};
  std::chrono::milliseconds pause_{};
};

} // namespace switchboard::actors
