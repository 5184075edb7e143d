#include "tools/sim_common/twilio_playout.hpp"

#include <algorithm>
#include <utility>

namespace sim {

namespace {

constexpr int64_t buffered_max = 3600 * 1000 * samples_per_ms; // no limit is documented; memory is
constexpr size_t clears_told_max = 1000;
constexpr int64_t underrun_ms_max = 500; // a longer silence is a pause of the conversation

} // namespace

playout_buffer::playout_buffer(int64_t start, sink on_played)
    : cursor_{start}, on_played_{std::move(on_played)} {}

bool playout_buffer::media(int64_t now, std::string_view ulaw) {
  advance(now);
  const auto size = static_cast<int64_t>(ulaw.size());
  if (buffered_ + size > buffered_max) {
    return false;
  }
  if (ulaw.empty()) {
    return true;
  }
  queue_.push_back({std::string{ulaw}, {}, 0});
  buffered_ += size;
  figures_.buffered_max = std::max(figures_.buffered_max, buffered_);
  return true;
}

void playout_buffer::mark(int64_t now, std::string name) {
  advance(now);
  ++figures_.marks_received;
  if (queue_.empty()) {
    echoes_.push_back({std::move(name), cursor_, true});
  } else {
    queue_.push_back({{}, std::move(name), 0});
  }
}

void playout_buffer::clear(int64_t now) {
  advance(now);
  ++figures_.clears;
  if (figures_.played_at_clears.size() < clears_told_max) {
    figures_.played_at_clears.push_back(figures_.played);
  }
  for (auto& x : queue_) {
    if (x.bytes.empty()) {
      echoes_.push_back({std::move(x.mark), cursor_, false});
    }
  }
  queue_.clear();
  figures_.cleared += buffered_;
  buffered_ = 0;
  cleared_since_audio_ = true;
}

void playout_buffer::note_gap() {
  if (figures_.first_audio_at < 0) {
    figures_.first_audio_at = cursor_;
  } else if (const auto gap = cursor_ - figures_.last_audio_end; gap > 0) {
    figures_.longest_gap = std::max(figures_.longest_gap, gap);
    if (gap < underrun_ms_max * samples_per_ms && !cleared_since_audio_) {
      ++figures_.underruns;
      figures_.longest_underrun = std::max(figures_.longest_underrun, gap);
    }
  }
  cleared_since_audio_ = false;
}

void playout_buffer::play_front(int64_t until) {
  auto& front = queue_.front();
  const auto left = static_cast<int64_t>(front.bytes.size() - front.offset);
  const auto count = std::min(left, until - cursor_);
  note_gap();
  if (on_played_) {
    on_played_(cursor_,
               std::string_view{front.bytes}.substr(front.offset, static_cast<size_t>(count)));
  }
  front.offset += static_cast<size_t>(count);
  cursor_ += count;
  buffered_ -= count;
  figures_.played += count;
  figures_.last_audio_end = cursor_;
}

void playout_buffer::advance(int64_t now) {
  while (!queue_.empty()) {
    auto& front = queue_.front();
    if (front.bytes.empty()) {
      echoes_.push_back({std::move(front.mark), cursor_, true});
      queue_.pop_front();
      continue;
    }
    if (cursor_ >= now) {
      break;
    }
    play_front(now);
    if (front.offset == front.bytes.size()) {
      queue_.pop_front();
    }
  }
  cursor_ = std::max(cursor_, now);
}

std::vector<mark_echo> playout_buffer::take_echoes() {
  return std::exchange(echoes_, {});
}

} // namespace sim
