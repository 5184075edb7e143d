#pragma once

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

/// The one clock tick of a thread: instead of one timer per socket, every socket looks at its own
/// deadlines when the thread ticks (see defaults::line::tick_ms). Not thread-safe: belongs to one
/// thread. Members may add or remove anyone, themselves included, while a tick runs.
class ticker {
public:
  void add(tickable*);
  void remove(tickable*);
  void run(monotonic now);
  /// The time of the latest tick: a cheap clock, never more than one tick old on a live thread.
  monotonic now() const { return now_; }
  size_t size() const;

private:
  std::vector<tickable*> members_; // removed ones are null until the running tick ends
  bool running_ = false;
  monotonic now_ = std::chrono::steady_clock::now();
};

} // namespace switchboard::actors
