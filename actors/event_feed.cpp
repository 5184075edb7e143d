#include "actors/event_feed.hpp"

#include "actors/wall_clock.hpp"
#include "conf/defaults/feed.hpp"

#include <caf/all.hpp>

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

void event_feed_state::subscribe(feed_sink_ptr sink) {
  for (auto& event : recent)
    sink->on_feed_event(event);
  sinks.push_back(std::move(sink));
}

event_feed_actor::behavior_type
event_feed(event_feed_actor::stateful_pointer<event_feed_state> self) {
  return {
      [self](atom::publish, feed_event& event) { self->state.publish(std::move(event)); },
      [self](atom::sub, feed_sink_ptr& sink) { self->state.subscribe(std::move(sink)); },
  };
}

} // namespace switchboard::actors
