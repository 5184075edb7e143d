#pragma once

#include "conf/defaults/websocket.hpp"
#include "http/socket_batch.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace switchboard::http {

/// A socket that epoll told of, and what was received from it.
struct ready_socket {
  int fd = -1; ///< -1: forgotten meanwhile
  uint32_t events = 0;
  bool received = false; ///< whether a receive was made
  char* bytes = nullptr;
  int32_t done = 0; ///< as socket_work::done
};

/// The sockets that were ready at one look: all are received from together, and then each has its
/// turn. What nobody took yet stays for the next time. Bounded; belongs to one thread.
class receive_round {
public:
  receive_round();

  bool empty() const { return next_ == end_; }
  size_t left() const { return end_ - next_; }
  /// Room for `defaults::websocket::polled_at_once`, in one that is empty.
  void begin() { next_ = end_ = 0; }
  void add(int fd, uint32_t events, bool receive);
  void receive(socket_batch& by);
  ready_socket take() { return ready_[next_++]; }
  /// Whether bytes of this one (or its end) are here that it was not told of.
  bool holds(int fd) const;
  /// It is another one's from now on.
  void forget(int fd);

private:
  std::unique_ptr<char[]> buffers_;
  size_t next_ = 0, end_ = 0;
  std::array<ready_socket, defaults::websocket::polled_at_once> ready_;
  std::array<socket_work, defaults::websocket::polled_at_once> work_;
};

} // namespace switchboard::http
