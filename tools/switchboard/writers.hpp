#pragma once

#include "actors/database.hpp"
#include "actors/disk_actor.hpp"
#include "actors/event_feed_actor.hpp"
#include "actors/node_state.hpp"
#include "actors/storage_watch.hpp"
#include "conf/config.hpp"

#include <vector>

namespace switchboard {

/// The actors that write for a node. Those that calls depend on are brought back when they die.
struct writers {
  actors::database_writer_actor database;
  std::vector<actors::disk_writer_actor> disks;
  actors::sealer_actor sealer;
  actors::storage_watch_actor watch;
};

/// Spawns them all. @param system, config outlive them. @param lines whose calls they write for.
writers spawn_writers(caf::actor_system& system, const conf::config& config, size_t lines,
                      const actors::node_state_ptr& state, const actors::event_feed_actor& feed);

} // namespace switchboard
