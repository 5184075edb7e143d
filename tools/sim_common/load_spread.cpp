#include "tools/sim_common/load_spread.hpp"

#include <algorithm>
#include <cmath>

namespace sim {

namespace {

constexpr unsigned step_bits = 6; // 64 buckets an octave
constexpr uint64_t steps = uint64_t{1} << step_bits;
constexpr unsigned octaves = 34; // up to hours

size_t bucket_of(uint64_t value) {
  if (value < steps)
    return value;
  unsigned octave = 0;
  for (uint64_t rest = value >> step_bits; rest > 1; rest >>= 1)
    ++octave;
  const uint64_t within = (value >> octave) - steps;
  return std::min<size_t>((octave + 1) * steps + within, octaves * steps - 1);
}

int64_t top_of(size_t bucket) {
  if (bucket < steps)
    return static_cast<int64_t>(bucket);
  const auto octave = bucket / steps - 1;
  return static_cast<int64_t>(((bucket % steps + steps + 1) << octave) - 1);
}

} // namespace

load_spread::load_spread() : counts_(octaves * steps) {}

void load_spread::add(int64_t us) {
  us = std::max<int64_t>(us, 0);
  ++counts_[bucket_of(static_cast<uint64_t>(us))];
  ++count_;
  max_ = std::max(max_, us);
  sum_ += static_cast<double>(us);
}

int64_t load_spread::at(double share) const {
  const auto wanted = static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_)));
  uint64_t below = 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    below += counts_[i];
    if (below >= wanted && below > 0)
      return std::min(top_of(i), max_);
  }
  return max_;
}

} // namespace sim
