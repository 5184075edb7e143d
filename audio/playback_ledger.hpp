#pragma once

#include "audio/g711.hpp"
#include "audio/playback_layout.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace switchboard::audio {

/// queued: none of it heard. playing: some. heard: all of it, and it was complete. cut: it ended
/// early.
enum class item_state : uint8_t { queued, playing, heard, cut };
std::string_view to_string(item_state state);

/// model: speech of the model. local: filler and consent clips, unknown to the model.
enum class item_kind : uint8_t { model, local };

/// What to tell the model: `conversation.item.truncate`.
struct truncation {
  std::string item_id;
  uint64_t audio_end_ms = 0;
};

struct cut_result {
  std::vector<truncation> truncations; // model items with unheard audio, in playing order
  std::vector<std::string>
      discarded_items; // every item cut; later audio of theirs must not be sent
};

/// A snapshot of one item. Times are call media time.
struct item_view {
  item_index index = 0;
  std::string_view item_id; // valid until the ledger is next told something
  item_kind kind = item_kind::model;
  item_state state = item_state::queued;
  bool done = false; // all its audio has been sent
  uint64_t sent_ms = 0;
  uint64_t heard_ms = 0;
  uint64_t first_sent_ms = 0;       // 0 if nothing was sent
  std::optional<uint64_t> began_ms; // when the caller began to hear it, once known
  std::optional<uint64_t> ended_ms; // when it was heard out or cut
};

/// What the caller has heard of the audio sent to the carrier, and when.
///
/// The carrier plays what it is sent first in, first out, at real time, and echoes a mark when all
/// audio before it has been played, or cleared. The ledger is told of sends, marks, clears and
/// media time, has no clock, and answers:
///   heard    = last echoed mark + media time since, never past the next pending mark or what was
///   sent; cut      = what a barge-in leaves unheard, and what to truncate at the model; placed   =
///   where on call media time each piece of audio was played (for the recording).
///
/// It always holds that heard <= sent; that heard never shrinks; that a cleared mark proves
/// nothing; that no truncation exceeds what was sent; that an item heard out is never truncated.
/// The same facts told in the same order give the same answers, so a recording can be rebuilt from
/// a journal of them.
///
/// Audio is mu-law, 8 bytes a ms. Times are call media time in ms; one that lies before the latest
/// time already told counts as that. Memory is bounded (conf/defaults/audio.hpp). Owned by one
/// actor; not thread-safe. Never throws but for lack of memory; unknown items and marks are
/// ignored.
class playback_ledger {
public:
  /// Makes an item known, in order of play. A known id gives the same index; indices are never
  /// reused.
  item_index open_item(std::string_view item_id, item_kind kind);

  /// Tells that `bytes` of audio of the item were handed to the carrier. Ignored for a cut or
  /// finished item: ask discarded() first.
  void on_sent(item_index item, size_t bytes, uint64_t now_ms);

  /// Bytes of the item that may be sent before the next mark is due, at least 1: split long deltas
  /// here.
  size_t next_mark_in(item_index item) const;

  /// The name of the mark to write now, after the audio just sent; none if none is due. Due are the
  /// first audio of an item and every 200 ms of audio. Write it, then call on_mark_sent() with it.
  std::optional<std::string> mark_due(item_index item) const;

  /// Tells that a mark was written behind all audio sent so far.
  void on_mark_sent(std::string_view name, uint64_t now_ms);

  /// Tells that all audio of the item has been sent. @returns the name of its done mark, to be
  /// written now; it counts as sent (on_mark_sent() with it again does no harm). Empty if the item
  /// is cut, unknown or was done already: write nothing then. Also to be told when the model dies
  /// in mid-item.
  std::string item_done(item_index item, uint64_t now_ms);

  /// Tells that the carrier echoed a mark. @returns false if it proves nothing: its generation was
  /// cleared, it was echoed or overtaken by a later echo already, or is not ours.
  bool on_mark_echo(std::string_view name, uint64_t now_ms);

  /// Barge-in: tells that the carrier's buffer is being cleared. All that is unheard is cut, marks
  /// still out become void, and a new generation begins.
  cut_result clear(uint64_t now_ms);

  /// The stream ended (hang-up, socket lost): as clear(), and all placements become final. A
  /// resumed stream goes on with the same ledger.
  cut_result finish(uint64_t now_ms);

