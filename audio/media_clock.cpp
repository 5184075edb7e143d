#include "audio/media_clock.hpp"

#include "audio/g711.hpp"

#include <algorithm>

namespace switchboard::audio {

namespace limits = defaults::audio;

namespace {

constexpr int64_t jitter_ms = static_cast<int64_t>(limits::frame_jitter_ms);
constexpr uint64_t timestamp_max_ms = uint64_t{1} << 48; // leaves room to count in bytes

} // namespace

frame_place stream_clock::place(uint64_t timestamp_ms, size_t bytes) {
  const auto expected = static_cast<int64_t>(covered_bytes_ / ulaw_bytes_per_ms);
  const auto stamp = static_cast<int64_t>(std::min(timestamp_ms, timestamp_max_ms));
  int64_t ahead = stamp + correction_ms_ - expected;
  const bool implausible = ahead > static_cast<int64_t>(limits::timestamp_jump_max_ms) ||
                           -ahead > static_cast<int64_t>(limits::frame_late_max_ms) ||
                           expected + ahead < 0; // before the stream began
  if (implausible) {
    correction_ms_ -= ahead;
    ahead = 0;
    ++restarts_;
  }
  ++frames_;
  frame_place result;
  if (ahead > -jitter_ms && ahead < jitter_ms) {
    result.at_ms = base_ms_ + static_cast<uint64_t>(expected);
    covered_bytes_ += bytes;
    return result;
  }
  const auto at = static_cast<uint64_t>(expected + ahead);
  result.at_ms = base_ms_ + at;
  if (ahead > 0) {
    result.gap_ms = static_cast<uint64_t>(ahead);
    ++gaps_;
    gap_total_ms_ += result.gap_ms;
    covered_bytes_ = at * ulaw_bytes_per_ms + bytes;
    return result;
  }
  const uint64_t end_bytes = at * ulaw_bytes_per_ms + bytes;
  result.late = end_bytes <= covered_bytes_;
  const uint64_t length_ms = bytes / ulaw_bytes_per_ms;
  result.overlap_ms = result.late ? length_ms : std::min(length_ms, static_cast<uint64_t>(-ahead));
  late_frames_ += result.late ? 1 : 0;
  covered_bytes_ = std::max(covered_bytes_, end_bytes);
  return result;
}

uint64_t stream_clock::now_ms() const {
  return base_ms_ + covered_bytes_ / ulaw_bytes_per_ms;
}

uint64_t stream_clock::expected_timestamp_ms() const {
  const int64_t stamp = static_cast<int64_t>(covered_bytes_ / ulaw_bytes_per_ms) - correction_ms_;
  return stamp > 0 ? static_cast<uint64_t>(stamp) : 0;
}

void session_time_map::on_appended(uint64_t call_media_ms, uint64_t duration_ms) {
  if (duration_ms == 0) {
    return;
  }
  if (appended_ms_ > 0) {
    const uint64_t line = appended_ms_ + last_offset_ms_;
    const uint64_t off = call_media_ms > line ? call_media_ms - line : line - call_media_ms;
    if (off < limits::frame_jitter_ms) {
      appended_ms_ += duration_ms;
      return;
    }
  }
  segments_.push_back({appended_ms_, call_media_ms});
  last_offset_ms_ = call_media_ms - appended_ms_;
  appended_ms_ += duration_ms;
  if (segments_.size() > limits::map_segments_max) {
    segments_.pop_front();
  }
}

uint64_t session_time_map::to_call_ms(uint64_t session_ms) const {
  if (segments_.empty()) {
    return 0;
  }
  const uint64_t at = std::min(session_ms, appended_ms_);
  const auto after =
      std::upper_bound(segments_.begin(), segments_.end(), at,
                       [](uint64_t ms, const segment& s) { return ms < s.session_ms; });
  if (after == segments_.begin()) {
    return after->call_ms;
  }
  const auto& s = *(after - 1);
  return s.call_ms + (at - s.session_ms);
}

} // namespace switchboard::audio
