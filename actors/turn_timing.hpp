#pragma once

#include <cstdint>
#include <optional>

namespace switchboard::actors {

/// How long callers wait for an answer, and where the time goes: from the caller's last voiced
/// sample to the first audio of the answer that the carrier reports as played, over these steps:
///
///   voice over -> turn end told by the model (VAD) -> response created -> first delta
///              -> first audio sent -> acknowledged
///
/// Pure: told by the legs, in call media time (ms). A turn is measured if it went through every
/// step; a caller who speaks on begins a new one. Belongs to the line.
class turn_timing {
public:
  struct parts {
    uint64_t turns = 0; ///< the others are sums over these
    uint64_t vad_ms = 0, created_ms = 0, delta_ms = 0, sent_ms = 0, heard_ms = 0;
    uint64_t total_ms() const { return vad_ms + created_ms + delta_ms + sent_ms + heard_ms; }
  };

  /// A frame of the caller's that is louder than noise, by its end.
  void caller_voiced(uint64_t until_ms) { voiced_ms_ = until_ms; }
  void speech_started();
  void turn_ended(uint64_t now_ms);
  void response_created(uint64_t now_ms);
  /// Whether audio_came() has anything to tell: once an answer, and audio comes with each frame.
  bool awaits_audio() const { return at_ == step::created; }
  void audio_came(uint64_t now_ms);
  void audio_sent(uint64_t now_ms);
  void audio_acknowledged(uint64_t now_ms);

  const parts& sums() const { return sums_; }

private:
  enum class step : uint8_t { idle, ended, created, came, sent };
  void reach(step from, step to, uint64_t now_ms, uint64_t parts::*part);

  std::optional<uint64_t> voiced_ms_;
  step at_ = step::idle;
  uint64_t since_ms_ = 0; // when this step was reached
  parts turn_;            // the one under way
  parts sums_;
};

} // namespace switchboard::actors
