#include "tools/loadgen/reactor.hpp"

#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace sim::load {

namespace {
constexpr int events_at_once = 512;
constexpr int64_t slot_us = frame_us / static_cast<int64_t>(slots);
} // namespace

int64_t now_us() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return int64_t{t.tv_sec} * 1'000'000 + t.tv_nsec / 1000;
}

reactor::reactor() : epoll_(epoll_create1(EPOLL_CLOEXEC)), due_us_(now_us()) {
  if (epoll_ < 0)
    throw std::runtime_error("epoll_create1 failed");
}

reactor::~reactor() {
  close(epoll_);
}

void reactor::watch(int fd, pollable* who, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = who;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

void reactor::change(int fd, pollable* who, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = who;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event);
}

void reactor::forget(int fd) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
}

void reactor::join(pulse* who) {
  auto least = std::min_element(wheel_.begin(), wheel_.end(),
                                [](auto& a, auto& b) { return a.size() < b.size(); });
  least->push_back(who);
}

void reactor::poll(int64_t timeout_us) {
  epoll_event ready[events_at_once];
  const timespec timeout{timeout_us / 1'000'000, timeout_us % 1'000'000 * 1000};
  const int count = epoll_pwait2(epoll_, ready, events_at_once, &timeout, nullptr);
  for (int i = 0; i < count; ++i)
    static_cast<pollable*>(ready[i].data.ptr)->on_ready(ready[i].events);
  buried_.clear();
}

/// One slot. A pulse may join others, itself included, while it runs.
void reactor::turn_wheel() {
  auto members = std::move(wheel_[slot_]);
  wheel_[slot_].clear();
  for (auto* each : members) {
    if (measuring_)
      lateness_.add(now_us() - due_us_);
    if (each->on_pulse(due_us_))
      wheel_[slot_].push_back(each);
  }
  slot_ = (slot_ + 1) % slots;
  due_us_ += slot_us;
}

void reactor::run(const std::function<bool(int64_t)>& work) {
  for (;;) {
    const int64_t now = now_us();
    if (now < due_us_) {
      poll(due_us_ - now);
      continue;
    }
    turn_wheel();
    poll(0); // between slots that are late, what arrived is read, or it would look late itself
    if (slot_ == 0 && !work(now_us()))
      return;
  }
}

} // namespace sim::load
