#pragma once

#include "actors/actor_error.hpp"
#include "actors/atoms.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <vector>

namespace switchboard::actors {

/// A router in front of threads that run blocking jobs: spreads the jobs, bounds how many wait, and
/// answers `busy` past the bound. `Actor` is the typed interface (job in, result out), the workers
/// have it too.
template <class Actor, class Job, class Result>
struct worker_pool_state {
  std::vector<Actor> workers;
  std::vector<size_t> waiting; ///< per worker
  size_t queue_max = 0;
  std::chrono::milliseconds timeout{0};
  static inline const char* name = "worker_pool";

  size_t least_busy() const {
    return static_cast<size_t>(std::min_element(waiting.begin(), waiting.end()) - waiting.begin());
  }
};

template <class Actor, class Job, class Result>
typename Actor::behavior_type
worker_pool(typename Actor::template stateful_pointer<worker_pool_state<Actor, Job, Result>> self,
            std::vector<Actor> workers, size_t queue_max, std::chrono::milliseconds timeout) {
  auto& state = self->state;
  state.workers = std::move(workers);
  state.waiting.assign(state.workers.size(), 0);
  state.queue_max = queue_max;
  state.timeout = timeout;
  self->set_exit_handler([self](caf::exit_msg& stop) {
    for (auto& worker : self->state.workers)
      self->send_exit(worker, stop.reason);
    self->quit(std::move(stop.reason));
  });
  return {
      [self](atom::job, Job& job) -> caf::result<Result> {
        auto& pool = self->state;
        const size_t index = pool.least_busy();
        if (pool.waiting[index] >= pool.queue_max / pool.workers.size())
          return make_error(actor_error::busy);
        auto promise = self->template make_response_promise<Result>();
        ++pool.waiting[index];
        self->request(pool.workers[index], pool.timeout, atom::job_v, std::move(job))
            .then(
                [self, promise, index](Result& done) mutable {
                  --self->state.waiting[index];
                  promise.deliver(std::move(done));
                },
                [self, promise, index](caf::error& failed) mutable {
                  --self->state.waiting[index];
                  promise.deliver(std::move(failed));
                });
        return promise;
      },
  };
}

} // namespace switchboard::actors
