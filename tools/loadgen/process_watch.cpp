#include "tools/loadgen/process_watch.hpp"

#include <sched.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace sim::load {

process_sample sample_process(int pid) {
  process_sample result;
  const std::string folder = "/proc/" + (pid == 0 ? std::string{"self"} : std::to_string(pid));
  std::ifstream in{folder + "/stat"};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  const auto name_end = text.rfind(')'); // the name may hold anything
  if (name_end == std::string::npos)
    return result;
  unsigned long user = 0, system = 0, pages = 0, threads = 0;
  // Fields 3 on (proc(5)): 14 utime, 15 stime, 20 threads, 24 rss.
  std::sscanf(
      text.c_str() + name_end + 1,
      " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %lu %*d %*u %*u %lu",
      &user, &system, &threads, &pages);
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  result.user_s = static_cast<double>(user) / ticks;
  result.system_s = static_cast<double>(system) / ticks;
  result.threads = threads;
  result.resident_bytes = pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  std::error_code failed;
  for (std::filesystem::directory_iterator at{folder + "/fd", failed}, end; !failed && at != end;
       at.increment(failed))
    ++result.descriptors;
  return result;
}

bool run_on_core(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(core), &set);
  return sched_setaffinity(0, sizeof set, &set) == 0;
}

} // namespace sim::load
