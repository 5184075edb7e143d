#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace switchboard::audio {

/// Index of an item in order of first mention; never reused in a call.
using item_index = uint32_t;

/// A piece of an item's audio and the call media time at which it was played.
struct placement {
  item_index item = 0;
  uint64_t item_offset_bytes = 0;
  uint64_t bytes = 0;
  uint64_t at_ms = 0;
};

/// A run of an item's audio as it was sent.
struct sent_piece {
  item_index item = 0;
  uint64_t item_offset_bytes = 0;
  uint64_t bytes = 0;
  uint64_t sent_ms = 0; // call media time
  uint64_t pos = 0;     // of its first byte in all that was ever sent
};

/// Lays what was played on call media time; the ledger's half that recordings read.
///
/// A piece begins when it was sent or when the audio before it ends, whichever is later. A mark's
/// echo is evidence that the audio before it had ended by then: an echo later than predicted by
/// more than 100 ms moves its audio (and so what follows) back in time, unless a later echo shows
/// that only the echo was late; pieces wait up to 500 ms for that. What is placed never overlaps
/// and is never placed again.
class playback_layout {
public:
  /// Tells that `piece`, the next in order, was proven played by an echo at `echo_ms`.
  /// @param ends_group true for the last piece before the echoed mark: the echo speaks of its end.
  void on_echoed(const sent_piece& piece, uint64_t echo_ms, bool ends_group);

  /// Tells that `piece` was played by the clock alone (cut or hang-up): placed where predicted.
  void on_elapsed(const sent_piece& piece);

  /// Places what has waited long enough.
  void on_time(uint64_t now_ms);

  /// Places all that waits.
  void flush();

  /// Tells that the carrier's queue was emptied (clear, end of the stream): nothing waits for more.
  void close();

  /// The placements made since the last call, in time order.
  std::vector<placement> take();

private:
  struct held {
    sent_piece piece;
    uint64_t echo_ms; // when it was proven
    bool ends_group;
  };
  struct group {
    size_t pieces = 0;       // at the front of held_
    size_t run = 0;          // the first of those that are played without a pause up to the mark
    uint64_t late_bytes = 0; // by how much the run was later than predicted; 0 within tolerance
    uint64_t proven_ms = 0;
  };

  group front_group() const;
  void place(const group& g);
  void emit(const sent_piece& piece, uint64_t at_bytes);

  std::deque<held> held_;
  std::deque<placement> placed_;
  uint64_t end_bytes_ = 0; // end of the last placed piece, in bytes of call media time (8 a ms)
  bool closed_ = false;    // nothing will follow the last of placed_ without a pause
};

} // namespace switchboard::audio
