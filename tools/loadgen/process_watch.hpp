#pragma once

#include <cstdint>

namespace sim::load {

/// What proc(5) says of a process; zeros once it is gone.
struct process_sample {
  double user_s = 0;
  double system_s = 0;
  uint64_t resident_bytes = 0;
  uint64_t threads = 0;
  uint64_t descriptors = 0;
  double cpu_s() const { return user_s + system_s; }
};

/// @param pid 0 = this process.
process_sample sample_process(int pid);
/// Binds this process to a core. @returns false if it cannot.
bool run_on_core(int core);

} // namespace sim::load
