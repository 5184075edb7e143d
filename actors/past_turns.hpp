#pragma once

#include "actors/messages.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace switchboard::actors {

/// The turns of a call that are over and were told, oldest first, kept small: a long call has
/// hundreds of them, and all that is asked of them is what was said, and to tell it once more.
///
/// Pure. Bounded by number and by text (defaults::call::history_text_bytes_max): the oldest is
/// forgotten, never the last. Belongs to the line.
class past_turns {
public:
  /// Takes a turn that does not change any more.
  /// @param heard_whole an agent's turn of which all that was generated was heard: its `generated`
  ///        is its text.
  /// @param turns_max at most so many are kept, with it; at least one.
  void keep(const turn_update& told, bool heard_whole, size_t turns_max);

  /// Everything kept is told again by the next append_updates().
  void tell_again() { tells_again_ = true; }
  /// Appends what is to be told again, each with a version greater than any told of it before.
  void append_updates(std::vector<turn_update>& to);

  /// Calls `visit(who, text, start_ms)` for each turn of which something was said.
  template <class Visit>
  void each_said(Visit&& visit) const {
    for (auto& t : turns_)
      if (t.text_bytes > 0)
        visit(t.who, text_of(t), t.start_ms);
  }
  /// True if the caller said something, in what is kept or was forgotten.
  bool caller_spoke() const { return caller_spoke_; }
  size_t size() const { return turns_.size(); }
  /// Of the texts kept.
  size_t text_bytes() const { return text_bytes_; }

private:
  static constexpr uint64_t open_end = std::numeric_limits<uint64_t>::max();

  struct turn {
    std::string said; // the text, and behind it what was generated, if that is another
    uint64_t start_ms, end_ms;
    uint64_t number; // its key
    int64_t version;
    double confidence; // below 0: none
    uint32_t text_bytes;
    storage::speaker who;
    bool heard_whole, removed;
  };

  static std::string_view text_of(const turn& t) {
    return std::string_view{t.said}.substr(0, t.text_bytes);
  }
  static turn_update to_update(const turn& t);

  std::deque<turn> turns_;
  size_t text_bytes_ = 0;
  bool tells_again_ = false;
  bool caller_spoke_ = false;
};

} // namespace switchboard::actors
