#pragma once

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <cstdint>
#include <string>

namespace switchboard::actors {

/// Spawns what removes journals that are no longer needed, on its own thread: at its start and then
/// every defaults::call::journal_sweep_interval. See storage::sweep_journals().
caf::actor spawn_journal_keeper(caf::actor_system&, std::string storage_path, uint32_t retention_h);

} // namespace switchboard::actors
