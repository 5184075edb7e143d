#pragma once

#include "actors/ticker.hpp"
#include "conf/defaults/tools.hpp"

#include <optional>
#include <string>
#include <utility>

namespace switchboard::actors {

/// Makes one text of the keys that a caller presses one after the other: it is complete after a
/// pause, with a `#`, or when it is full. Pure.
class digit_collector {
public:
  void press(char digit, monotonic now) {
    if (digits_.size() >= defaults::tools::digits_max)
      return; // nobody takes them: those that came first count
    digits_ += digit;
    last_ = now;
  }
  /// @returns the digits if they are complete; each is given once.
  std::optional<std::string> take(monotonic now) {
    const bool complete = !digits_.empty() &&
                          (digits_.back() == '#' || digits_.size() >= defaults::tools::digits_max ||
                           now - last_ >= defaults::tools::digit_pause);
    if (!complete)
      return std::nullopt;
    return std::exchange(digits_, {});
  }

private:
  std::string digits_;
  monotonic last_{};
};

} // namespace switchboard::actors
