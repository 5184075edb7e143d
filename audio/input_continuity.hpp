#pragma once

#include <cstdint>

namespace switchboard::audio {

/// Silence to append to the model's input, and the call media time that it stands for.
struct silence_fill {
  uint64_t at_ms = 0;
  uint64_t length_ms = 0; ///< 0 = nothing to append
};

/// Keeps what a model hears continuous. Its voice detection counts audio, not time: where frames
/// are missing it sees no silence, and a turn that was broken off there would never end.
///   - A gap in the carrier's timestamps becomes silence of its length, at most 10 s.
///   - While the caller speaks and no frame has come for 750 ms, a second of silence is added, once
///   in
///     a stall. A gap found when frames come again is filled by what is still missing of it; frames
///     that were only late are all appended.
/// Pure; times are call media ms, `now_ms` never goes back. One per model session.
class input_continuity {
public:
  /// Caller audio is about to be appended. @returns the silence to append before it.
  silence_fill before(uint64_t at_ms, uint64_t length_ms, uint64_t now_ms);
  /// @param speaking the model heard the caller begin and not yet stop.
  silence_fill on_tick(uint64_t now_ms, bool speaking);

private:
  bool started_ = false;
  uint64_t end_ms_ = 0; // call media time up to which audio or silence was appended, padding aside
  uint64_t arrived_ms_ = 0; // when the latest audio came
  uint64_t padded_ms_ = 0;  // in this stall
};

} // namespace switchboard::audio
