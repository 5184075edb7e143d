#pragma once

#include "actors/outbound_actor.hpp"
#include "conf/config.hpp"

#include <caf/actor_system.hpp>

namespace switchboard::http {

/// Spawns the actor that makes this node's requests; its thread lives as long as the actor.
/// @param config outlives the actor.
actors::outbound_actor spawn_outbound(caf::actor_system&, const conf::config& config);

} // namespace switchboard::http
