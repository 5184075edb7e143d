#pragma once

#include "actors/atoms.hpp"
#include "actors/messages.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

namespace switchboard::actors {

/// Knows every call of this node: who may stream, which line carries it, when it is over.
using registry_actor = caf::typed_actor<
    // A webhook announces a call. Creates its row (answered after the commit), publishes
    // call_started. Idempotent on call_sid. Errors: full, draining, database.
    caf::replies_to<atom::admit, call_facts>::with<admission>,
    // A stream's start names its call. Single use per nonce. Errors: bad_ticket, full, draining.
    caf::replies_to<atom::claim, stream_claim>::with<stream_grant>,
    // A call actor runs (sent by the call itself).
    caf::reacts_to<atom::live, std::string, caf::actor>,
    // A call has written its end (sent by the call itself); the registry forgets it.
    caf::reacts_to<atom::ended, std::string>,
    // A call could not write its end: it is forgotten, and its end is written as soon as that
    // works.
    caf::reacts_to<atom::ended, std::string, storage::call_update>,
    // The carrier's status callback; true = the call is known. A terminal status ends the call.
    caf::replies_to<atom::callback, status_callback>::with<bool>,
    // Connect's action: what to do with the call (by call_sid) now that its stream is over.
    caf::replies_to<atom::streamover, std::string>::with<next_step>,
    // Ends a call by id. Errors: not_found (unknown here: ask the database), not_active.
    caf::replies_to<atom::hangup, std::string>::with<bool>,
    // No new calls; live ones go on. `ended` true = end them now.
    caf::reacts_to<atom::drain, bool>,
    // Housekeeping of admissions that never sent a stream.
    caf::reacts_to<atom::expire>>;

} // namespace switchboard::actors
