#include "actors/ticker.hpp"

#include <algorithm>

namespace switchboard::actors {

void ticker::add(tickable* member) {
  members_.push_back(member);
}

void ticker::remove(tickable* member) {
  auto found = std::find(members_.begin(), members_.end(), member);
  if (found == members_.end())
    return;
  if (running_)
    *found = nullptr;
  else
    members_.erase(found);
}

void ticker::run(monotonic now) {
  now_ = now;
  running_ = true;
  for (size_t i = 0; i < members_.size(); ++i) // by index: a member may add others
    if (members_[i] != nullptr)
      members_[i]->on_tick(now);
  running_ = false;
  members_.erase(std::remove(members_.begin(), members_.end(), nullptr), members_.end());
}

size_t ticker::size() const {
  return static_cast<size_t>(
      std::count_if(members_.begin(), members_.end(), [](auto* m) { return m != nullptr; }));
}

} // namespace switchboard::actors
