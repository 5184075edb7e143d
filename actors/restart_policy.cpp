#include "actors/restart_policy.hpp"

namespace switchboard::actors {

using std::chrono::milliseconds;

void restart_counter::healthy(monotonic now) {
  healthy_since_ = now;
}

std::optional<milliseconds> restart_counter::died(monotonic now, double chance) {
  if (healthy_since_ && now - *healthy_since_ >= policy_.forgive_after)
    tries_ = 0;
  healthy_since_.reset();
  if (tries_ >= policy_.delays.size())
    return std::nullopt;
  auto pause = policy_.delays[tries_++];
  if (policy_.jitter)
    pause = milliseconds{static_cast<int64_t>(static_cast<double>(pause.count()) * chance)};
  return pause;
}

const restart_policy& model_leg_policy() {
  static const restart_policy policy{{milliseconds{1000}, milliseconds{2000}, milliseconds{4000},
                                      milliseconds{8000}, milliseconds{16000}},
                                     true,
                                     milliseconds{60'000}};
  return policy;
}

const restart_policy& local_child_policy() {
  static const restart_policy policy{
      {milliseconds{0}, milliseconds{100}, milliseconds{1000}, milliseconds{5000}},
      false,
      milliseconds{60'000}};
  return policy;
}

} // namespace switchboard::actors
