#pragma once

#include "actors/node_state.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/message_priority.hpp>
#include <caf/send.hpp>
#include <caf/system_messages.hpp>

#include <functional>
#include <string>

namespace switchboard::actors {

/// Spawns what `make` makes and stands in for it (on CAF's scheduler): every message goes on to it
/// as it came, and when it dies a new one takes its place, after growing pauses
/// (defaults::node::revive_*), for ever. Requests that wait
/// for the dead one are answered with an error by CAF, those in its hands run into their deadline,
/// and those that come in a pause are answered `busy`. So a writer that an exception killed
/// costs what it was about to write, which its clients try again. Ends with its actor when it is
/// told to, and as soon (end_at_once()). Answers (direct) with the actor as it is now: who sends
/// much may talk to it without the detour, until a request fails.
/// @param make must not throw. @param what names it in the log.
caf::actor spawn_kept_alive(caf::actor_system&, std::string what, std::function<caf::actor()> make,
                            node_state_ptr);

/// The same for a typed actor.
template <class Handle>
Handle keep_alive(caf::actor_system& system, std::string what, std::function<Handle()> make,
                  node_state_ptr node) {
  auto untyped = [make = std::move(make)] { return caf::actor_cast<caf::actor>(make()); };
  return caf::actor_cast<Handle>(
      spawn_kept_alive(system, std::move(what), std::move(untyped), std::move(node)));
}

/// Has an actor end before it handles what waits for it; who asked is told so. To anon_send_exit()
/// it comes after that, since an exit is a message like any other. `handle` is let go of.
template <class Handle>
void end_at_once(Handle& handle) {
  if (handle)
    caf::anon_send<caf::message_priority::high>(
        caf::actor_cast<caf::actor>(handle),
        caf::exit_msg{handle.address(), caf::exit_reason::user_shutdown});
  handle = nullptr;
}

} // namespace switchboard::actors
