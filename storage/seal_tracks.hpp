#pragma once

#include "audio/bytes.hpp"
#include "audio/playback_ledger.hpp"
#include "storage/journal_reader.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

/// The two tracks of a call, read from its journal as gapless PCMU. Each track reads the journal on
/// its own, so that neither ever waits for the other and nothing has to be kept for it.
namespace switchboard::storage {

/// PCMU and the place of its first byte: call media time, 8 bytes a millisecond.
struct track_piece {
  uint64_t at_bytes = 0;
  audio::byte_buffer pcmu;
};

/// Gives the pieces of one side, in order of time as far as the journal has them in order.
class piece_source {
public:
  virtual ~piece_source() = default;
  /// @returns nothing at the end.
  virtual result<std::optional<track_piece>> next() = 0;
};

/// Caller audio: where its facts say.
class caller_source final : public piece_source {
public:
  explicit caller_source(journal_reader journal) : journal_(std::move(journal)) {}
  result<std::optional<track_piece>> next() override;

private:
  journal_reader journal_;
};

/// Assistant audio: where the playback ledger says that it was heard. Keeps only where in the
/// journal the audio lies (at most defaults::storage::seal_pieces_max pieces) until its place is
/// known.
class assistant_source final : public piece_source {
public:
  /// @param end_ms media time at which a journal without its end is taken to have ended.
  assistant_source(journal_reader journal, uint64_t end_ms)
      : journal_(std::move(journal)), end_ms_(end_ms) {}
  result<std::optional<track_piece>> next() override;

private:
  struct sent {
    audio::item_index item;
    uint32_t bytes;
    uint64_t item_offset;
    uint64_t file_offset;
  };
  struct open_item {
    audio::item_index index = 0;
    uint64_t sent_bytes = 0;
  };

  result<nothing> replay_until_placed();
  void replay(const fact&);
  void finish(uint64_t at_ms);
  void open(const fact&);
  open_item& item_of(const fact&);
  void on_audio(const fact&);
  bool skip_to(const audio::placement&);
  result<std::optional<track_piece>> cut_piece(audio::placement&);

  journal_reader journal_;
  uint64_t end_ms_;
  uint64_t latest_ms_ = 0;
  uint64_t placed_to_bytes_ = 0;
  bool replayed_ = false;
  audio::playback_ledger ledger_;
  std::map<uint32_t, open_item> items_; ///< by the journal's index
  std::deque<sent> sent_;               ///< in order of sending, which is that of playing
  std::deque<audio::placement> placed_;
};

/// Lays a source's pieces on a gapless line, block by block, silent where nothing is.
class track {
public:
  explicit track(piece_source& source);
  /// The next seal_block_ms of PCMU. Valid until the next call.
  result<audio::byte_view> next_block();

private:
  bool put(); ///< @returns false if a part of pending_ lies beyond the window

  piece_source& source_;
  audio::byte_buffer window_; ///< this block and the next
  audio::byte_buffer block_;
  uint64_t start_bytes_ = 0; ///< place of the window's first byte
  std::optional<track_piece> pending_;
  bool ended_ = false;
};

} // namespace switchboard::storage
