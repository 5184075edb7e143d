#pragma once

#include "tools/sim_common/openai_audio.hpp"

#include <cstdint>
#include <vector>

namespace sim::openai {

/// The `server_vad` fields that shape detection.
struct vad_settings {
  double threshold = 0.5;      ///< 0 hears a whisper (-60 dBFS), 1 only loud speech (-20 dBFS).
  int prefix_padding_ms = 300; ///< Added before the detected start.
  int silence_duration_ms = 200;
};

struct vad_event {
  enum class kind { started, stopped };
  kind what;
  /// Audio time in ms since the session's first sample. A start includes the prefix padding; a
  /// stop includes the silence that was waited for.
  int64_t at_ms;
};

/// Voice activity by energy. It knows only audio time: without audio, time stands still, so a
/// caller whose frames stop in mid-word never ends the turn - as with the real service.
class energy_vad {
public:
  /// Takes effect with the next 20 ms frame.
  void configure(const vad_settings& settings) { settings_ = settings; }

  /// @returns What the new samples decided, in order.
  std::vector<vad_event> feed(const samples& audio);

  /// Forgets speech in progress; audio time goes on.
  void reset();

  bool speaking() const noexcept { return speaking_; }
  /// Audio time fed so far.
  int64_t position_ms() const noexcept { return samples_seen_ / 8; }

private:
  void judge_frame(double rms, std::vector<vad_event>& out);

  vad_settings settings_;
  bool speaking_ = false;
  int64_t samples_seen_ = 0;
  size_t in_frame_ = 0;       ///< Samples gathered for the frame being measured.
  double energy_ = 0;         ///< Sum of their squares.
  int64_t voiced_since_ = -1; ///< Start of the current run of voiced frames, or -1.
  int64_t last_voice_ms_ = 0; ///< End of the last voiced frame.
  int64_t last_stop_ms_ = 0;  ///< A start is never reported before the previous stop.
};

} // namespace sim::openai
