#pragma once

#include <chrono>
#include <cstdint>

namespace switchboard::actors {

/// Judges by its tick whether a line keeps up (ARCHITECTURE.md, "Overload"). A tick that comes late
/// stands for the frames that arrived at that moment and waited as long. Pure; one per line.
///
/// Overloaded once half of the last second's ticks were late; well again when two seconds have
/// passed almost without a late one. A tick that came a whole tick late or more counts for those
/// that it displaced.
class overload_watch {
public:
  /// One tick came this much later than it was due. @returns whether the verdict changed.
  bool on_tick(std::chrono::microseconds lateness);
  bool overloaded() const { return overloaded_; }

private:
  uint32_t history_ = 0; // newest tick in bit 0; 1 = late
  bool overloaded_ = false;
};

} // namespace switchboard::actors
