#include "audio/playback_ledger.hpp"

#include "conf/defaults/audio.hpp"
#include "conf/memory_trail.hpp"

#include <algorithm>
#include <charconv>

namespace switchboard::audio {

namespace limits = defaults::audio;

namespace {

constexpr uint64_t mark_interval_bytes = limits::mark_interval_ms * ulaw_bytes_per_ms;
constexpr uint64_t time_max_ms = uint64_t{1} << 48; // leaves room to count in bytes

uint64_t ms_of(uint64_t bytes) {
  return bytes / ulaw_bytes_per_ms;
}

uint64_t bytes_of(uint64_t ms) {
  return std::min(ms, time_max_ms) * ulaw_bytes_per_ms;
}

std::string mark_name(uint32_t generation, item_index item, uint64_t sent_ms) {
  std::string name = "g";
  name += std::to_string(generation);
  name += ":i";
  name += std::to_string(item);
  name += ':';
  name += std::to_string(sent_ms);
  return name;
}

/// The item that one of our mark names speaks of.
std::optional<item_index> item_of_mark(std::string_view name) {
  const size_t at = name.find(":i");
  item_index item = 0;
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  const auto [end, error] = std::from_chars(name.data() + at + 2, name.data() + name.size(), item);
  return error == std::errc{} ? std::optional<item_index>{item} : std::nullopt;
}

std::string_view bounded_id(std::string_view id) {
  return id.substr(0, limits::item_id_bytes_max);
}

bool finished(item_state state) {
  return state == item_state::heard || state == item_state::cut;
}

} // namespace

std::string_view to_string(item_state state) {
  switch (state) {
  case item_state::queued:
    return "queued";
  case item_state::playing:
    return "playing";
  case item_state::heard:
    return "heard";
  case item_state::cut:
    return "cut";
  }
  return "unknown";
}

// -- facts ----------------------------------------------------------------------------------------

item_index playback_ledger::open_item(std::string_view item_id, item_kind kind) {
  const std::string id{bounded_id(item_id)};
  if (const auto known = by_id_.find(id); known != by_id_.end()) {
    return known->second;
  }
  const auto index = static_cast<item_index>(first_item_ + items_.size());
  record r;
  r.id = id;
  r.kind = kind;
  items_.push_back(std::move(r));
  by_id_.emplace(id, index);
  forget_old_items();
  return index;
}

void playback_ledger::on_sent(item_index item, size_t bytes, uint64_t now_ms) {
  const uint64_t now = advance(now_ms);
  auto* r = find_record(item);
  if (r == nullptr || bytes == 0 || r->done || finished(r->state)) {
    return;
  }
  touched(r, sizeof *r);
  if (!pieces_.empty()) {
    touched(&pieces_.back(), sizeof pieces_.back());
  }
  add_piece(*r, item, bytes, now);
  if (r->sent_bytes == 0) {
    r->first_sent_ms = now;
  }
  r->sent_bytes += bytes;
  r->queued_bytes += bytes;
  sent_pos_ += bytes;
  predicted_end_bytes_ = std::max(predicted_end_bytes_, bytes_of(now)) + bytes;
}

void playback_ledger::add_piece(record& r, item_index item, uint64_t bytes, uint64_t now_ms) {
  const bool same_item = !pieces_.empty() && pieces_.back().item == item;
  const bool full = pieces_.size() >= limits::pieces_max;
  // Audio that was queued behind audio needs no send time of its own: it cannot start by it.
  const bool queued_behind =
      last_mark_pos_ != sent_pos_ && bytes_of(now_ms) <= predicted_end_bytes_;
  if (same_item && (queued_behind || full)) {
    pieces_.back().bytes += bytes;
    return;
  }
  if (full) {
    confirm_until(pieces_.front().pos + pieces_.front().bytes, now_ms, evidence::elapsed);
  }
  pieces_.push_back({item, r.sent_bytes, bytes, now_ms, sent_pos_});
}

size_t playback_ledger::next_mark_in(item_index) const {
  const uint64_t since = sent_pos_ - last_mark_pos_;
  return since < mark_interval_bytes ? static_cast<size_t>(mark_interval_bytes - since) : 1;
}

std::optional<std::string> playback_ledger::mark_due(item_index item) const {
  const auto* r = find_record(item);
  if (r == nullptr || r->done || finished(r->state)) {
    return std::nullopt;
  }
  const uint64_t unmarked = r->sent_bytes - r->marked_bytes.value_or(0);
  const bool first = !r->marked_bytes.has_value();
  if (unmarked < ulaw_bytes_per_ms ||
      (!first && sent_pos_ - last_mark_pos_ < mark_interval_bytes)) {
    return std::nullopt;
  }
  return mark_name(generation_, item, ms_of(r->sent_bytes));
}

void playback_ledger::on_mark_sent(std::string_view name, uint64_t now_ms) {
  advance(now_ms);
  const bool known = !marks_.empty() && marks_.back().name == name;
  if (known || name.empty() || name.size() > limits::item_id_bytes_max) {
    return;
  }
  add_mark(name);
}

void playback_ledger::add_mark(std::string_view name) {
  if (marks_.size() >= limits::marks_pending_max) {
    marks_.pop_front(); // a later echo speaks for its audio too
  }
  marks_.push_back({std::string{name}, sent_pos_});
  last_mark_pos_ = sent_pos_;
  const auto item = item_of_mark(name);
  if (auto* r = item ? find_record(*item) : nullptr) {
    r->marked_bytes = r->sent_bytes;
  }
}

std::string playback_ledger::item_done(item_index item, uint64_t now_ms) {
  const uint64_t now = advance(now_ms);
  auto* r = find_record(item);
  if (r == nullptr || r->done || finished(r->state)) {
    return {};
  }
  r->done = true;
  if (r->heard_bytes == r->sent_bytes) { // its last mark was echoed before
    r->state = item_state::heard;
    r->ended_ms = now;
  }
  std::string name = mark_name(generation_, item, ms_of(r->sent_bytes)) + ":done";
  add_mark(name);
  return name;
}

bool playback_ledger::on_mark_echo(std::string_view name, uint64_t now_ms) {
  const uint64_t now = advance(now_ms);
  const auto found =
      std::find_if(marks_.begin(), marks_.end(), [&](const mark& m) { return m.name == name; });
  if (found == marks_.end()) {
    return false;
  }
  const uint64_t pos = found->pos;
  marks_.erase(marks_.begin(), found + 1);
  if (pos > anchor_pos_) {
    confirm_until(pos, now, evidence::echo);
    layout_.on_time(now);
  }
  return true;
}

cut_result playback_ledger::clear(uint64_t now_ms) {
  const uint64_t now = advance(now_ms);
  confirm_until(heard_pos(now), now, evidence::elapsed);
  cut_result result;
  cut_items(result, now);
  pieces_.clear();
  marks_.clear();
  anchor_pos_ = sent_pos_;
  anchor_ms_ = now;
  last_mark_pos_ = sent_pos_;
  predicted_end_bytes_ = bytes_of(now);
  layout_.close();
  ++generation_;
  return result;
}

cut_result playback_ledger::finish(uint64_t now_ms) {
  return clear(now_ms);
}

// -- answers --------------------------------------------------------------------------------------

uint64_t playback_ledger::sent_ms(item_index item) const {
  const auto* r = find_record(item);
  return r == nullptr ? 0 : ms_of(r->sent_bytes);
}

uint64_t playback_ledger::heard_ms(item_index item, uint64_t now_ms) const {
  return ms_of(heard_bytes(item, now_ms));
}

uint64_t playback_ledger::heard_bytes(item_index item, uint64_t now_ms) const {
  const auto* r = find_record(item);
  return r == nullptr ? 0 : estimate(*r, item, now_ms);
}

item_state playback_ledger::state(item_index item, uint64_t now_ms) const {
  const auto* r = find_record(item);
  return r == nullptr ? item_state::heard : state_of(*r, estimate(*r, item, now_ms));
}

std::optional<item_view> playback_ledger::item(item_index item, uint64_t now_ms) const {
  const auto* r = find_record(item);
  return r == nullptr ? std::nullopt : std::optional<item_view>{view(*r, item, now_ms)};
}

std::vector<item_view> playback_ledger::items(uint64_t now_ms) const {
  std::vector<item_view> result;
  result.reserve(items_.size());
  item_index index = first_item_;
  for (const auto& r : items_) {
    result.push_back(view(r, index++, now_ms));
  }
  return result;
}

std::optional<item_index> playback_ledger::find(std::string_view item_id) const {
  const auto id = bounded_id(item_id);
  if (!items_.empty() && items_.back().id == id) // asked for each delta: nearly always this one
    return static_cast<item_index>(first_item_ + items_.size() - 1);
  sought_.assign(id);
  const auto known = by_id_.find(sought_);
  return known == by_id_.end() ? std::nullopt : std::optional<item_index>{known->second};
}

bool playback_ledger::audible(uint64_t now_ms) const {
  return heard_pos(now_ms) < sent_pos_;
}

std::optional<item_index> playback_ledger::current_item(uint64_t now_ms) const {
  const uint64_t pos = heard_pos(now_ms);
  for (const auto& p : pieces_) {
    if (p.pos + p.bytes > pos) {
      return p.item;
    }
  }
  return std::nullopt;
}

uint64_t playback_ledger::queued_ms(uint64_t now_ms) const {
  return ms_of(sent_pos_ - heard_pos(now_ms));
}

bool playback_ledger::discarded(std::string_view item_id) const {
  const auto index = find(item_id);
  const auto* r = index ? find_record(*index) : nullptr;
  return r != nullptr && r->state == item_state::cut;
}

bool playback_ledger::idle() const {
  return pieces_.empty() && marks_.empty() &&
         std::all_of(items_.begin(), items_.end(),
                     [](const record& r) { return finished(r.state); });
}

// -- the carrier's queue --------------------------------------------------------------------------

playback_ledger::record* playback_ledger::find_record(item_index item) {
  const bool known = item >= first_item_ && item - first_item_ < items_.size();
  return known ? &items_[item - first_item_] : nullptr;
}

const playback_ledger::record* playback_ledger::find_record(item_index item) const {
  const bool known = item >= first_item_ && item - first_item_ < items_.size();
  return known ? &items_[item - first_item_] : nullptr;
}

uint64_t playback_ledger::advance(uint64_t now_ms) {
  latest_ms_ = std::max(latest_ms_, std::min(now_ms, time_max_ms));
  layout_.on_time(latest_ms_);
  return latest_ms_;
}

/// Last echoed mark and media time since, never past the next pending mark or what was sent.
uint64_t playback_ledger::heard_pos(uint64_t now_ms) const {
  const uint64_t now = bytes_of(std::max(now_ms, latest_ms_));
  const uint64_t limit = marks_.empty() ? sent_pos_ : marks_.front().pos;
  uint64_t time = bytes_of(anchor_ms_);
  uint64_t pos = anchor_pos_;
  for (const auto& p : pieces_) {
    const uint64_t start = std::max(time, bytes_of(p.sent_ms));
    if (pos >= limit || now <= start) {
      break;
    }
    pos += std::min(p.bytes, now - start);
    time = start + p.bytes;
  }
  return std::max(anchor_pos_, std::min(pos, limit));
}

uint64_t playback_ledger::estimate(const record& r, item_index item, uint64_t now_ms) const {
  if (r.queued_bytes == 0) {
    return r.heard_bytes;
  }
  const uint64_t pos = heard_pos(now_ms);
  uint64_t heard = r.heard_bytes;
  for (const auto& p : pieces_) {
    if (p.pos >= pos) {
      break;
    }
    heard += p.item == item ? std::min(p.bytes, pos - p.pos) : 0;
  }
  return heard;
}

item_state playback_ledger::state_of(const record& r, uint64_t heard) const {
  if (finished(r.state)) {
    return r.state;
  }
  if (r.done && heard == r.sent_bytes) {
    return item_state::heard;
  }
  return heard > 0 ? item_state::playing : item_state::queued;
}

item_view playback_ledger::view(const record& r, item_index item, uint64_t now_ms) const {
  const uint64_t heard = estimate(r, item, now_ms);
  item_view v;
  v.index = item;
  v.item_id = r.id;
  v.kind = r.kind;
  v.state = state_of(r, heard);
  v.done = r.done;
  v.sent_ms = ms_of(r.sent_bytes);
  v.heard_ms = ms_of(heard);
  v.first_sent_ms = r.first_sent_ms;
  v.began_ms = r.began_ms;
  v.ended_ms = r.ended_ms;
  return v;
}

/// Everything before `pos` has been played by `now_ms`.
void playback_ledger::confirm_until(uint64_t pos, uint64_t now_ms, evidence why) {
  const uint64_t now = bytes_of(now_ms);
  uint64_t time = bytes_of(anchor_ms_);
  while (!pieces_.empty() && pieces_.front().pos < pos) {
    sent_piece part = pieces_.front();
    part.bytes = std::min(part.bytes, pos - part.pos);
    const uint64_t start = std::min(now, std::max(time, bytes_of(part.sent_ms)));
    time = std::min(now, start + part.bytes);
    if (why == evidence::echo) {
      layout_.on_echoed(part, now_ms, part.pos + part.bytes == pos);
    } else {
      layout_.on_elapsed(part);
    }
    confirm_front(part.bytes, ms_of(start), why == evidence::echo ? now_ms : ms_of(time));
  }
  if (pos > anchor_pos_) {
    anchor_pos_ = pos;
    anchor_ms_ = now_ms;
  }
}

void playback_ledger::confirm_front(uint64_t bytes, uint64_t began_ms, uint64_t ended_ms) {
  auto& piece = pieces_.front();
  if (auto* r = find_record(piece.item)) {
    if (!r->began_ms) {
      r->began_ms = began_ms;
    }
    r->heard_bytes += bytes;
    r->queued_bytes -= bytes;
    r->state = state_of(*r, r->heard_bytes);
    if (r->state == item_state::heard) {
      r->ended_ms = ended_ms;
    }
  }
  heard_total_bytes_ += bytes;
  piece.item_offset_bytes += bytes;
  piece.pos += bytes;
  piece.bytes -= bytes;
  if (piece.bytes == 0) {
    pieces_.pop_front();
  }
}

void playback_ledger::cut_items(cut_result& result, uint64_t now_ms) {
  for (auto& r : items_) {
    r.queued_bytes = 0;
    if (finished(r.state)) {
      continue;
    }
    r.state = item_state::cut;
    r.ended_ms = now_ms;
    result.discarded_items.push_back(r.id);
    // An item of which nothing was sent has no audio at the model that we know of.
    if (r.kind == item_kind::model && r.sent_bytes > 0) {
      result.truncations.push_back({r.id, ms_of(r.heard_bytes)});
    }
  }
}

void playback_ledger::forget_old_items() {
  while (items_.size() > limits::items_remembered_max && items_.front().queued_bytes == 0) {
    by_id_.erase(items_.front().id);
    items_.pop_front();
    ++first_item_;
  }
}

} // namespace switchboard::audio
