#pragma once

#include "tools/sim_common/twilio_caller_audio.hpp"
#include "tools/sim_common/twilio_turns.hpp"
#include "tools/twilio_sim/options.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

/// What the caller does next.
struct caller_act {
  turn_action action = turn_action::none;
  std::string file;         ///< speak: the utterance that begins
  std::vector<char> digits; ///< pressed now
};

/// The person on the phone: what is said, pressed and heard, on the call's timeline (samples since
/// its first stream started).
class caller {
public:
  explicit caller(const caller_options& script);

  /// The caller's audio of one frame; kept where --record-said asks for it.
  std::string frame(int64_t at, size_t count);

  /// What is heard of the agent; kept where --record-heard asks for it.
  void hear(int64_t at, std::string_view ulaw);

  /// Every 20 ms. @param buffered Audio is queued at the carrier and still to be heard.
  caller_act tick(int64_t at, bool buffered);

  /// @returns false when there is a script of turns that did not come to its end.
  bool said_everything() const { return script_.turns.empty() || turns_.finished(); }
  const std::vector<turn_outcome>& outcomes() const { return turns_.outcomes(); }

  /// Writes the recordings that the script asks for. @throws std::runtime_error.
  void save(int call_number);

private:
  std::vector<char> digits_until(int64_t now_ms);

  const caller_options& script_;
  caller_audio said_;
  turn_taker turns_;
  heard_track heard_track_;
  heard_track said_track_;
  int64_t until_ = 0;
  int64_t pressed_until_ms_ = -1;
};

} // namespace sim
