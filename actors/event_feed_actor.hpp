#pragma once

#include "actors/atoms.hpp"
#include "actors/messages.hpp"

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <string>

namespace switchboard::actors {

/// Numbers the live updates and passes them to its sinks (SSE hub). Keeps the last
/// defaults::feed::replay_max for sinks that come later.
using event_feed_actor = caf::typed_actor<
    // Publishes an update; sent after the commit of the row that it is about.
    caf::reacts_to<atom::publish, feed_event>,
    // A call (by id) was erased: its updates are given to nobody any more.
    caf::reacts_to<atom::erased, std::string>,
    // Adds a sink: gets what is kept, then every update.
    caf::reacts_to<atom::sub, feed_sink_ptr>>;

} // namespace switchboard::actors
