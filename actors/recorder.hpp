#pragma once

#include "actors/database_actor.hpp"
#include "actors/disk_actor.hpp"
#include "actors/event_feed_actor.hpp"
#include "actors/node_state.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <string>

namespace switchboard::actors {

/// What one call's recorder works with.
struct recorder_setup {
  std::string call_id;
  std::string storage_path; ///< root of recordings
  std::string journal_path; ///< of this call
  std::string wav_path;     ///< relative to storage_path
  bool stereo = true;
  disk_writer_actor disk;
  sealer_actor sealer;
  database_writer_actor writer;
  event_feed_actor feed;
  node_state_ptr node;
};

/// Spawns a call's recorder (on CAF's scheduler). It takes
///   (facts, record_batch)   journal facts from the line; never blocks, never answers;
///   (finish)                the call is over: writes the rest, closes the journal, has it sealed,
///                           stores the recording's row, publishes recording_saved, and ends.
/// What the disk does not take is kept up to defaults::call::recorder_bytes_max and tried again;
/// past that it is counted as lost and reported once as an `error` update. Restarted, it appends to
/// the same journal.
caf::actor spawn_recorder(caf::actor_system&, recorder_setup);

} // namespace switchboard::actors
