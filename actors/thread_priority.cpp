#include "actors/thread_priority.hpp"

#include "conf/log.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace switchboard::actors {

namespace {

/// As Linux defines it (linux/sched/types.h, which cannot stand beside sched.h).
struct scheduling {
  uint32_t size = sizeof(scheduling);
  uint32_t policy = 0;
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t runtime_ns = 0;
  uint64_t deadline_ns = 0;
  uint64_t period_ns = 0;
};

bool read_own(scheduling& own) {
  return syscall(SYS_sched_getattr, 0, &own, sizeof own, 0) == 0;
}

} // namespace

void give_way(int nice, const char* who) {
  const auto thread = static_cast<id_t>(syscall(SYS_gettid));
  if (nice == 0 || getpriority(PRIO_PROCESS, thread) >= nice)
    return;
  const sched_param none{};
  if (sched_setscheduler(0, SCHED_BATCH, &none) != 0 ||
      setpriority(PRIO_PROCESS, thread, nice) != 0)
    log::warn("node", "a thread runs at normal priority", {{"thread", who}, {"errno", errno}});
}

void run_promptly(std::chrono::microseconds slice, const char* who) {
  scheduling own;
  const bool known = read_own(own);
  if (known && own.policy != SCHED_OTHER)
    return; // whoever chose another one knows why
  own.runtime_ns = static_cast<uint64_t>(std::chrono::nanoseconds{slice}.count());
  if (!known || syscall(SYS_sched_setattr, 0, &own, 0) != 0)
    log::warn("node", "a thread may wait for others", {{"thread", who}, {"errno", errno}});
}

bool run_first() {
  scheduling own;
  if (!read_own(own) || own.policy != SCHED_OTHER)
    return false;
  sched_param lowest{};
  lowest.sched_priority = sched_get_priority_min(SCHED_RR);
  return sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &lowest) == 0;
}

void run_fairly(std::chrono::microseconds slice, const char* who) {
  const sched_param none{};
  if (sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &none) != 0)
    log::warn("node", "a thread runs before others", {{"thread", who}, {"errno", errno}});
  run_promptly(slice, who);
}

std::chrono::microseconds own_slice() {
  scheduling own;
  read_own(own);
  return std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::nanoseconds{own.runtime_ns});
}

} // namespace switchboard::actors
