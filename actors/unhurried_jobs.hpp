#pragma once

#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/intrusive_ptr.hpp>
#include <caf/resumable.hpp>

#include <cstddef>
#include <deque>
#include <mutex>

namespace switchboard::actors {

/// Jobs of a line's actors that may wait for the line's next beat, by which they are run. A job
/// that is posted to the line at once wakes it, and it takes the core from the thread that posted
/// it (a line runs before all others): for a dozen answers of the database that comes to a dozen
/// times. As many jobs as actors, each once; so many a beat (defaults::line::unhurried_jobs_max).
class unhurried_jobs final : public caf::execution_unit {
public:
  explicit unhurried_jobs(caf::actor_system& system) : caf::execution_unit(&system) {}

  /// Any thread.
  void exec_later(caf::resumable* job) override;
  /// On the line's thread. What a job brings about is for another time; one that throws costs
  /// itself.
  void run(caf::execution_unit& line);
  /// Forgets them.
  void clear();

private:
  using job_ptr = caf::intrusive_ptr<caf::resumable>;
  size_t size();
  job_ptr next();

  std::mutex mutex_; // held for as long as it takes to put one pointer down
  std::deque<job_ptr> waiting_;
};

} // namespace switchboard::actors
