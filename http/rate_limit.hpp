#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace switchboard::http {

/// Requests per second of each API token: a bucket of two seconds' worth that fills evenly. Pure
/// but for the clock it is told; one thread. It keeps one bucket per name: names are those of
/// API_TOKENS, never a client's own.
class rate_limit {
public:
  using clock = std::chrono::steady_clock;

  /// @param per_second 0 = no limit.
  explicit rate_limit(uint32_t per_second) : per_second_(per_second) {}

  /// Counts a request. @returns 0 if it may go on, else in how many seconds (at least 1) the next
  /// one may.
  int take(const std::string& name, clock::time_point now);

private:
  struct bucket {
    double tokens;
    clock::time_point filled_at;
  };
  uint32_t per_second_;
  std::unordered_map<std::string, bucket> buckets_;
};

} // namespace switchboard::http
