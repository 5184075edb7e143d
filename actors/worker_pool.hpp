#pragma once

#include "actors/actor_error.hpp"
#include "actors/atoms.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace switchboard::actors {

/// How many jobs all queues of a pool hold, those at work too: shared with who shows it.
using jobs_gauge = std::shared_ptr<std::atomic<int64_t>>;

/// A job's place in a worker's queue, given back when the job has run or was dropped.
class queue_place {
public:
  queue_place(std::shared_ptr<std::atomic<size_t>> taken, jobs_gauge all)
      : taken_(std::move(taken)), all_(std::move(all)) {
    ++*taken_;
    if (all_)
      ++*all_;
  }
  ~queue_place() { give_back(); }
  queue_place(const queue_place&) = delete;
  queue_place& operator=(const queue_place&) = delete;
  void give_back() {
    if (!held_.exchange(false))
      return;
    --*taken_;
    if (all_)
      --*all_;
  }

private:
  std::shared_ptr<std::atomic<size_t>> taken_;
  jobs_gauge all_;
  std::atomic<bool> held_{true};
};

/// A router in front of threads that run blocking jobs: spreads the jobs, bounds how many wait, and
/// answers `busy` past the bound. `Actor` is the typed interface (job in, result out), the workers
/// have it too. A worker answers the requester itself: a job costs two messages less.
template <class Actor>
struct worker_pool_state {
  std::vector<Actor> workers;
  std::vector<std::shared_ptr<std::atomic<size_t>>> waiting; ///< per worker, the job at work too
  size_t queue_max = 0;                                      ///< per worker
  jobs_gauge all;                                            ///< may be null
  static inline const char* name = "worker_pool";

  size_t least_busy() const {
    const auto fewest =
        std::min_element(waiting.begin(), waiting.end(), [](auto& a, auto& b) { return *a < *b; });
    return static_cast<size_t>(fewest - waiting.begin());
  }
};

template <class Actor, class Job, class Result>
typename Actor::behavior_type
worker_pool(typename Actor::template stateful_pointer<worker_pool_state<Actor>> self,
            std::vector<Actor> workers, size_t queue_max, jobs_gauge all) {
  auto& state = self->state;
  state.workers = std::move(workers);
  for (size_t i = 0; i < state.workers.size(); ++i)
    state.waiting.push_back(std::make_shared<std::atomic<size_t>>(0));
  state.queue_max = queue_max / state.workers.size();
  state.all = std::move(all);
  self->set_exit_handler([self](caf::exit_msg& stop) {
    for (auto& worker : self->state.workers)
      self->send_exit(worker, stop.reason);
    self->quit(std::move(stop.reason));
  });
  return {
      [self](atom::job, Job& job) -> caf::result<Result> {
        auto& pool = self->state;
        const size_t index = pool.least_busy();
        if (*pool.waiting[index] >= pool.queue_max)
          return make_error(actor_error::busy);
        auto place = std::make_shared<queue_place>(pool.waiting[index], pool.all);
        // Given back before the answer leaves: who has it may ask again at once.
        Job counted = [run = std::move(job), place](auto&&... xs) {
          auto done = run(xs...);
          place->give_back();
          return done;
        };
        return self->delegate(pool.workers[index], atom::job_v, std::move(counted));
      },
  };
}

} // namespace switchboard::actors
