#pragma once

#include "actors/database_actor.hpp"
#include "actors/node_state.hpp"

#include <caf/actor_system.hpp>

#include <functional>
#include <memory>

namespace switchboard::actors {

/// Opens a connection on the thread that will use it. Answers null when it cannot (logged there).
using store_factory = std::function<std::unique_ptr<storage::call_store>()>;

/// Spawns the writer on its own thread. It opens its connection with the first write, and again
/// after a failure; writes that find no database are answered `database`.
/// @param detached not in tests in virtual time.
database_writer_actor spawn_database_writer(caf::actor_system&, store_factory, node_state_ptr,
                                            bool detached = true);

/// Spawns `threads` readers behind one router that spreads and bounds the jobs.
database_reader_actor spawn_database_reader(caf::actor_system&, store_factory, size_t threads,
                                            const node_state_ptr&);

/// Spawns threads for file reads behind one router.
disk_reader_actor spawn_disk_reader(caf::actor_system&, size_t threads, const node_state_ptr&);

} // namespace switchboard::actors
