#pragma once

#include "actors/disk_actor.hpp"

#include <utility>
#include <vector>

namespace switchboard::actors {

/// Collects the appends of one line's calls, so that those of some beats go to a disk writer in one
/// message: with hundreds of calls one for each would wake its thread a thousand times a second.
/// Belongs to the line's thread. What is in it when it goes is never written, which its tickets
/// tell.
class journal_outbox {
public:
  void put(const disk_writer_actor& disk, journal_append what);
  /// One beat of the line: on every defaults::line::beats_per_flush of them what was collected is
  /// sent.
  void beat();

private:
  std::vector<std::pair<disk_writer_actor, journal_appends>> waiting_; // of few disk writers
  unsigned beats_ = 0;                                                 // since it was sent
};

} // namespace switchboard::actors
