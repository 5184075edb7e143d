#pragma once

#include "actors/atoms.hpp"
#include "actors/event_feed_actor.hpp"
#include "actors/node_state.hpp"
#include "storage/volume.hpp"

#include <caf/actor_system.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <functional>
#include <string>

namespace switchboard::actors {

/// Looks at the two volumes every defaults::node::storage_look_interval and keeps
/// node_state::storage. What gets worse is published once as an `error` update (DISK_LOW,
/// DISK_NOT_WRITABLE, DATABASE_FAILED), and logged when it is well again.
using storage_watch_actor = caf::typed_actor<
    // Time to look (to itself).
    caf::reacts_to<atom::tick>>;

struct storage_watch_setup {
  std::string recording_folder;
  std::string database_folder;
  uint64_t free_min_bytes = 0; ///< the mark; 0 = none
  /// Below the mark: false = new calls are refused; true = they are not recorded. Without room for
  /// the database they are refused in any case.
  bool stop_recording = false;
  bool recording = true; ///< off: the volume of recordings does not matter
  event_feed_actor feed;
  node_state_ptr node;
  std::function<storage::volume_state(const std::string& folder)> look = storage::look_at_volume;
  bool detached = true; ///< looking may block, so it has a thread of its own; not in tests
};

/// Spawns it; it looks at once.
storage_watch_actor spawn_storage_watch(caf::actor_system&, storage_watch_setup);

} // namespace switchboard::actors
