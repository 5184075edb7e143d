#include "actors/line_timers.hpp"

#include <caf/mailbox_element.hpp>

#include <utility>

namespace switchboard::actors {

void line_timers::add(monotonic due, const timer_owner& who, caf::message what,
                      caf::message_id id) {
  waiting_.emplace(due, later{who, std::move(what), id});
}

void line_timers::beat(monotonic now, caf::execution_unit* host) {
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    auto due = waiting_.extract(waiting_.begin());
    if (auto who = due.mapped().who.lock())
      (*who)->enqueue(nullptr, due.mapped().id, std::move(due.mapped().what), host);
  }
}

} // namespace switchboard::actors
