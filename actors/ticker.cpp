#include "actors/ticker.hpp"

#include <algorithm>
#include <utility>

namespace switchboard::actors {

void ticker::add(tickable* member) {
  // To the smallest part, so that all stay alike however many come and go.
  auto smaller = [](const members& a, const members& b) { return a.size() < b.size(); };
  std::min_element(parts_.begin(), parts_.end(), smaller)->push_back(member);
}

void ticker::remove(tickable* member) {
  for (auto& part : parts_) {
    auto found = std::find(part.begin(), part.end(), member);
    if (found == part.end())
      continue;
    if (running_) {
      *found = nullptr;
      removed_ = true;
    } else {
      part.erase(found);
    }
    return;
  }
}

void ticker::tick(members& part, monotonic now) {
  now_ = now;
  running_ = true;
  struct done { // also when a member throws
    bool& running;
    ~done() { running = false; }
  } const at_the_end{running_};
  for (size_t i = 0; i < part.size(); ++i) // by index: a member may add others
    if (part[i] != nullptr)
      part[i]->on_tick(now);
}

void ticker::forget_removed() {
  if (!std::exchange(removed_, false))
    return;
  for (auto& part : parts_)
    part.erase(std::remove(part.begin(), part.end(), nullptr), part.end());
}

void ticker::beat(monotonic now) {
  auto& part = parts_[next_];
  next_ = (next_ + 1) % parts_.size();
  tick(part, now);
  forget_removed();
}

void ticker::run(monotonic now) {
  for (auto& part : parts_)
    tick(part, now);
  forget_removed();
}

size_t ticker::size() const {
  size_t count = 0;
  for (auto& part : parts_)
    count += static_cast<size_t>(
        std::count_if(part.begin(), part.end(), [](auto* m) { return m != nullptr; }));
  return count;
}

} // namespace switchboard::actors
