#pragma once

#include "actors/database_actor.hpp"
#include "actors/disk_actor.hpp"
#include "actors/journal_feeder.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <string>

namespace switchboard::actors {

/// What one call's recorder works with.
struct recorder_setup {
  journal_way journal;
  std::string storage_path; ///< root of recordings
  std::string wav_path;     ///< relative to storage_path
  bool stereo = true;
  sealer_actor sealer;
  database_writer_actor writer;
};

/// Spawns a call's recorder (on CAF's scheduler). It waits for
///   (finish, journal_tail_ptr)   the call is over, and this of its journal is in no file yet:
///   writes
///                                it, closes the journal, has it sealed, stores the recording's
///                                row, publishes recording_saved, and ends.
/// While the call runs its actor feeds the journal itself (journal_feeder). What of the journal was
/// lost is told in the row (missing_ms_max). A recording that cannot
/// be made or stored is tried again with growing pauses (defaults::call::seal_tries); a node that
/// drains tries once more at once and leaves it to the next start.
caf::actor spawn_recorder(caf::actor_system&, recorder_setup);

} // namespace switchboard::actors
