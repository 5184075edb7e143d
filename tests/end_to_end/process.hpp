#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace e2e {

using seconds = std::chrono::seconds;

/// Waits until `ready` answers true, looking every 20 ms. @returns false when the time is over.
bool wait_until(const std::function<bool()>& ready, seconds patience = seconds{20});

std::string read_file(const std::string& path);

/// Does a program's resident memory say what it holds? AddressSanitizer keeps what was freed for a
/// while.
#ifdef __SANITIZE_ADDRESS__
constexpr bool memory_can_be_judged = false;
#else
constexpr bool memory_can_be_judged = true;
#endif

/// A program that the test started; ended with it. Its environment is what is given and nothing
/// else.
class process {
public:
  process() = default;
  process(const std::string& program, const std::vector<std::string>& arguments,
          const std::map<std::string, std::string>& environment, const std::string& output_file);
  process(process&& other) noexcept;
  process& operator=(process&& other) noexcept;
  ~process();

  bool running();
  void signal(int number) const;
  /// @returns the exit code, or -1 if it did not end in time (or by a signal).
  int wait(seconds patience);
  /// Resident memory in KiB, from /proc.
  long resident_kib() const;
  pid_t pid() const { return pid_; }

private:
  bool reap(bool block);
  pid_t pid_ = -1;
  bool ended_ = true;
  int status_ = 0;
};

} // namespace e2e
