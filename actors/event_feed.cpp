#include "actors/event_feed.hpp"

#include "actors/wall_clock.hpp"
#include "conf/defaults/feed.hpp"

#include <caf/all.hpp>

#include <algorithm>

namespace switchboard::actors {

void event_feed_state::publish(feed_event event) {
  event.sequence = ++last_sequence;
  if (event.timestamp == 0)
    event.timestamp = wall_now_ms();
  auto shared = std::make_shared<const feed_event>(std::move(event));
  recent.push_back(shared);
  if (recent.size() > defaults::feed::replay_max)
    recent.pop_front();
  for (auto& sink : sinks)
    sink->on_feed_event(shared);
}

/// Erased means gone, also from what is kept for those who connect later.
void event_feed_state::forget(const std::string& call_id) {
  const auto of_call = [&](const feed_event_ptr& event) { return event->call_id == call_id; };
  recent.erase(std::remove_if(recent.begin(), recent.end(), of_call), recent.end());
  for (auto& sink : sinks)
    sink->on_call_erased(call_id);
}

void event_feed_state::subscribe(feed_sink_ptr sink) {
  for (auto& event : recent)
    sink->on_feed_event(event);
  sinks.push_back(std::move(sink));
}

event_feed_actor::behavior_type
event_feed(event_feed_actor::stateful_pointer<event_feed_state> self) {
  return {
      [self](atom::publish, feed_event& event) { self->state.publish(std::move(event)); },
      [self](atom::erased, const std::string& call_id) { self->state.forget(call_id); },
      [self](atom::sub, feed_sink_ptr& sink) { self->state.subscribe(std::move(sink)); },
  };
}

} // namespace switchboard::actors
