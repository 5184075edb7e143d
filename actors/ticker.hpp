#pragma once

#include "conf/defaults/line.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <vector>

namespace switchboard::actors {

using monotonic = std::chrono::steady_clock::time_point;

/// Something with deadlines of its own, looked at on each tick of its thread.
class tickable {
public:
  virtual ~tickable() = default;
  virtual void on_tick(monotonic now) = 0;
};

/// The one clock of a thread: instead of one timer per socket, every socket looks at its own
/// deadlines when the thread ticks (see defaults::line::tick). A tick is taken in parts (on a
/// line with calls one a beat of its clock), each for its share of the members: each is ticked once
/// a tick, and they do not keep the thread all at once. Not thread-safe: belongs to one thread.
/// Members may add or remove anyone, themselves included, while a tick runs.
class ticker {
public:
  void add(tickable*);
  void remove(tickable*);
  /// One beat: ticks the members of the next part.
  void beat(monotonic now);
  /// A whole tick at once.
  void run(monotonic now);
  /// The time of the latest beat: a cheap clock, never more than one beat old on a live thread.
  monotonic now() const { return now_; }
  size_t size() const;

private:
  using members = std::vector<tickable*>; // removed ones are null until the running part ends
  void tick(members& part, monotonic now);
  void forget_removed();

  std::array<members, defaults::line::tick_parts> parts_;
  size_t next_ = 0;
  bool running_ = false;
  bool removed_ = false; // some are null
  monotonic now_ = std::chrono::steady_clock::now();
};

} // namespace switchboard::actors
