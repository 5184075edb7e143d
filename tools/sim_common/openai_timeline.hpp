#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace sim::openai {

/// What is still to happen in a session, on a clock that its owner moves: real time in the
/// simulator, virtual time in tests. Single-threaded.
class timeline {
public:
  using action = std::function<void()>;

  /// The time of the action being run, or of the last run_until(). Never goes back.
  int64_t now_ms() const noexcept { return now_ms_; }

  /// @param tag Names a group of actions that can be cancelled together.
  void after(int64_t delay_ms, const std::string& tag, action run);

  void cancel(const std::string& tag);

  /// When the next action is due, or nothing when none is left.
  std::optional<int64_t> next_due_ms() const;

  /// Runs everything due by then, in order of time, equal times in order of arrival. Actions may
  /// add and cancel actions.
  void run_until(int64_t now_ms);

private:
  struct entry {
    std::string tag;
    action run;
  };

  int64_t now_ms_ = 0;
  uint64_t arrivals_ = 0;
  std::map<std::pair<int64_t, uint64_t>, entry> entries_;
};

} // namespace sim::openai
