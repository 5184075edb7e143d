#pragma once

#include "actors/call_analysis.hpp"
#include "actors/database_actor.hpp"
#include "actors/event_feed_actor.hpp"
#include "actors/node_state.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <string>

namespace switchboard::actors {

struct analyst_setup {
  database_writer_actor writer;
  event_feed_actor feed;
  node_state_ptr node;
};

/// Spawns a call's analyst (on CAF's scheduler): it makes rows of what the line measured. It takes
///   (figures, call_snapshot)          while the call runs: stored as an analytics row, up to
///                                     defaults::analysis::snapshots_max of them; one that cannot
///                                     be stored is left out, the next one holds all that it held
///   (finish, call_snapshot) -> bool   the call is over: the last row and the call's metadata,
///                                     tried again if they cannot be stored; answers when they are
///                                     (false: given up), then ends, or waits for
///   (review, review_answer)           what the model said of the call (may come first): put into
///                                     the last row and the metadata if it is of use, and told as
///                                     `call_updated`; none within
///                                     defaults::analysis::review_patience: it stays absent
/// A snapshot holds everything, so a restarted analyst has nothing to rebuild but its count of
/// rows.
caf::actor spawn_analyst(caf::actor_system&, analyst_setup);

} // namespace switchboard::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::call_snapshot)
