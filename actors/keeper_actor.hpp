#pragma once

#include "actors/atoms.hpp"

#include <caf/fwd.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <string>

namespace switchboard::actors {

/// Removes what is not to be kept: calls that somebody erases, calls and journals past their
/// retention. A call goes in an order that a crash at any point cannot turn into a row without its
/// files' fate, or files without a row: first an intent is committed, then the files go, then row,
/// relations, search index and intent in one transaction. An intent found at the start is finished.
using keeper_actor = caf::typed_actor<
    // Erases a call (id, who asked: for the audit line). Errors: not_found, still_active, database;
    // disk: its files cannot be removed now, which is tried again until it works.
    caf::replies_to<atom::erase, std::string, std::string>::with<bool>,
    // Time for the next step of taking erased words out of the search index (to itself).
    caf::reacts_to<atom::forget, bool>,
    // Time to look for what is over (to itself).
    caf::reacts_to<atom::expire>>;

} // namespace switchboard::actors
