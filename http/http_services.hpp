#pragma once

#include "actors/database_actor.hpp"
#include "actors/event_feed_actor.hpp"
#include "actors/keeper_actor.hpp"
#include "actors/line.hpp"
#include "actors/node_state.hpp"
#include "actors/registry_actor.hpp"
#include "conf/agent_profiles.hpp"
#include "conf/config.hpp"
#include "http/websocket.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace switchboard::http {

/// What the server works with. All of it outlives the server.
struct http_services {
  actors::registry_actor registry;
  actors::database_writer_actor writer;
  actors::database_reader_actor reader;
  actors::disk_reader_actor disk;
  actors::event_feed_actor feed;
  actors::keeper_actor keeper;
  actors::node_state_ptr state;
  const conf::config* config = nullptr;
  conf::profile_store_ptr profiles;  ///< how calls are answered; not null
  actors::line* http_line = nullptr; ///< of this server alone
  std::vector<actors::line*> lines;  ///< media lines, by grant.line
  std::function<size_t()> actors;    ///< how many the process has; any thread; set by the server
  /// Takes over a stream whose ticket was good. Called on the thread of `lines[line]`.
  std::function<void(uint32_t line, detached_websocket_ptr, actors::stream_grant,
                     actors::stream_start)>
      on_stream;
};

} // namespace switchboard::http
