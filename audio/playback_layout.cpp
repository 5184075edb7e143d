#include "audio/playback_layout.hpp"

#include "audio/g711.hpp"
#include "conf/defaults/audio.hpp"

#include <algorithm>

namespace switchboard::audio {

namespace limits = defaults::audio;

namespace {

// Time is counted in bytes of audio here, so that pieces of odd length add up exactly.
constexpr uint64_t to_bytes(uint64_t ms) {
  return ms * ulaw_bytes_per_ms;
}

constexpr uint64_t round_up_to_ms(uint64_t bytes) {
  return (bytes + ulaw_bytes_per_ms - 1) / ulaw_bytes_per_ms * ulaw_bytes_per_ms;
}

} // namespace

void playback_layout::on_echoed(const sent_piece& piece, uint64_t echo_ms, bool ends_group) {
  held_.push_back({piece, echo_ms, ends_group});
}

void playback_layout::on_elapsed(const sent_piece& piece) {
  flush();
  emit(piece, std::max(end_bytes_, to_bytes(piece.sent_ms)));
}

playback_layout::group playback_layout::front_group() const {
  group g;
  uint64_t end = end_bytes_;
  for (const auto& h : held_) {
    const uint64_t sent = to_bytes(h.piece.sent_ms);
    if (sent > end && g.pieces > 0) {
      g.run = g.pieces;
    }
    end = std::max(end, sent) + h.piece.bytes;
    ++g.pieces;
    if (h.ends_group) {
      break;
    }
  }
  g.proven_ms = held_[g.pieces - 1].echo_ms;
  // The earliest time at which any echo says that this group was over.
  uint64_t over_by = UINT64_MAX;
  uint64_t since = 0;
  for (size_t i = g.pieces - 1; i < held_.size(); ++i) {
    since += i >= g.pieces ? held_[i].piece.bytes : 0;
    const uint64_t echo = to_bytes(held_[i].echo_ms);
    if (held_[i].ends_group) {
      over_by = std::min(over_by, echo > since ? echo - since : 0);
    }
  }
  if (over_by != UINT64_MAX && over_by > end + to_bytes(limits::echo_tolerance_ms)) {
    g.late_bytes = over_by - end;
  }
  return g;
}

void playback_layout::on_time(uint64_t now_ms) {
  while (!held_.empty()) {
    const group g = front_group();
    const bool waits = g.late_bytes > 0 && now_ms < g.proven_ms + limits::placement_hold_ms &&
                       held_.size() <= limits::placements_held_max;
    if (waits) {
      return;
    }
    place(g);
  }
}

void playback_layout::flush() {
  while (!held_.empty()) {
    place(front_group());
  }
}

void playback_layout::close() {
  flush();
  closed_ = true;
}

void playback_layout::place(const group& g) {
  uint64_t shift = 0;
  for (size_t i = 0; i < g.pieces; ++i) {
    shift = i == g.run ? g.late_bytes : 0;
    const sent_piece piece = held_.front().piece;
    held_.pop_front();
    emit(piece, std::max(end_bytes_, to_bytes(piece.sent_ms)) + shift);
  }
}

void playback_layout::emit(const sent_piece& piece, uint64_t at_bytes) {
  closed_ = false;
  if (!placed_.empty()) {
    auto& last = placed_.back();
    if (last.item == piece.item && last.item_offset_bytes + last.bytes == piece.item_offset_bytes &&
        to_bytes(last.at_ms) + last.bytes == at_bytes) {
      last.bytes += piece.bytes;
      end_bytes_ = at_bytes + piece.bytes;
      return;
    }
  }
  if (placed_.size() >= limits::placements_max) {
    placed_.pop_front();
  }
  const uint64_t at = round_up_to_ms(at_bytes);
  placed_.push_back({piece.item, piece.item_offset_bytes, piece.bytes, at / ulaw_bytes_per_ms});
  end_bytes_ = at + piece.bytes;
}

std::vector<placement> playback_layout::take() {
  std::vector<placement> result(placed_.begin(), placed_.end());
  placed_.clear();
  if (result.empty()) {
    return result;
  }
  // A fraction of a ms at the end stays, so that what follows it can begin in mid-millisecond.
  auto& last = result.back();
  const uint64_t fraction = last.bytes % ulaw_bytes_per_ms;
  if (fraction > 0 && !closed_) {
    last.bytes -= fraction;
    placed_.push_back({last.item, last.item_offset_bytes + last.bytes, fraction,
                       last.at_ms + last.bytes / ulaw_bytes_per_ms});
    if (last.bytes == 0) {
      result.pop_back();
    }
  }
  return result;
}

} // namespace switchboard::audio
