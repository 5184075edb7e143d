#pragma once

#include "actors/atoms.hpp"
#include "actors/messages.hpp"

#include <caf/fwd.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <string>

namespace switchboard::actors {

/// The one writer: groups what arrives within a few milliseconds into one transaction and answers
/// after its commit. Errors of all: busy (queue full), database.
using database_writer_actor = caf::typed_actor<
    // Creates a call's row; an existing call_sid answers its row.
    caf::replies_to<atom::putcall, storage::call_row>::with<storage::call_row>,
    // Changes a call (by id); answers the row as it is then. Error: not_found.
    caf::replies_to<atom::updcall, std::string, storage::call_update>::with<storage::call_row>,
    caf::replies_to<atom::putrec, storage::recording_row>::with<storage::recording_row>,
    // Inserts, or replaces the turn with this id. Waits longer for company than the others.
    caf::replies_to<atom::putturn, storage::transcript_row>::with<storage::transcript_row>,
    caf::replies_to<atom::putstats, storage::analytics_row>::with<storage::analytics_row>,
    caf::replies_to<atom::putmeta, storage::metadata_row>::with<storage::metadata_row>,
    // Writes down that a call is to be erased, and who asked; answers what to remove. Errors:
    // not_found, still_active.
    caf::replies_to<atom::erase, std::string, std::string>::with<storage::erasure>,
    // Its files are gone: row, relations and search index follow.
    caf::replies_to<atom::erased, std::string>::with<bool>,
    // One step of taking the words of erased calls out of the search index (true: the first one);
    // answers whether there is more to do.
    caf::replies_to<atom::forget, bool>::with<bool>,
    // Nothing was written for a while (to itself).
    caf::reacts_to<atom::tidy>,
    // Commits what waits for company now: its time is up (to itself), or somebody waits for it.
    caf::reacts_to<atom::commit>>;

/// A pool of readers, each with its own connection and thread. Errors: busy (queue full),
/// timed_out. The job's deadline is set on the store before it runs.
using database_reader_actor =
    caf::typed_actor<caf::replies_to<atom::job, read_job>::with<read_result>>;

/// A pool of threads for file reads.
using disk_reader_actor = caf::typed_actor<caf::replies_to<atom::job, disk_job>::with<read_result>>;

} // namespace switchboard::actors
