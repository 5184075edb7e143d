#include "actors/thread_priority.hpp"

#include "conf/log.hpp"

#include <linux/sched/types.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace switchboard::actors {

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
  sched_attr wanted{};
  wanted.size = sizeof wanted;
  wanted.sched_policy = SCHED_OTHER;
  wanted.sched_runtime = static_cast<uint64_t>(std::chrono::nanoseconds{slice}.count());
  if (syscall(SYS_sched_setattr, 0, &wanted, 0) != 0)
    log::warn("node", "a thread may wait for others", {{"thread", who}, {"errno", errno}});
}

} // namespace switchboard::actors
