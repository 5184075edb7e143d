#define CAF_SUITE unhurried_jobs
#define FAIL CAF_FAIL
#include "actors/unhurried_jobs.hpp"
#include "conf/defaults/line.hpp"

#include <caf/all.hpp>
#include <caf/scoped_execution_unit.hpp>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::actors;

namespace {

struct counted_job : caf::resumable, caf::ref_counted {
  explicit counted_job(int more_turns) : later(more_turns) {}
  subtype_t subtype() const override { return io_actor; }
  resume_result resume(caf::execution_unit*, size_t) override {
    ++runs;
    if (throws)
      throw std::runtime_error("job");
    return later-- > 0 ? resume_later : awaiting_message;
  }
  void intrusive_ptr_add_ref_impl() override { ref(); }
  void intrusive_ptr_release_impl() override { deref(); }
  int runs = 0, later;
  bool throws = false;
};

void put(unhurried_jobs& jobs, const caf::intrusive_ptr<counted_job>& job) {
  job->ref(); // as CAF does for who is to run it
  jobs.exec_later(job.get());
}

struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_execution_unit line{&system};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(unhurried_jobs_tests, fixture)

CAF_TEST(unhurried jobs are run once and what they bring about another time) {
  unhurried_jobs jobs{system};
  auto one = caf::make_counted<counted_job>(1); // asks for one turn more
  put(jobs, one);
  CAF_CHECK_EQUAL(one->runs, 0);
  jobs.run(line);
  CAF_CHECK_EQUAL(one->runs, 1);
  jobs.run(line);
  CAF_CHECK_EQUAL(one->runs, 2);
  jobs.run(line);
  CAF_CHECK_EQUAL(one->runs, 2);
  put(jobs, one);
  jobs.clear();
  jobs.run(line);
  CAF_CHECK_EQUAL(one->runs, 2);
  CAF_CHECK(one->unique()); // and has been given back
}

CAF_TEST(a beat runs so many unhurried jobs and one that throws costs itself) {
  unhurried_jobs jobs{system};
  std::vector<caf::intrusive_ptr<counted_job>> all;
  for (size_t i = 0; i < defaults::line::unhurried_jobs_max + 2; ++i)
    put(jobs, all.emplace_back(caf::make_counted<counted_job>(0)));
  const auto run = [&] {
    jobs.run(line);
    return std::count_if(all.begin(), all.end(), [](auto& job) { return job->runs == 1; });
  };
  CAF_CHECK_EQUAL(static_cast<size_t>(run()), defaults::line::unhurried_jobs_max);
  CAF_CHECK_EQUAL(static_cast<size_t>(run()), all.size());
  all[0]->throws = true;
  put(jobs, all[0]);
  auto other = caf::make_counted<counted_job>(0);
  put(jobs, other);
  bool thrown = false;
  try {
    jobs.run(line);
  } catch (const std::runtime_error&) {
    thrown = true;
  }
  CAF_CHECK(thrown);
  jobs.run(line);
  CAF_CHECK_EQUAL(other->runs, 1);
  CAF_CHECK(all[0]->unique());
}

CAF_TEST_FIXTURE_SCOPE_END()
