#define CAF_SUITE worker_pool
#define FAIL CAF_FAIL
#include "actors/database_actor.hpp"
#include "actors/worker_pool.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::actors;

namespace {

/// What a test sees of the workers.
struct journal {
  std::vector<int> ran; ///< which worker, in order
};

disk_reader_actor::behavior_type worker(disk_reader_actor::pointer, journal* seen, int number) {
  return {[seen, number](atom::job, disk_job& job) {
    seen->ran.push_back(number);
    return job();
  }};
}

struct fixture : test_coordinator_fixture<> {
  journal seen;
  std::vector<disk_reader_actor> workers{sys.spawn(worker, &seen, 0), sys.spawn(worker, &seen, 1)};
  jobs_gauge waiting = std::make_shared<std::atomic<int64_t>>(0);
  disk_reader_actor pool =
      sys.spawn(worker_pool<disk_reader_actor, disk_job, read_result>, workers, size_t{4}, waiting);
  int answered = 0;
  int refused = 0;

  fixture() { run(); }
  ~fixture() { caf::anon_send_exit(pool, caf::exit_reason::user_shutdown); }

  void ask(int jobs) {
    auto client = sys.spawn([this, jobs](caf::event_based_actor* me) {
      for (int i = 0; i < jobs; ++i)
        me->request(pool, caf::infinite, atom::job_v, disk_job{[] { return read_result{}; }})
            .then([this](read_result&) { ++answered; },
                  [this](caf::error& why) { refused += why == actor_error::busy ? 1 : 0; });
    });
    run();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(worker_pool_tests, fixture)

CAF_TEST(jobs are spread and each has its answer) {
  ask(4);
  CAF_CHECK_EQUAL(answered, 4);
  CAF_CHECK_EQUAL(std::count(seen.ran.begin(), seen.ran.end(), 0), 2);
  CAF_CHECK_EQUAL(std::count(seen.ran.begin(), seen.ran.end(), 1), 2);
}

CAF_TEST(past the bound a job is refused and later ones are taken again) {
  // The pool reads all of them before a worker runs the first.
  ask(7);
  CAF_CHECK_EQUAL(answered + refused, 7);
  CAF_CHECK(answered >= 4);
  const int before = answered;
  ask(4);
  CAF_CHECK_EQUAL(answered, before + 4);
  CAF_CHECK_EQUAL(waiting->load(), 0);
}

CAF_TEST(a job that was dropped gives its place back) {
  auto taken = std::make_shared<std::atomic<size_t>>(0);
  {
    queue_place place{taken, waiting};
    CAF_CHECK_EQUAL(taken->load(), 1u);
    CAF_CHECK_EQUAL(waiting->load(), 1);
    place.give_back();
    CAF_CHECK_EQUAL(taken->load(), 0u);
    CAF_CHECK_EQUAL(waiting->load(), 0);
  }
  CAF_CHECK_EQUAL(taken->load(), 0u);
  { queue_place dropped{taken, nullptr}; }
  CAF_CHECK_EQUAL(taken->load(), 0u);
}

CAF_TEST(a worker that is gone is told to who asks) {
  for (auto& one : workers)
    caf::anon_send_exit(one, caf::exit_reason::kill);
  run();
  bool failed = false;
  sys.spawn([this, &failed](caf::event_based_actor* me) {
    me->request(pool, caf::infinite, atom::job_v, disk_job{[] { return read_result{}; }})
        .then([](read_result&) {}, [&failed](caf::error&) { failed = true; });
  });
  run();
  CAF_CHECK(failed);
}

CAF_TEST_FIXTURE_SCOPE_END()
