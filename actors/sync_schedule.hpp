#pragma once

#include "actors/ticker.hpp"

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace switchboard::actors {

/// When which journal is synced: each as long after the first write that is not synced yet, so that
/// those of many calls come one after the other and not all at once. Pure.
class sync_schedule {
public:
  explicit sync_schedule(std::chrono::milliseconds after) : after_(after) {}

  void on_written(const std::string& path, monotonic now) {
    if (dirty_.insert(path).second)
      queue_.emplace_back(now + after_, path);
  }
  /// It was synced for another reason, or is gone.
  void forget(const std::string& path) { dirty_.erase(path); }

  /// Those whose time has come, which are counted as synced.
  std::vector<std::string> take_due(monotonic now) {
    std::vector<std::string> due;
    while (!queue_.empty() && queue_.front().first <= now) {
      if (dirty_.erase(queue_.front().second) == 1)
        due.push_back(std::move(queue_.front().second));
      queue_.pop_front();
    }
    return due;
  }
  /// All that are not synced.
  std::vector<std::string> take_all() {
    std::vector<std::string> all(dirty_.begin(), dirty_.end());
    dirty_.clear();
    queue_.clear();
    return all;
  }
  std::optional<monotonic> next() const {
    return queue_.empty() ? std::nullopt : std::optional<monotonic>(queue_.front().first);
  }

private:
  std::chrono::milliseconds after_;
  std::deque<std::pair<monotonic, std::string>> queue_; // by time; of one that is clean: ignored
  std::unordered_set<std::string> dirty_;
};

} // namespace switchboard::actors
