#pragma once

#include "conf/defaults/line.hpp"

#include <bitset>
#include <chrono>

namespace switchboard::actors {

/// Judges by its clock's beat whether a line keeps up (ARCHITECTURE.md, "Overload"). A beat that
/// comes late stands for the frames that arrived at that moment and waited as long. Pure; one per
/// line.
///
/// Overloaded once half of the last second's beats were late; well again when two seconds have
/// passed almost without a late one. A beat that came a whole beat late or more counts for those
/// that it displaced, but one stall alone, however long, is no overload: a machine that was paused
/// can take calls.
class overload_watch {
public:
  /// One beat came this much later than it was due. @returns whether the verdict changed.
  bool on_beat(std::chrono::microseconds lateness);
  bool overloaded() const { return overloaded_; }

private:
  std::bitset<defaults::line::recovery_beats> history_; // newest beat in bit 0; 1 = late
  bool overloaded_ = false;
};

} // namespace switchboard::actors
