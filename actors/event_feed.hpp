#pragma once

#include "actors/event_feed_actor.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <string>
#include <vector>

namespace switchboard::actors {

/// State of the event feed: numbers, keeps and passes on.
struct event_feed_state {
  std::deque<feed_event_ptr> recent; ///< at most defaults::feed::replay_max
  std::vector<feed_sink_ptr> sinks;
  uint64_t last_sequence = 0;

  void publish(feed_event event);
  void forget(const std::string& call_id);
  void subscribe(feed_sink_ptr sink);
  static inline const char* name = "event_feed";
};

/// The feed's behavior; see event_feed_actor for the interface.
event_feed_actor::behavior_type event_feed(event_feed_actor::stateful_pointer<event_feed_state>);

} // namespace switchboard::actors
