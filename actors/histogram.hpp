#pragma once

#include "conf/defaults/metrics.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace switchboard::actors {

/// Counts values in fixed buckets. Any thread may observe and read; nothing waits: two relaxed adds
/// for a value, and a reader that comes in between sees one of them, which Prometheus bears.
class histogram {
public:
  /// @param bounds upper bounds, ascending, of static storage (defaults::metrics).
  template <size_t N>
  explicit histogram(const std::array<uint64_t, N>& bounds) : bounds_(bounds.data()), size_(N) {
    static_assert(N <= defaults::metrics::buckets_max);
  }
  histogram(const histogram&) = delete;
  histogram& operator=(const histogram&) = delete;

  void observe(uint64_t value) {
    const auto place = std::lower_bound(bounds_, bounds_ + size_, value) - bounds_;
    counts_[static_cast<size_t>(place)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }

  size_t buckets() const { return size_; }
  uint64_t bound(size_t bucket) const { return bounds_[bucket]; }
  /// Values in a bucket alone; bucket buckets() holds what lies above the last bound.
  uint64_t count(size_t bucket) const { return counts_[bucket].load(std::memory_order_relaxed); }
  uint64_t sum() const { return sum_.load(std::memory_order_relaxed); }

private:
  const uint64_t* bounds_;
  size_t size_;
  std::array<std::atomic<uint64_t>, defaults::metrics::buckets_max + 1> counts_{};
  std::atomic<uint64_t> sum_{0};
};

} // namespace switchboard::actors
