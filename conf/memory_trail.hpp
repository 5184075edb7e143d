#pragma once

#include "conf/defaults/line.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace switchboard {

/// The memory that one kind of work goes through: the same objects each time, and of hundreds of
/// calls no cache holds them until a call's next frame. Whoever does the work says what it uses
/// (touched()); the next time all of it is asked for at once and arrives while the kernel is busy
/// with the receive, instead of piece by piece while the line waits (docs/adr/0013).
///
/// A hint and nothing else: places that are gone since do no harm. Bounded: what is beyond
/// `defaults::line::trail_places_max` is not noted. Belongs to one thread.
class memory_trail {
public:
  void note(const void* place, size_t bytes) {
    if (count_ == first_lines_.size() || bytes == 0)
      return;
    const size_t into_line = reinterpret_cast<uintptr_t>(place) % line_bytes;
    const size_t lines = (into_line + bytes + line_bytes - 1) / line_bytes;
    first_lines_[count_] = static_cast<const char*>(place) - into_line;
    lines_[count_] = static_cast<uint8_t>(std::min(lines, defaults::line::trail_lines_max));
    ++count_;
  }

  /// Asks the processor for all of it, and waits for nothing.
  void fetch() const {
    for (size_t i = 0; i < count_; ++i)
      fetch(first_lines_[i], lines_[i] * line_bytes);
  }

  /// Asks for one object.
  static void fetch(const void* place, size_t bytes) {
    for (size_t at = 0; at < bytes; at += line_bytes)
      fetch_line(static_cast<const char*>(place) + at);
  }

  /// Takes over what `newer` noted, unless that is nothing.
  void renew(const memory_trail& newer) {
    if (newer.count_ == 0)
      return;
    count_ = newer.count_;
    std::copy_n(newer.first_lines_.begin(), count_, first_lines_.begin());
    std::copy_n(newer.lines_.begin(), count_, lines_.begin());
  }

  void clear() { count_ = 0; }
  size_t places() const { return count_; }
  /// Of the cache, in all places.
  size_t lines() const {
    size_t sum = 0;
    for (size_t i = 0; i < count_; ++i)
      sum += lines_[i];
    return sum;
  }

private:
  static constexpr size_t line_bytes = defaults::line::cache_line_bytes;

  static void fetch_line(const char* line) {
    __builtin_prefetch(line);
    asm volatile("" : : "r"(line)); // GCC drops functions that do nothing but prefetch
  }

  std::array<const char*, defaults::line::trail_places_max> first_lines_; // of the cache
  std::array<uint8_t, defaults::line::trail_places_max> lines_;           // from there on
  uint8_t count_ = 0;
};

/// While it lives, touched() of this thread notes to `trail`.
class trail_recording {
public:
  explicit trail_recording(memory_trail& trail) { current = &trail; }
  ~trail_recording() { current = nullptr; }
  trail_recording(const trail_recording&) = delete;
  trail_recording& operator=(const trail_recording&) = delete;

  static inline thread_local memory_trail* current = nullptr;
};

/// Says that the work in progress uses `bytes` at `place`.
inline void touched(const void* place, size_t bytes) {
  if (auto* const trail = trail_recording::current)
    trail->note(place, bytes);
}

/// Says that it uses an object's members from `first` on, up to `past`, which it does not use.
inline void touched_until(const void* first, const void* past) {
  touched(first,
          static_cast<size_t>(static_cast<const char*>(past) - static_cast<const char*>(first)));
}

} // namespace switchboard
