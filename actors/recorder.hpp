#pragma once

#include "actors/database_actor.hpp"
#include "actors/disk_actor.hpp"
#include "actors/event_feed_actor.hpp"
#include "actors/node_state.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <atomic>
#include <memory>
#include <string>

namespace switchboard::actors {

/// What of one call's recording is lost for good: shared by its recorders, one after the other.
struct recording_loss {
  std::atomic<int64_t> lost_ms{0}; ///< upper bound: from one batch of facts to the next
};
using recording_loss_ptr = std::shared_ptr<recording_loss>;

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
  recording_loss_ptr loss = std::make_shared<recording_loss>();
};

/// Spawns a call's recorder (on CAF's scheduler). It takes
///   (facts, record_batch)   journal facts from the line; never blocks, never answers;
///   (finish)                the call is over: writes the rest, closes the journal, has it sealed,
///                           stores the recording's row, publishes recording_saved, and ends.
/// What the disk does not take is kept up to defaults::call::recorder_bytes_max and tried again;
/// past that it is counted as lost, reported once as an `error` update, and told in the row
/// (missing_ms_max). Restarted, it appends to the same journal. A recording that cannot be made or
/// stored is tried again with growing pauses (defaults::call::seal_tries); a node that drains tries
/// once more at once and leaves it to the next start.
caf::actor spawn_recorder(caf::actor_system&, recorder_setup);

} // namespace switchboard::actors
