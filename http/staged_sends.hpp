#pragma once

#include "conf/defaults/websocket.hpp"
#include "http/polled_socket.hpp"
#include "http/socket_batch.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace switchboard::http {

/// What the sockets of a round have to send, until it goes out all together: one system call
/// instead of one each, and a peer on this machine is woken once. Bounded; belongs to one thread.
class staged_sends {
public:
  staged_sends();

  /// Copies the bytes. @returns false if there is no room for them: settle(), or send them
  /// otherwise; and while it settles.
  bool put(int fd, polled_socket& socket, const char* bytes, size_t count);
  /// Sends what was put. Who had more than its socket takes is told so before this returns, and all
  /// of them are, also if one throws: the first exception comes out of it.
  void settle(socket_batch& by);
  /// A socket that goes away is told nothing any more. What it has staged is to be settled before.
  void forget(const polled_socket& socket);

  bool empty() const { return count_ == 0; }
  /// Another one after each settle(): what a socket has put is out once this has changed.
  uint32_t number() const { return number_; }

private:
  void tell(size_t place);

  std::unique_ptr<char[]> bytes_;
  size_t used_bytes_ = 0;
  size_t count_ = 0;
  uint32_t number_ = 1; // 0 is for who never put anything
  bool settling_ = false;
  std::array<socket_work, defaults::websocket::batch_max> work_;
  std::array<polled_socket*, defaults::websocket::batch_max> sockets_; // null: gone
};

} // namespace switchboard::http
