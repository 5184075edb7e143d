#include "http/receive_round.hpp"

#include "http/polled_socket.hpp"

namespace switchboard::http {

namespace limits = defaults::websocket;

namespace {

// Not a power of two: the first bytes of all buffers, which are those that are used, would share a
// few sets of the cache.
constexpr size_t buffer_stride_bytes = limits::read_buffer_bytes + limits::read_buffer_skew_bytes;

} // namespace

receive_round::receive_round() : buffers_(new char[limits::polled_at_once * buffer_stride_bytes]) {}

void receive_round::add(int fd, uint32_t events, bool receive) {
  ready_[end_] = {fd, events, receive, buffers_.get() + end_ * buffer_stride_bytes, 0};
  ++end_;
}

void receive_round::receive(socket_batch& by) {
  size_t count = 0;
  for (size_t i = next_; i < end_; ++i)
    if (ready_[i].received)
      work_[count++] = {ready_[i].fd, ready_[i].bytes,
                        static_cast<uint32_t>(limits::read_buffer_bytes), 0};
  if (count == 0)
    return;
  by.receive(work_.data(), count);
  for (size_t i = next_, each = 0; i < end_; ++i)
    if (ready_[i].received)
      ready_[i].done = work_[each++].done;
}

bool receive_round::holds(int fd) const {
  for (size_t i = next_; i < end_; ++i)
    if (ready_[i].fd == fd && ready_[i].received && !not_now(-ready_[i].done))
      return true;
  return false;
}

void receive_round::forget(int fd) {
  for (size_t i = next_; i < end_; ++i)
    if (ready_[i].fd == fd)
      ready_[i].fd = -1;
}

} // namespace switchboard::http
