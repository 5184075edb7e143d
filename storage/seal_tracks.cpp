#include "storage/seal_tracks.hpp"

#include "conf/defaults/storage.hpp"

#include <algorithm>
#include <cerrno>

namespace switchboard::storage {
namespace {

namespace limits = defaults::storage;

constexpr uint64_t bytes_per_ms = audio::ulaw_bytes_per_ms;
constexpr size_t block_bytes = limits::seal_block_ms * bytes_per_ms;

bool believable(const fact& x) {
  return x.at_ms <= limits::recording_ms_max;
}

} // namespace

// -- caller
// -----------------------------------------------------------------------------------------

result<std::optional<track_piece>> caller_source::next() {
  while (true) {
    auto x = journal_.next();
    if (!x) {
      return {x.code(), x.detail()};
    }
    if (!*x) {
      return std::optional<track_piece>();
    }
    if ((*x)->type == fact_type::caller_audio && believable(**x)) {
      return std::optional<track_piece>(
          track_piece{(*x)->at_ms * bytes_per_ms, (*x)->bytes.to_buffer()});
    }
  }
}

// -- assistant
// --------------------------------------------------------------------------------------

result<std::optional<track_piece>> assistant_source::next() {
  while (true) {
    if (auto ok = replay_until_placed(); !ok) {
      return {ok.code(), ok.detail()};
    }
    if (placed_.empty()) {
      return std::optional<track_piece>();
    }
    if (placed_.front().bytes == 0 || !skip_to(placed_.front())) {
      placed_.pop_front(); // done, or its audio was dropped at the bound
      continue;
    }
    return cut_piece(placed_.front());
  }
}

result<nothing> assistant_source::replay_until_placed() {
  while (placed_.empty() && !replayed_) {
    auto x = journal_.next();
    if (!x) {
      return {x.code(), x.detail()};
    }
    if (*x) {
      if (believable(**x)) {
        replay(**x);
      }
    } else {
      ledger_.finish(std::max(end_ms_, latest_ms_));
      replayed_ = true;
    }
    for (const auto& p : ledger_.take_placements()) {
      placed_.push_back(p);
    }
  }
  return nothing{};
}

/// Tells the ledger what the live call told it.
void assistant_source::replay(const fact& x) {
  switch (x.type) {
  case fact_type::call_started: // by the next process
  case fact_type::stream_started:
    // Where a process died there is no end of the stream before: then its last sign of life counts.
    finish(latest_ms_);
    break;
  case fact_type::item_opened:
    open(x);
    break;
  case fact_type::agent_audio:
    on_audio(x);
    break;
  case fact_type::mark_sent:
    ledger_.on_mark_sent(x.text(), x.at_ms);
    break;
  case fact_type::mark_echoed:
    ledger_.on_mark_echo(x.text(), x.at_ms);
    break;
  case fact_type::item_done:
    ledger_.item_done(item_of(x).index, x.at_ms);
    ledger_.on_mark_sent(x.text(), x.at_ms); // its done mark, where the fact names it
    break;
  case fact_type::cleared:
    ledger_.clear(x.at_ms);
    break;
  case fact_type::stream_stopped:
    ledger_.finish(x.at_ms); // as the live call does, so that generations of marks stay in step
    break;
  case fact_type::call_ended:
    finish(x.at_ms);
    break;
  default:
    break;
  }
  latest_ms_ = std::max(latest_ms_, x.at_ms);
}

/// Ends a stream, unless that was told already: a second clear would count the generations of marks
/// apart from the live call's.
void assistant_source::finish(uint64_t at_ms) {
  if (!ledger_.idle()) {
    ledger_.finish(at_ms);
  }
}

assistant_source::open_item& assistant_source::item_of(const fact& x) {
  auto found = items_.find(x.item);
  if (found == items_.end()) {
    const auto index = ledger_.open_item("item " + std::to_string(x.item), audio::item_kind::model);
    found = items_.emplace(x.item, open_item{index, 0}).first;
  }
  return found->second;
}

/// A process that took the call over counts its items from 0 again: the newest of a number counts.
void assistant_source::open(const fact& x) {
  const auto kind = x.flag == 0 ? audio::item_kind::model : audio::item_kind::local;
  const auto index = ledger_.open_item(x.text(), kind);
  const auto known = items_.find(x.item);
  if (known != items_.end() && known->second.index == index) {
    return;
  }
  if (items_.size() >= limits::seal_items_max) {
    items_.erase(items_.begin()); // the oldest: finished long ago
  }
  items_.insert_or_assign(x.item, open_item{index, 0});
}

void assistant_source::on_audio(const fact& x) {
  auto& item = item_of(x);
  // The ledger counts an item's bytes by itself, and so do we: its placements speak in that count.
  const auto before = item.sent_bytes;
  const auto view = ledger_.item(item.index, x.at_ms);
  if (!view || view->done || view->state == audio::item_state::cut || x.bytes.empty()) {
    return; // the ledger ignores it too
  }
  ledger_.on_sent(item.index, x.bytes.size, x.at_ms);
  item.sent_bytes += x.bytes.size;
  if (sent_.size() >= limits::seal_pieces_max) {
    sent_.pop_front();
  }
  sent_.push_back(
      {item.index, static_cast<uint32_t>(x.bytes.size), before, journal_.payload_offset()});
}

/// Drops what was sent before the placement's first byte: playing follows the order of sending, so
/// that it was cut. @returns false if the audio is not there.
bool assistant_source::skip_to(const audio::placement& p) {
  const auto holds = [&](const sent& s) {
    return s.item == p.item && s.item_offset <= p.item_offset_bytes &&
           p.item_offset_bytes < s.item_offset + s.bytes;
  };
  const auto found = std::find_if(sent_.begin(), sent_.end(), holds);
  if (found == sent_.end()) {
    return false;
  }
  sent_.erase(sent_.begin(), found);
  return true;
}

/// Takes from the placement what lies in the first of sent_.
result<std::optional<track_piece>> assistant_source::cut_piece(audio::placement& p) {
  const auto& from = sent_.front();
  const auto skip = p.item_offset_bytes - from.item_offset;
  const auto size = std::min<uint64_t>(p.bytes, from.bytes - skip);
  track_piece piece;
  piece.at_bytes = p.at_ms * bytes_per_ms;
  // Placements are in whole ms; audio that goes on in mid-millisecond goes on without a hole.
  const auto apart =
      std::max(piece.at_bytes, placed_to_bytes_) - std::min(piece.at_bytes, placed_to_bytes_);
  if (apart < bytes_per_ms) {
    piece.at_bytes = placed_to_bytes_;
  }
  piece.pcmu.resize(size);
  const auto n =
      posix::read_at(journal_.descriptor(), piece.pcmu.data(), size, from.file_offset + skip);
  if (n != static_cast<ssize_t>(size)) {
    return {storage_error::io, "a journal became shorter while it was read"};
  }
  placed_to_bytes_ = piece.at_bytes + size;
  p.item_offset_bytes += size;
  p.bytes -= size;
  p.at_ms = placed_to_bytes_ / bytes_per_ms;
  return std::optional<track_piece>(std::move(piece));
}

// -- track
// ------------------------------------------------------------------------------------------

track::track(piece_source& source)
    : source_(source), window_(2 * block_bytes, audio::ulaw_silence) {}

bool track::put() {
  auto& piece = *pending_;
  const auto end = start_bytes_ + window_.size();
  uint64_t from = 0; // what lies before the window came too late
  if (piece.at_bytes < start_bytes_) {
    from = std::min<uint64_t>(start_bytes_ - piece.at_bytes, piece.pcmu.size());
  }
  const auto first = piece.at_bytes + from;
  if (first >= end) {
    return from == piece.pcmu.size();
  }
  const auto size = std::min<uint64_t>(piece.pcmu.size() - from, end - first);
  std::copy_n(piece.pcmu.begin() + static_cast<ptrdiff_t>(from), size,
              window_.begin() + static_cast<ptrdiff_t>(first - start_bytes_));
  const auto used = from + size;
  piece.pcmu.erase(piece.pcmu.begin(), piece.pcmu.begin() + static_cast<ptrdiff_t>(used));
  piece.at_bytes += used;
  return piece.pcmu.empty();
}

result<audio::byte_view> track::next_block() {
  while (!ended_) {
    if (!pending_) {
      auto piece = source_.next();
      if (!piece) {
        return {piece.code(), piece.detail()};
      }
      pending_ = std::move(*piece);
      ended_ = !pending_;
      continue;
    }
    if (!put()) {
      break;
    }
    pending_.reset();
  }
  block_.assign(window_.begin(), window_.begin() + block_bytes);
  std::copy(window_.begin() + block_bytes, window_.end(), window_.begin());
  std::fill(window_.begin() + block_bytes, window_.end(), audio::ulaw_silence);
  start_bytes_ += block_bytes;
  return audio::byte_view(block_);
}

} // namespace switchboard::storage
