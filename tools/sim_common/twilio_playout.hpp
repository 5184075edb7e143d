#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

/// Samples a millisecond on the telephone line; one mu-law byte each.
constexpr int64_t samples_per_ms = 8;

/// A mark that the carrier sends back.
struct mark_echo {
  std::string name;
  int64_t at = 0;      ///< when it became due, in samples
  bool played = false; ///< the audio before it was played; false: it was cleared
};

/// What the buffer saw, in samples where not said otherwise.
struct playout_figures {
  int64_t played = 0;
  int64_t cleared = 0;
  int64_t buffered_max = 0;
  int64_t first_audio_at = -1; ///< -1: nothing was played yet
  int64_t last_audio_end = -1;
  int64_t longest_gap = 0; ///< silence between two stretches of audio
  int64_t longest_underrun = 0;
  int underruns = 0; ///< gaps below `underrun_ms_max` without a clear in them: the sender was late
  int marks_received = 0;
  int clears = 0;
  std::vector<int64_t> played_at_clears; ///< `played` at each clear, of the first 1,000
};

/// The carrier's playback buffer of a bidirectional media stream, in virtual time: audio is queued
/// and played in order at real time; a mark comes back when all audio before it was played, or at
/// once when nothing is queued; `clear` empties the queue and sends back every mark in it.
/// Source: https://www.twilio.com/docs/voice/media-streams/websocket-messages.
/// Times are samples on one timeline of the caller's choice and must not go back. Not thread-safe.
class playout_buffer {
public:
  /// Told of each stretch of audio as it is played.
  using sink = std::function<void(int64_t at, std::string_view ulaw)>;

  explicit playout_buffer(int64_t start = 0, sink on_played = {});

  /// Queues audio. @returns false when the buffer is full (one hour); the audio is then lost.
  bool media(int64_t now, std::string_view ulaw);
  void mark(int64_t now, std::string name);
  void clear(int64_t now);

  /// Plays everything that is due until `now`.
  void advance(int64_t now);

  /// The echoes that became due since the last call, in order.
  std::vector<mark_echo> take_echoes();

  /// Samples queued and not yet played.
  int64_t buffered() const { return buffered_; }
  const playout_figures& figures() const { return figures_; }

private:
  struct entry {
    std::string bytes; ///< empty: the entry is a mark
    std::string mark;
    size_t offset = 0; ///< bytes already played
  };

  void play_front(int64_t until);
  void note_gap();

  std::deque<entry> queue_;
  int64_t cursor_;
  int64_t buffered_ = 0;
  bool cleared_since_audio_ = false;
  sink on_played_;
  std::vector<mark_echo> echoes_;
  playout_figures figures_;
};

} // namespace sim
