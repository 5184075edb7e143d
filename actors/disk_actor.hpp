#pragma once

#include "actors/atoms.hpp"
#include "actors/journal_tail.hpp"
#include "actors/messages.hpp"
#include "storage/sealer.hpp"

#include <caf/actor_system.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace switchboard::storage {
class journal_file;
}

namespace switchboard::actors {

/// Appends to journals, on its own thread. Each journal belongs to one writer.
using disk_writer_actor = caf::typed_actor<
    // Makes the appends, each with one write to its journal, which it opens if need be, and settles
    // their tickets: who sends them asks for no answer. Of one that fails nothing is kept, and one
    // that was taken back is not made. Answers how many were made.
    caf::replies_to<atom::facts, journal_appends>::with<uint64_t>,
    // Syncs and closes a journal. Error: `disk` with the storage error's name.
    caf::replies_to<atom::finish, std::string>::with<uint64_t>,
    // Time to sync what was written (to itself).
    caf::reacts_to<atom::commit>>;

/// Makes recordings out of journals, one at a time, on its own thread at low priority.
using sealer_actor = caf::typed_actor<
    // Answers the row to store. Errors: `disk` with the storage error's name; `busy` with
    // defaults::call::seal_queue_max waiting: the journal is kept then, and taken up later.
    caf::replies_to<atom::seal, storage::seal_request>::with<storage::recording_row>>;

/// How a writer opens a journal; a test gives one that fails.
using journal_opener =
    std::function<storage::result<std::unique_ptr<storage::journal_file>>(const std::string& path)>;

/// @param sync_after how long after a write the journal is synced: what a power cut may cost.
/// @param detached has a thread of its own, since it blocks; not in tests in virtual time.
disk_writer_actor spawn_disk_writer(caf::actor_system&, journal_opener,
                                    std::chrono::milliseconds sync_after, bool detached = true);
sealer_actor spawn_sealer(caf::actor_system&);

} // namespace switchboard::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::storage::seal_request)
