#include "tools/sim_common/twilio_turns.hpp"

#include "tools/sim_common/audio_file.hpp"

#include <algorithm>
#include <cstdlib>

namespace sim {

namespace {

constexpr int voice_magnitude_min = 256; // of 32768: -42 dBFS, above comfort noise, below speech

} // namespace

turn_taker::turn_taker(std::vector<turn> turns, turn_rules rules)
    : turns_{std::move(turns)}, rules_{rules}, outcomes_(turns_.size()) {}

void turn_taker::agent_voice(int64_t from_ms, int64_t to_ms) {
  if (to_ms <= waiting_since_ms_) {
    return; // the caller was still speaking
  }
  if (first_voice_ms_ < 0) {
    first_voice_ms_ = std::max(from_ms, waiting_since_ms_);
    if (next_ > 0) {
      outcomes_[next_ - 1].answer_ms = first_voice_ms_ - outcomes_[next_ - 1].end_ms;
    }
  }
  last_voice_ms_ = std::max(last_voice_ms_, to_ms);
}

bool turn_taker::due(int64_t now_ms, bool buffered) const {
  if (next_ == turns_.size()) {
    return !buffered && now_ms - last_voice_ms_ >= rules_.hang_up_ms;
  }
  const auto& interrupt = turns_[next_].interrupt_ms;
  if (interrupt) {
    return now_ms - first_voice_ms_ >= *interrupt;
  }
  return !buffered && now_ms - last_voice_ms_ >= rules_.gap_ms;
}

turn_action turn_taker::speak(int64_t now_ms) {
  auto& outcome = outcomes_[next_];
  outcome.start_ms = now_ms;
  outcome.end_ms = now_ms + turns_[next_].length_ms;
  waiting_since_ms_ = outcome.end_ms;
  first_voice_ms_ = -1;
  last_voice_ms_ = -1;
  ++next_;
  return turn_action::speak;
}

turn_action turn_taker::tick(int64_t now_ms, bool buffered) {
  if (finished_ || now_ms < waiting_since_ms_) {
    return turn_action::none;
  }
  if (first_voice_ms_ < 0) {
    const bool too_late = now_ms - waiting_since_ms_ >= rules_.timeout_ms;
    finished_ = too_late;
    return too_late ? turn_action::give_up : turn_action::none;
  }
  if (!due(now_ms, buffered)) {
    return turn_action::none;
  }
  if (next_ < turns_.size()) {
    return speak(now_ms);
  }
  finished_ = true;
  return turn_action::hang_up;
}

bool has_voice(std::string_view ulaw) {
  return std::any_of(ulaw.begin(), ulaw.end(), [](char c) {
    return std::abs(static_cast<int>(linear_from_ulaw(static_cast<uint8_t>(c)))) >=
           voice_magnitude_min;
  });
}

} // namespace sim
