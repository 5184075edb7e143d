#include "actors/unhurried_jobs.hpp"

#include "conf/defaults/line.hpp"

#include <algorithm>
#include <utility>

namespace switchboard::actors {

namespace limits = defaults::line;

void unhurried_jobs::exec_later(caf::resumable* job) {
  std::lock_guard<std::mutex> guard{mutex_};
  waiting_.emplace_back(job, false); // comes with a reference of its own
}

size_t unhurried_jobs::size() {
  std::lock_guard<std::mutex> guard{mutex_};
  return waiting_.size();
}

unhurried_jobs::job_ptr unhurried_jobs::next() {
  std::lock_guard<std::mutex> guard{mutex_};
  auto job = std::move(waiting_.front());
  waiting_.pop_front();
  return job;
}

void unhurried_jobs::run(caf::execution_unit& line) {
  for (auto left = std::min(size(), limits::unhurried_jobs_max); left > 0; --left) {
    auto job = next();
    if (job->resume(&line, limits::throughput_max) == caf::resumable::resume_later)
      exec_later(job.release());
  }
}

void unhurried_jobs::clear() {
  std::deque<job_ptr> forgotten; // let go of when the lock is, too
  std::lock_guard<std::mutex> guard{mutex_};
  forgotten.swap(waiting_);
}

} // namespace switchboard::actors
