#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sim {

/// How a scripted caller takes turns, in ms.
struct turn_rules {
  int64_t gap_ms = 900;       ///< the agent must have been silent this long
  int64_t timeout_ms = 20000; ///< give up when the agent has not spoken for this long
  int64_t hang_up_ms = 1500;  ///< after the answer to the last utterance
};

/// One utterance of the caller.
struct turn {
  int64_t length_ms = 0;
  std::optional<int64_t> interrupt_ms; ///< start this long after the agent began to speak
};

/// How an utterance went; -1 where it did not happen.
struct turn_outcome {
  int64_t start_ms = -1;
  int64_t end_ms = -1;
  int64_t answer_ms = -1; ///< from the end of the utterance to the agent's first voice
};

enum class turn_action {
  none,
  speak,   ///< start the utterance `next_turn()` now
  hang_up, ///< the conversation is over
  give_up, ///< the agent did not answer in time
};

/// Decides when a caller speaks: after the agent has spoken and fallen silent, or in mid-sentence
/// where the script says so. Pure; told of the agent's voice as the caller hears it.
class turn_taker {
public:
  turn_taker(std::vector<turn> turns, turn_rules rules);

  /// The caller heard the agent's voice from `from_ms` to `to_ms`.
  void agent_voice(int64_t from_ms, int64_t to_ms);

  /// @param buffered Audio of the agent is queued at the carrier and still to be heard.
  turn_action tick(int64_t now_ms, bool buffered);

  /// The utterance that the last `speak` meant.
  size_t current() const { return next_ - 1; }
  const std::vector<turn_outcome>& outcomes() const { return outcomes_; }
  bool finished() const { return finished_; }

private:
  bool due(int64_t now_ms, bool buffered) const;
  turn_action speak(int64_t now_ms);

  std::vector<turn> turns_;
  turn_rules rules_;
  std::vector<turn_outcome> outcomes_;
  size_t next_ = 0;
  int64_t waiting_since_ms_ = 0; ///< end of the caller's last utterance
  int64_t first_voice_ms_ = -1;  ///< of the agent, since then
  int64_t last_voice_ms_ = -1;
  bool finished_ = false;
};

/// Whether a stretch of mu-law audio holds anything louder than line noise.
bool has_voice(std::string_view ulaw);

} // namespace sim
