#include "http/process_figures.hpp"

#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace switchboard::http {

process_figures read_process_figures() {
  process_figures result;
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) == 0)
    result.cpu_s = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                   static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0)
    result.descriptors_max = files.rlim_cur;
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;) {
    if (word == "VmRSS:" && status >> result.resident_bytes)
      result.resident_bytes *= 1024;
    else if (word == "Threads:")
      status >> result.threads;
  }
  std::error_code failed;
  for (std::filesystem::directory_iterator at{"/proc/self/fd", failed}, end; !failed && at != end;
       at.increment(failed))
    ++result.descriptors;
  return result;
}

} // namespace switchboard::http
