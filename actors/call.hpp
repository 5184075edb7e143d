#pragma once

#include "actors/call_context.hpp"
#include "actors/carrier_link.hpp"
#include "actors/database_actor.hpp"
#include "actors/disk_actor.hpp"
#include "actors/event_feed_actor.hpp"
#include "actors/line.hpp"
#include "actors/model_link.hpp"
#include "actors/node_state.hpp"
#include "actors/outbound_actor.hpp"
#include "actors/registry_actor.hpp"
#include "actors/twilio_leg.hpp"
#include "actors/warm_sessions.hpp"
#include "conf/config.hpp"

#include <caf/actor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace switchboard::actors {

/// What all calls of a node work with. Made once, read-only afterwards.
struct call_services {
  registry_actor registry;
  database_writer_actor writer;
  event_feed_actor feed;
  std::vector<disk_writer_actor> disks; ///< a call's journal goes to one of them
  sealer_actor sealer;
  node_state_ptr node;
  const conf::config* config = nullptr; ///< outlives all calls
  read_stamps* stamps = nullptr;        ///< test hook; outlives all calls
  /// Sessions opened ahead, one shelf per line; empty = none are.
  std::vector<std::shared_ptr<warm_sessions>> warm;
  outbound_actor outbound; ///< HTTP tools and the carrier's REST API; may be invalid in tests
  std::vector<model_connector*> connectors; ///< one per line, by index; outlive all calls
};
using call_services_ptr = std::shared_ptr<const call_services>;

/// What makes one call.
struct call_setup {
  std::string call_id;
  call_facts facts;
  stream_start start;
  carrier_link_box link;
  uint32_t line = 0;
  storage::call_past_ptr past; ///< of a call that another process began; null for a new one
};

/// Spawns the supervisor of a call on its line; the rest of its tree follows. It reports itself to
/// the registry (live, later ended). Messages it takes from outside:
///   (resume, box, stream_start)  a new stream of the same call
///   (finish, reason)             end the call
///   (gone, reason)               the carrier says that the call is over
///   (streamover) -> next_step    what the carrier is to do now that its stream is over
caf::actor spawn_call(caf::actor_system&, line*, call_services_ptr, call_setup);

/// Where a call's journal and recording lie: `<date>/<call id>`, the date in UTC.
std::string recording_stem(const std::string& call_id, int64_t started_wall_ms);

} // namespace switchboard::actors
