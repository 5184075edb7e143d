#pragma once

#include "actors/database_actor.hpp"
#include "actors/event_feed_actor.hpp"
#include "actors/node_state.hpp"
#include "actors/outbound_actor.hpp"
#include "actors/recovery.hpp"
#include "actors/registry_actor.hpp"
#include "actors/warm_sessions.hpp"
#include "conf/agent_profiles.hpp"

#include <caf/actor_system.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace switchboard::actors {

struct registry_settings {
  size_t calls_max = 0; ///< admission limit of this node, > 0
  size_t lines = 1;
  conf::profile_store_ptr profiles; ///< how calls are answered, by the called number; not null
  outbound_actor outbound = {};     ///< ends calls at the carrier; invalid = nobody does
  session_prewarmer_ptr prewarmer = nullptr; ///< null = sessions open when their streams start
  /// Rows that a dead process left `active`: the carrier may bring these calls back.
  std::vector<storage::call_row> interrupted{};
  std::chrono::seconds resume_window{0}; ///< and for so long
  recovery_actor recovery{};             ///< finishes those that do not come back; may be invalid
};

/// Spawns the registry; see registry_actor for what it answers.
registry_actor spawn_registry(caf::actor_system&, registry_settings, database_writer_actor,
                              event_feed_actor, node_state_ptr);

} // namespace switchboard::actors
