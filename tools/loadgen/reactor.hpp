#pragma once

#include "tools/sim_common/load_spread.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace sim::load {

/// Microseconds of the monotonic clock.
int64_t now_us();

constexpr int64_t frame_us = 20'000;
constexpr size_t slots = 20; // of a millisecond each, in a frame's time

/// Something that the kernel reports about.
class pollable {
public:
  virtual ~pollable() = default;
  virtual void on_ready(uint32_t epoll_events) = 0;
};

/// Something that speaks every 20 ms.
class pulse {
public:
  virtual ~pulse() = default;
  /// @param due_us when it should have been called. @returns false to be called no more.
  virtual bool on_pulse(int64_t due_us) = 0;
};

/// The one loop of the load generator: level-triggered epoll, and a wheel of 20 slots on an
/// absolute schedule (open loop: what is due is done, however late, and how late is kept).
class reactor {
public:
  reactor();
  ~reactor();
  reactor(const reactor&) = delete;
  reactor& operator=(const reactor&) = delete;

  void watch(int fd, pollable*, uint32_t events);
  void change(int fd, pollable*, uint32_t events);
  void forget(int fd);
  /// Joins the emptiest slot. The pulse must live until it returned false or the run is over.
  void join(pulse*);
  /// Keeps something until the present round is over: it may stand in the kernel's list still.
  void bury(std::shared_ptr<void> gone) { buried_.push_back(std::move(gone)); }
  /// Runs `work` every 20 ms until it returns false.
  void run(const std::function<bool(int64_t now_us)>& work);

  /// How late slots were; counts while it is on.
  load_spread& lateness() { return lateness_; }
  void measure(bool on) { measuring_ = on; }

private:
  void poll(int64_t timeout_us);
  void turn_wheel();

  int epoll_;
  std::array<std::vector<pulse*>, slots> wheel_;
  size_t slot_ = 0;
  int64_t due_us_;
  std::vector<std::shared_ptr<void>> buried_;
  load_spread lateness_;
  bool measuring_ = false;
};

} // namespace sim::load
