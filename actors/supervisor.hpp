#pragma once

#include "actors/atoms.hpp"
#include "actors/restart_policy.hpp"

#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/system_messages.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>

namespace switchboard::actors {

/// Spawns, monitors and restarts the children of one actor by their policies. A part of that actor
/// (not an actor itself): the owner passes down messages and `restart` messages on.
class supervisor {
public:
  struct child_spec {
    std::string name;
    restart_policy policy;                           ///< no delays = not restarted
    std::function<caf::actor()> spawn;               ///< must not throw
    std::function<bool(const caf::error&)> is_fatal; ///< not worth another try; null = never
    std::function<void(const caf::error&)> gave_up;  ///< fatal, or out of tries
    std::function<void()> restarted;                 ///< after a respawn; may be null
  };

  /// @param seed of the jitter. @param log_id the call id for log lines.
  supervisor(caf::event_based_actor* owner, std::string log_id, uint64_t seed);

  void add(uint8_t id, child_spec spec);
  void start(uint8_t id);
  /// The child works: see restart_counter.
  void healthy(uint8_t id);
  /// @returns true if the message was about one of the children.
  bool on_down(const caf::down_msg& down);
  /// The owner's handler of (atom::restart, id, generation).
  void on_restart(uint8_t id, uint64_t generation);
  /// No more restarts; children get `user_shutdown`. Their down messages are still consumed.
  void stop_all();
  /// Ends one child for good.
  void stop(uint8_t id);
  /// The child of `from` becomes that of `to`. The one that `to` had, dead or told to end, is only
  /// waited for as `from`: its end is no failure. Pending restarts of `to` are off.
  void promote(uint8_t from, uint8_t to);
  /// The child was told to end by itself: its end is no failure.
  void expect_end(uint8_t id);
  /// Drops all handles: for the owner's own end, so that no cycle of handles stays.
  void forget_all();
  /// The child goes on alone: neither restarted nor waited for any more.
  void let_go(uint8_t id);

  const caf::actor& child(uint8_t id) const;
  bool alive(uint8_t id) const;
  /// Whether the actor is this child.
  bool is(uint8_t id, const caf::actor_addr& who) const;
  size_t alive_count() const;
  uint64_t restarts(uint8_t id) const;

private:
  struct entry {
    child_spec spec;
    restart_counter counter;
    caf::actor handle;
    bool wanted = false;     // to be restarted when it dies
    uint64_t generation = 0; // of the pending restart; older ones are stale
    uint64_t restarts = 0;
  };
  void spawn(entry& e);

  caf::event_based_actor* owner_;
  std::string log_id_;
  std::mt19937_64 chance_;
  std::map<uint8_t, entry> children_;
};

} // namespace switchboard::actors
