#pragma once

#include "actors/messages.hpp"
#include "actors/model_link.hpp"
#include "conf/config.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace switchboard::actors {

class line;

/// Model sessions that were opened at the webhook and wait for their call's stream: the caller
/// hears the first words earlier by a session's set-up time. One per line, the one that the call
/// will live on. A session that nobody takes closes when the call's ticket has run out. Belongs to
/// the line's thread; with a null line (tests) to the caller's.
class warm_sessions {
public:
  /// All of these outlive it.
  warm_sessions(caf::actor_system& system, line* where, model_connector* connector,
                const conf::config* config);

  /// Opens the session of a call. Does nothing when there is one, or as many wait as may
  /// (defaults::model::warm_sessions_max): the call opens its own then.
  void open(const std::string& call_id, const call_facts& facts);
  /// Gives the session (an openai_leg) to its call. @returns an invalid handle if there is none.
  caf::actor take(const std::string& call_id);
  /// The call will not come: closes its session.
  void drop(const std::string& call_id);
  size_t waiting() const { return waiting_->size(); }
  line* where() const { return where_; }

private:
  using table = std::unordered_map<std::string, caf::actor>;

  caf::actor_system& system_;
  line* where_;
  model_connector* connector_;
  const conf::config* config_;
  std::shared_ptr<table> waiting_ = std::make_shared<table>(); // shared with the sessions' ends
};

/// How the registry has sessions opened: any thread; the work is done on the lines.
class session_prewarmer {
public:
  explicit session_prewarmer(std::vector<std::shared_ptr<warm_sessions>> lines)
      : lines_(std::move(lines)) {}
  void open(uint32_t line_index, const std::string& call_id, const call_facts& facts);
  void drop(uint32_t line_index, const std::string& call_id);

private:
  std::vector<std::shared_ptr<warm_sessions>> lines_;
};
using session_prewarmer_ptr = std::shared_ptr<session_prewarmer>;

} // namespace switchboard::actors
