#define CAF_SUITE thread_priority
#define FAIL CAF_FAIL
#include "actors/thread_priority.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

#include <caf/test/dsl.hpp>

using namespace switchboard::actors;

namespace {

struct rank {
  int nice = 0;
  int policy = 0;
};

rank own_rank() {
  const auto thread = static_cast<id_t>(syscall(SYS_gettid));
  return {getpriority(PRIO_PROCESS, thread), sched_getscheduler(0)};
}

/// On a thread of its own: a rank cannot be taken back without privileges.
template <class Work>
rank after(Work work) {
  rank seen;
  std::thread{[&] {
    work();
    seen = own_rank();
  }}.join();
  return seen;
}

} // namespace

CAF_TEST(a thread gives way and the others stay as they are) {
  const auto before = own_rank();
  const int wanted = before.nice + 3;
  const auto given = after([&] { give_way(wanted, "test"); });
  CAF_CHECK_EQUAL(given.nice, wanted);
  CAF_CHECK_EQUAL(given.policy, SCHED_BATCH);
  CAF_CHECK_EQUAL(own_rank().nice, before.nice);
  CAF_CHECK_EQUAL(own_rank().policy, before.policy);
}

CAF_TEST(a thread that gave way more stays so and one that need not is left alone) {
  const auto before = own_rank();
  const auto twice = after([&] {
    give_way(before.nice + 4, "test");
    give_way(before.nice + 2, "test");
  });
  CAF_CHECK_EQUAL(twice.nice, before.nice + 4);
  CAF_CHECK_EQUAL(after([] { give_way(0, "test"); }).policy, before.policy);
}

/// Where the system does not allow it the thread stays as it was, and says so.
CAF_TEST(a thread that runs first may be taken back and what it starts is normal) {
  const auto before = own_rank();
  bool first = false;
  rank of_child;
  const auto promoted = after([&] {
    first = run_first();
    of_child = after([] {});
  });
  CAF_CHECK_EQUAL(promoted.policy, first ? SCHED_RR | SCHED_RESET_ON_FORK : before.policy);
  CAF_CHECK_EQUAL(of_child.policy, before.policy);
  const auto again = after([] {
    run_first();
    run_fairly(std::chrono::microseconds{200}, "test");
  });
  CAF_CHECK_EQUAL(again.policy & ~SCHED_RESET_ON_FORK, before.policy);
  const auto batch = after([&] {
    give_way(before.nice + 3, "test");
    CAF_CHECK(!run_first()); // somebody else chose
  });
  CAF_CHECK_EQUAL(batch.policy, SCHED_BATCH);
}

CAF_TEST(a thread that asks to run promptly keeps its rank) {
  const auto before = own_rank();
  std::chrono::microseconds slice{0};
  const auto prompt = after([&] {
    run_promptly(std::chrono::microseconds{200}, "test");
    slice = own_slice();
  });
  CAF_CHECK_EQUAL(prompt.nice, before.nice);
  CAF_CHECK_EQUAL(prompt.policy, before.policy);
  utsname kernel{};
  uname(&kernel);
  int major = 0, minor = 0;
  CAF_REQUIRE_EQUAL(std::sscanf(kernel.release, "%d.%d", &major, &minor), 2);
  if (major > 6 || (major == 6 && minor >= 12)) // older ones know no slices
    CAF_CHECK_EQUAL(slice.count(), 200);
  const auto batch = after([&] {
    give_way(before.nice + 3, "test");
    run_promptly(std::chrono::microseconds{200}, "test");
  });
  CAF_CHECK_EQUAL(batch.policy, SCHED_BATCH);
}
