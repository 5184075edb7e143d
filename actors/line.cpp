#include "actors/line.hpp"

#include "actors/huge_pages.hpp"
#include "actors/thread_priority.hpp"
#include "conf/defaults/line.hpp"
#include "conf/log.hpp"

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/send.hpp>
#include <pthread.h>

#include <condition_variable>
#include <map>
#include <vector>

namespace switchboard::actors {

struct line::reactor {
  reactor() : io(1), guard(asio::make_work_guard(io)), clock(io) {}
  asio::io_context io; // concurrency hint 1: one thread runs it
  asio::executor_work_guard<asio::io_context::executor_type> guard;
  asio::steady_timer clock;
  std::condition_variable all_gone;
};

line::line(caf::actor_system& system, std::string name, int nice)
    : caf::execution_unit(&system),
      reactor_(std::make_unique<reactor>()),
      name_(std::move(name)),
      nice_(nice),
      carries_calls_(nice == 0),
      parts_a_beat_(carries_calls_ ? 1 : defaults::line::tick_parts),
      unhurried_(system) {}

line::~line() {
  stop();
}

void line::start() {
  thread_ = std::thread{[this] { run(); }};
}

void line::run() {
  thread_id_ = std::this_thread::get_id();
  pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
  set_priority();
  if (carries_calls_)
    use_huge_pages();
  schedule_beat();
  for (;;) {
    try {
      reactor_->io.run();
      return;
    } catch (const std::exception& e) {
      // Handlers do not throw; should one do, it costs its own turn and not the line's calls.
      log::error("line", "exception reached the line", {{"line", name_}, {"what", e.what()}});
    }
  }
}

void line::set_priority() {
  give_way(nice_, name_.c_str());
  if (carries_calls_)
    run_promptly(defaults::line::slice, name_.c_str());
  if (!realtime_)
    return;
  realtime_ = run_first();
  if (!realtime_)
    log::info("line", "no real-time priority (LimitRTPRIO): frames may wait for other threads",
              {{"line", name_}});
}

void line::schedule_beat() {
  reactor_->clock.expires_after(defaults::line::beat * parts_a_beat_);
  reactor_->clock.async_wait([this](const std::error_code& failed) {
    if (failed)
      return;
    // Whatever a tick throws costs its own turn: without beats there is no deadline and no journal.
    struct again {
      line* beating;
      ~again() { beating->schedule_beat(); }
    } const at_the_end{this};
    beat();
  });
}

void line::beat() {
  const auto now = std::chrono::steady_clock::now();
  const auto lateness =
      std::chrono::duration_cast<std::chrono::microseconds>(now - reactor_->clock.expiry());
  metrics_.lateness.observe(static_cast<uint64_t>(lateness.count()));
  if (carries_calls_ && watch_.on_beat(lateness))
    on_overload_change(lateness);
  timers_.beat(now, this);
  unhurried_.run(*this);
  for (size_t part = 0; part < parts_a_beat_; ++part)
    ticks_.beat(now);
  journals_.beat();
}

void line::on_overload_change(std::chrono::microseconds lateness) {
  log::warn("line", watch_.overloaded() ? "overloaded" : "keeps up again",
            {{"line", name_}, {"late_us", static_cast<int64_t>(lateness.count())}});
  if (realtime_ && watch_.overloaded()) // journals and API shall have their share of the core
    run_fairly(defaults::line::slice, name_.c_str());
  else if (realtime_)
    run_first();
  if (on_overload_)
    on_overload_(watch_.overloaded());
}

void line::stop() {
  if (!thread_.joinable())
    return;
  reactor_->guard.reset();
  reactor_->io.stop();
  thread_.join();
  journals_ = {}; // their handles must not outlive the actor system
  timers_ = {};
  unhurried_.clear();
}

asio::io_context& line::io() {
  return reactor_->io;
}

ticker& line::ticks() {
  return ticks_;
}

void line::post(std::function<void()> work) {
  asio::post(reactor_->io, std::move(work));
}

void line::exec_later(caf::resumable* job) {
  if (job->subtype() != caf::resumable::io_actor) {
    system().scheduler().enqueue(job);
    return;
  }
  // The job comes with a reference of its own; holding it in the handler returns it even if the
  // handler is destroyed without running.
  asio::post(
      reactor_->io, [this, owned = caf::intrusive_ptr<caf::resumable>{job, false}]() mutable {
        if (owned->resume(this, defaults::line::throughput_max) == caf::resumable::resume_later)
          exec_later(owned.release());
      });
}

size_t line::actors() const {
  std::lock_guard<std::mutex> guard{held_mutex_};
  return held_.size();
}

bool line::await_actors(std::chrono::milliseconds deadline) const {
  std::unique_lock<std::mutex> guard{held_mutex_};
  return reactor_->all_gone.wait_for(guard, deadline, [this] { return held_.empty(); });
}

std::string line::kill_actors() const {
  std::vector<caf::strong_actor_ptr> left;
  {
    std::lock_guard<std::mutex> guard{held_mutex_};
    left.assign(held_.begin(), held_.end());
  }
  std::map<std::string, size_t> counts;
  for (auto& each : left) {
    ++counts[static_cast<line_actor*>(caf::actor_cast<caf::abstract_actor*>(each))->name()];
    caf::anon_send_exit(each, caf::exit_reason::kill);
  }
  std::string text;
  for (auto& [kind, count] : counts)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + kind;
  return text;
}

void line::hold(caf::strong_actor_ptr actor) {
  std::lock_guard<std::mutex> guard{held_mutex_};
  held_.insert(std::move(actor));
}

void line::let_go(const caf::strong_actor_ptr& actor) {
  // Notifying under the lock: a waiter may destroy the line as soon as it sees the set empty.
  std::lock_guard<std::mutex> guard{held_mutex_};
  held_.erase(actor); // never the last reference: the running job owns one
  if (held_.empty())
    reactor_->all_gone.notify_all();
}

line_actor::line_actor(caf::actor_config& cfg, line* where)
    : caf::event_based_actor(cfg), where_(where), clock_(&home_system().clock()) {}

void line_actor::launch(caf::execution_unit* host, bool lazy, bool hide) {
  if (where_ != nullptr)
    where_->hold(caf::strong_actor_ptr{ctrl()});
  caf::event_based_actor::launch(where_ != nullptr ? where_ : host, lazy, hide);
}

void line_actor::enqueue(caf::mailbox_element_ptr what, caf::execution_unit* host) {
  caf::event_based_actor::enqueue(std::move(what), where_ != nullptr ? where_ : host);
}

caf::resumable::subtype_t line_actor::subtype() const {
  return where_ != nullptr ? caf::resumable::io_actor : caf::event_based_actor::subtype();
}

const timer_owner& line_actor::as_timer_owner() {
  if (timer_owner_ == nullptr)
    timer_owner_ = std::make_shared<caf::actor_control_block*>(ctrl());
  return timer_owner_;
}

void line_actor::on_exit() {
  release();
  timer_owner_ = nullptr;
  if (where_ != nullptr)
    where_->let_go(caf::strong_actor_ptr{ctrl()});
}

} // namespace switchboard::actors
