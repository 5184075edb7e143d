#pragma once

#include "conf/defaults/audio.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>

/// The two media times of a call, never mixed: call media time (ms since the call's first stream
/// started; places audio and turns) and session audio time (ms of audio appended to one model
/// session).
namespace switchboard::audio {

/// Where a carrier frame lies.
struct frame_place {
  uint64_t at_ms = 0;      // call media time of the frame's first sample
  uint64_t gap_ms = 0;     // audio that is missing before it
  bool late = false;       // its time is covered already (duplicate or out of order): do not append
  uint64_t overlap_ms = 0; // leading ms of the frame that are covered already (all of them if late)
};

/// Places the frames of one carrier stream on call media time by Twilio's `timestamp` and their
/// length, never by arrival: a burst after a network stall lands where it was spoken. Offsets below
/// a frame (20 ms) are rounding and do not tear the audio. A timestamp that jumps by more than 10
/// min ahead or 10 s back is taken as the carrier's clock restarting: the frame then follows the
/// one before.
class stream_clock {
public:
  /// @param base_ms call media time at which this stream started.
  explicit stream_clock(uint64_t base_ms = 0) : base_ms_(base_ms) {}

  /// @param timestamp_ms the frame's `timestamp`: ms since the stream's start.
  /// @param bytes length of the frame in mu-law bytes.
  frame_place place(uint64_t timestamp_ms, size_t bytes);

  uint64_t base_ms() const { return base_ms_; }
  /// Call media time up to which this stream's audio has come in.
  uint64_t now_ms() const;
  /// The `timestamp` expected of the next frame.
  uint64_t expected_timestamp_ms() const;

  uint64_t frames() const { return frames_; }
  uint64_t gaps() const { return gaps_; }
  uint64_t gap_total_ms() const { return gap_total_ms_; }
  uint64_t late_frames() const { return late_frames_; }
  uint64_t restarts() const { return restarts_; } // implausible jumps

private:
  uint64_t base_ms_;
  uint64_t covered_bytes_ = 0; // stream position up to which audio has come in or is a known gap
  int64_t correction_ms_ = 0;  // added to timestamps since the carrier's clock restarted
  uint64_t frames_ = 0;
  uint64_t gaps_ = 0;
  uint64_t gap_total_ms_ = 0;
  uint64_t late_frames_ = 0;
  uint64_t restarts_ = 0;
};

/// Maps one model session's audio time (in which `audio_start_ms` counts) to call media time.
/// Piecewise linear: a new segment begins wherever appended audio does not follow what went before
/// (gaps, replayed audio, resumed streams). Bounded: past 1024 segments the oldest is forgotten.
class session_time_map {
public:
  /// Tells that `duration_ms` of audio whose first sample lies at `call_media_ms` were appended.
  void on_appended(uint64_t call_media_ms, uint64_t duration_ms);

  /// Call media time of a session position; clamped to what was appended and is remembered.
  /// 0 if nothing was appended.
  uint64_t to_call_ms(uint64_t session_ms) const;

  uint64_t appended_ms() const { return appended_ms_; }
  size_t segments() const { return segments_.size(); }

private:
  struct segment {
    uint64_t session_ms;
    uint64_t call_ms;
  };
  uint64_t appended_ms_ = 0;
  uint64_t last_offset_ms_ = 0; // from session to call time in the last segment; may wrap
  std::deque<segment> segments_;
};

} // namespace switchboard::audio
