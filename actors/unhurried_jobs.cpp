#include "actors/unhurried_jobs.hpp"

#include "conf/defaults/line.hpp"

#include <utility>

namespace switchboard::actors {

void unhurried_jobs::exec_later(caf::resumable* job) {
  std::lock_guard<std::mutex> guard{mutex_};
  waiting_.emplace_back(job, false); // comes with a reference of its own
}

unhurried_jobs::jobs unhurried_jobs::take() {
  std::lock_guard<std::mutex> guard{mutex_};
  return std::exchange(waiting_, {});
}

void unhurried_jobs::run(caf::execution_unit& line) {
  for (auto& job : take())
    if (job->resume(&line, defaults::line::throughput_max) == caf::resumable::resume_later)
      exec_later(job.release());
}

void unhurried_jobs::clear() {
  take();
}

} // namespace switchboard::actors