  uint64_t sent_ms(item_index item) const;
  uint64_t heard_ms(item_index item, uint64_t now_ms) const;
  uint64_t heard_bytes(item_index item, uint64_t now_ms) const;
  item_state state(item_index item, uint64_t now_ms) const; // forgotten items: heard
  std::optional<item_view> item(item_index item, uint64_t now_ms) const;
  /// The items remembered, oldest first: all unfinished ones, up to
  /// `items_remembered_max` in all.
  std::vector<item_view> items(uint64_t now_ms) const;
  std::optional<item_index> find(std::string_view item_id) const;

  /// True if there is audio at the carrier that the caller has not heard.
  bool audible(uint64_t now_ms) const;
  /// The item that is being played, or will be next; none if nothing is audible.
  std::optional<item_index> current_item(uint64_t now_ms) const;
  /// Audio at the carrier that has not been heard yet.
  uint64_t queued_ms(uint64_t now_ms) const;
  /// True if the item was cut: its audio must not be sent any more.
  bool discarded(std::string_view item_id) const;
  /// True if nothing is out: no unplayed audio, no pending mark, no unfinished item.
  bool idle() const;

  uint32_t generation() const { return generation_; } // number of clears
  size_t marks_pending() const { return marks_.size(); }
  uint64_t sent_total_ms() const { return sent_pos_ / ulaw_bytes_per_ms; }
  uint64_t heard_total_ms() const {
    return heard_total_bytes_ / ulaw_bytes_per_ms;
  } // proven by echoes and cuts

  /// The pieces known to have been played since the last call, in time order, never overlapping.
  /// Final: what was taken is never placed again. Take them every few seconds at least.
  std::vector<placement> take_placements() { return layout_.take(); }

private:
  struct record {
    std::string id;
    item_kind kind;
    item_state state = item_state::queued;
    bool done = false;
    std::optional<uint64_t> marked_bytes; // of it, what stands before its last mark
    uint64_t sent_bytes = 0;
    uint64_t heard_bytes = 0;  // proven
    uint64_t queued_bytes = 0; // in pieces_
    uint64_t first_sent_ms = 0;
    std::optional<uint64_t> began_ms;
    std::optional<uint64_t> ended_ms;
  };
  struct mark {
    std::string name;
    uint64_t pos; // all audio before this position of the carrier's queue stands before the mark
  };

  enum class evidence : uint8_t { echo, elapsed };

  record* find_record(item_index item);
  const record* find_record(item_index item) const;
  uint64_t advance(uint64_t now_ms);
  uint64_t heard_pos(uint64_t now_ms) const;
  uint64_t estimate(const record& r, item_index item, uint64_t now_ms) const;
  item_state state_of(const record& r, uint64_t heard) const;
  item_view view(const record& r, item_index item, uint64_t now_ms) const;
  void add_piece(record& r, item_index item, uint64_t bytes, uint64_t now_ms);
  void add_mark(std::string_view name);
  void confirm_until(uint64_t pos, uint64_t now_ms, evidence why);
  void confirm_front(uint64_t bytes, uint64_t began_ms, uint64_t ended_ms);
  void cut_items(cut_result& result, uint64_t now_ms);
  void forget_old_items();

  // The carrier's queue as one line of bytes over the whole call; positions never restart.
  uint64_t sent_pos_ = 0;   // end of the queue
  uint64_t anchor_pos_ = 0; // played up to here ...
  uint64_t anchor_ms_ = 0;  // ... at this time
  uint64_t last_mark_pos_ = 0;
  uint64_t predicted_end_bytes_ =
      0; // earliest time (8 a ms) at which all that was sent can be over
  uint64_t latest_ms_ = 0;
  uint64_t heard_total_bytes_ = 0;
  uint32_t generation_ = 0;
  item_index first_item_ = 0; // index of items_.front()
  std::deque<record> items_;
  std::deque<sent_piece> pieces_; // not yet proven played, in order
  std::deque<mark> marks_;        // not yet echoed, in order
  playback_layout layout_;
  std::unordered_map<std::string, item_index> by_id_;
  mutable std::string sought_; // find()'s key, kept for its memory
};

} // namespace switchboard::audio
