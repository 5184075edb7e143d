#include "tools/sim_common/openai_timeline.hpp"

#include <algorithm>

namespace sim::openai {

void timeline::after(int64_t delay_ms, const std::string& tag, action run) {
  const int64_t due = now_ms_ + std::max<int64_t>(0, delay_ms);
  entries_.emplace(std::make_pair(due, arrivals_++), entry{tag, std::move(run)});
}

void timeline::cancel(const std::string& tag) {
  for (auto it = entries_.begin(); it != entries_.end();)
    it = it->second.tag == tag ? entries_.erase(it) : std::next(it);
}

std::optional<int64_t> timeline::next_due_ms() const {
  if (entries_.empty())
    return std::nullopt;
  return entries_.begin()->first.first;
}

void timeline::run_until(int64_t now_ms) {
  while (!entries_.empty() && entries_.begin()->first.first <= now_ms) {
    auto node = entries_.extract(entries_.begin());
    now_ms_ = std::max(now_ms_, node.key().first);
    node.mapped().run();
  }
  now_ms_ = std::max(now_ms_, now_ms);
}

} // namespace sim::openai
