#pragma once

#include "actors/journal_outbox.hpp"
#include "actors/line_timers.hpp"
#include "actors/node_metrics.hpp"
#include "actors/overload_watch.hpp"
#include "actors/ticker.hpp"
#include "actors/unhurried_jobs.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/execution_unit.hpp>
#include <caf/sec.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <unordered_set>
#include <utility>

namespace asio {
class io_context;
}

namespace switchboard::actors {

/// One thread with one io_context: media sockets and the actors pinned to it run here and nowhere
/// else, so that neither needs a lock. Also used for the http thread.
///
/// Life: construct, start(), [run], release_actors(), stop(), ~actor_system, destroy. The object
/// must outlive the actor system, since other threads may still enqueue to its actors.
class line : public caf::execution_unit {
public:
  /// @param nice of its thread (give_way()); 0 for one that carries calls. Another one has no
  /// frames that would have to wait for a tick, and beats once for each.
  line(caf::actor_system& system, std::string name, int nice = 0);
  ~line() override;
  line(const line&) = delete;
  line& operator=(const line&) = delete;

  /// Starts the thread and its clock.
  void start();
  /// Stops the thread and joins it. Only after all pinned actors are gone (or given up).
  void stop();

  asio::io_context& io();
  ticker& ticks();                                   ///< only on the line's thread
  journal_outbox& journals() { return journals_; }   ///< only on the line's thread
  line_timers& timers() { return timers_; }          ///< only on the line's thread
  unhurried_jobs& unhurried() { return unhurried_; } ///< any thread
  /// Written on the line's thread, read on any.
  line_metrics& metrics() { return metrics_; }
  /// Told on the line's thread when it falls behind (true) and when it is well again. Before
  /// start().
  void on_overload(std::function<void(bool)> told) { on_overload_ = std::move(told); }
  /// Has the line's thread run before all of normal priority where the system allows it
  /// (run_first()), while it keeps up. Before start().
  void prefer_realtime() { realtime_ = true; }
  const std::string& name() const { return name_; }
  bool on_thread() const { return std::this_thread::get_id() == thread_id_.load(); }

  /// Runs `work` on the line's thread soon. Any thread.
  void post(std::function<void()> work);

  /// Jobs of pinned actors are posted to the line; any other actor goes to CAF's scheduler, since
  /// an actor that a line wakes up must not run on the line.
  void exec_later(caf::resumable* job) override;

  /// How many pinned actors are held (spawned and not yet ended).
  size_t actors() const;
  /// Waits until no pinned actor is left. @returns false when the deadline passed first.
  bool await_actors(std::chrono::milliseconds deadline) const;
  /// Kills what is left, so that it lets go of what it holds; for await_actors() to wait for. Any
  /// thread. @returns the names of what was left, each once, with how many there were: for the log.
  std::string kill_actors() const;

  // -- for line_actor -----------------------------------------------------------------------------
  void hold(caf::strong_actor_ptr);
  void let_go(const caf::strong_actor_ptr&);

private:
  void run();
  void schedule_beat();
  void beat();
  void set_priority();
  void on_overload_change(std::chrono::microseconds lateness);

  struct reactor; // io_context, work guard, clock
  std::unique_ptr<reactor> reactor_;
  std::string name_;
  int nice_;
  bool carries_calls_;
  size_t parts_a_beat_;   // of a tick: one where there are calls, else all
  bool realtime_ = false; // wanted; later: allowed
  ticker ticks_;
  journal_outbox journals_; // of the calls that were ticked in this beat
  line_timers timers_;
  unhurried_jobs unhurried_;
  line_metrics metrics_;
  overload_watch watch_;
  std::function<void(bool)> on_overload_;
  std::atomic<std::thread::id> thread_id_{};
  std::thread thread_;
  mutable std::mutex held_mutex_; // spawn and exit only, never per message
  std::unordered_set<caf::strong_actor_ptr> held_;
};

/// Base of actors that are pinned to a line. The line holds a strong handle from spawn to exit, so
/// the actor ends on its line; what it owns of sockets is released in on_exit(), never by
/// destructors (members die where the last handle is dropped). quit() is for message handlers only:
/// called by a tick or a socket, it leaves an actor that no message can end. A null line means
/// CAF's scheduler: in tests, and for what may be on a line or not (journal_feeder's owners).
class line_actor : public caf::event_based_actor {
public:
  line_actor(caf::actor_config& cfg, line* where);

  using caf::event_based_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* host) override;
  void launch(caf::execution_unit* host, bool lazy, bool hide) override;
  subtype_t subtype() const override;
  void on_exit() final;

  line* where() const { return where_; }

  /// request() whose deadline is kept by the line's timers: sec::request_timeout as from CAF's
  /// clock, whose thread is not woken for it. Without a line, by that. On the actor's thread.
  template <class Handle, class... Ts>
  auto ask(const Handle& whom, monotonic::duration deadline, Ts&&... xs) {
    if (where_ == nullptr)
      return request(whom, caf::duration{deadline}, std::forward<Ts>(xs)...);
    auto answer = request(whom, caf::infinite, std::forward<Ts>(xs)...);
    where_->timers().add(line_now() + deadline, as_timer_owner(),
                         caf::make_message(caf::make_error(caf::sec::request_timeout)),
                         answer.id());
    return answer;
  }

protected:
  /// Releases sockets and buffers; on the line's thread, once.
  virtual void release() {}
  /// Now, by the system's clock. Asked for each frame: the way to it by home_system() touches three
  /// more places in memory.
  monotonic line_now() const { return clock_->now(); }
  /// The time of the line's latest beat (on one with calls defaults::line::beat ago at most), no
  /// call of the system; without a line, now.
  monotonic line_beat() const { return where_ != nullptr ? where_->ticks().now() : line_now(); }
  /// Sends this actor a message after a delay, as delayed_send() does, by the line's own timers.
  /// Without a line, by CAF's. On the actor's thread.
  template <class... Ts>
  void send_later(monotonic::duration delay, Ts&&... xs) {
    if (where_ == nullptr)
      delayed_send(this, delay, std::forward<Ts>(xs)...);
    else
      where_->timers().add(line_now() + delay, as_timer_owner(),
                           caf::make_message(std::forward<Ts>(xs)...));
  }

private:
  const timer_owner& as_timer_owner();

  line* where_;
  const caf::actor_clock* clock_; // the system's
  timer_owner timer_owner_;       // once it is asked for, until the actor ends
};

/// A request with a deadline, kept by the line of one who lives on one.
template <class Self, class Handle, class... Ts>
auto ask_by(Self* self, const Handle& whom, monotonic::duration deadline, Ts&&... xs) {
  if constexpr (std::is_base_of_v<line_actor, Self>)
    return self->ask(whom, deadline, std::forward<Ts>(xs)...);
  else
    return self->request(whom, caf::duration{deadline}, std::forward<Ts>(xs)...);
}

/// Spawns a pinned actor: `Actor(caf::actor_config&, line*, args...)`. Any thread.
template <class Actor, class... Args>
caf::actor spawn_on(caf::actor_system& system, line* where, Args&&... args) {
  caf::actor_config cfg{where};
  return system.spawn_class<Actor, caf::no_spawn_options>(cfg, where, std::forward<Args>(args)...);
}

} // namespace switchboard::actors
