#pragma once

#include <cstdint>

namespace switchboard::http {

/// What the kernel knows of this process (proc(5)); 0 where it does not say.
struct process_figures {
  double cpu_s = 0;
  uint64_t resident_bytes = 0;
  uint64_t threads = 0;
  uint64_t descriptors = 0;
  uint64_t descriptors_max = 0;
};

/// Reads them: about 50 us, no disk.
process_figures read_process_figures();

} // namespace switchboard::http
