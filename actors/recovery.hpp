#pragma once

#include "actors/database.hpp"
#include "actors/disk_actor.hpp"
#include "actors/event_feed_actor.hpp"
#include "actors/node_state.hpp"

#include <caf/actor_system.hpp>

#include <string>

namespace switchboard::actors {

/// Finishes calls whose process died: rows that are still `active`, journals without a recording.
/// Idempotent: whatever was written already is not written again.
using recovery_actor = caf::typed_actor<
    // The call (by id) is about to go on: stores the turns that the database lacks and answers what
    // is known of it. Its journal is left to the call. Error: database.
    caf::replies_to<atom::past, std::string>::with<storage::call_past_ptr>,
    // The carrier did not bring the call back: finish it. The sender has counted it in
    // node_state::recovering.
    caf::reacts_to<atom::finish, std::string>,
    // Look at all journals, too; answered when nothing is left to do.
    caf::replies_to<atom::recover>::with<recovery_report>,
    // Go on with the next call / with those that failed (both to itself).
    caf::reacts_to<atom::commit>, caf::reacts_to<atom::restart>>;

struct recovery_setup {
  std::string storage_path;
  std::string agent; ///< `agent` of a row that has to be made anew
  bool stereo = true;
  bool active_too = false; ///< nobody else finishes active rows (no server runs): look for them
  store_factory open;      ///< read-only connections, opened on the actor's thread
  database_writer_actor writer;
  sealer_actor sealer;
  event_feed_actor feed;
  node_state_ptr node = std::make_shared<node_state>(); ///< counts what is left to do
  bool detached = true; ///< reads journals, so it has a thread of its own; not in tests
};

/// A call is finished in this order, each step answered before the next: turns, figures, end of the
/// row (call_ended), recording (recording_saved). One call at a time, so that live calls never wait
/// for more than one of them at the sealer. Calls that cannot be finished are tried again after
/// defaults::call::recovery_retry, a bounded number of times; then the next start does it.
recovery_actor spawn_recovery(caf::actor_system&, recovery_setup);

} // namespace switchboard::actors
