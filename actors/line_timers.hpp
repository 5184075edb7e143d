#pragma once

#include "actors/ticker.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/execution_unit.hpp>
#include <caf/message.hpp>
#include <caf/message_id.hpp>

#include <cstddef>
#include <map>
#include <memory>

namespace switchboard::actors {

/// An actor as the one to be told: held by that actor alone, until it ends. A weak handle of CAF's
/// would keep the actor's memory until the time has come.
using timer_owner = std::shared_ptr<caf::actor_control_block*>;

/// Messages that actors of one line have asked to be sent to themselves later, and the deadlines of
/// what they have asked others. CAF's own clock has a thread, which each delayed message wakes
/// twice, and which then wakes the line: this one is looked at by the line's beats, and is as exact
/// as they are (defaults::line::beat). As many as the line's actors have asked for, a few each;
/// those of an actor that has ended, and of a request that was answered, go when they are due. Not
/// thread-safe: belongs to the line's thread.
class line_timers {
public:
  /// @param who is not kept for this: an owner that is gone by then hears nothing.
  /// @param id that of a response which `what` stands for if it has not come by then.
  void add(monotonic due, const timer_owner& who, caf::message what,
           caf::message_id id = caf::make_message_id());
  /// Sends what is due, in the order of their times; of equal times as they were asked for.
  void beat(monotonic now, caf::execution_unit* host);
  size_t size() const { return waiting_.size(); }

private:
  struct later {
    std::weak_ptr<caf::actor_control_block*> who;
    caf::message what;
    caf::message_id id;
  };
  std::multimap<monotonic, later> waiting_;
};

} // namespace switchboard::actors
