#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sim {

/// Many durations, kept as counts in buckets of at most 1.6 % of their value: percentiles in
/// bounded memory. Microseconds.
class load_spread {
public:
  load_spread();
  void add(int64_t us);
  uint64_t count() const { return count_; }
  /// The smallest value that `share` (0..1) of the values do not exceed; 0 without values.
  int64_t at(double share) const;
  int64_t max() const { return max_; }
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

private:
  std::vector<uint64_t> counts_;
  uint64_t count_ = 0;
  int64_t max_ = 0;
  double sum_ = 0;
};

} // namespace sim
