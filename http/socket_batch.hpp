#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace switchboard::http {

/// A receive or a send on one socket, and what became of it.
struct socket_work {
  int fd = -1;
  char* bytes = nullptr; ///< where a receive puts them; a send only reads them
  uint32_t count = 0;    ///< bytes to send, or room for them
  int32_t done = 0;      ///< bytes moved, 0 of a receive: the peer's end; negative: -errno
};

/// Receives and sends on many sockets at once, none of which waits (MSG_DONTWAIT): what cannot be
/// done now is done with -EAGAIN. Belongs to one thread. Nothing throws.
class socket_batch {
public:
  virtual ~socket_batch() = default;
  /// At most `defaults::websocket::batch_max`. Sets `done` of each.
  virtual void receive(socket_work* first, size_t count) = 0;
  /// As receive(), in their order. What is there for one socket twice may have a gap if that is
  /// full.
  virtual void send(socket_work* first, size_t count) = 0;

  /// One system call each.
  static std::unique_ptr<socket_batch> by_system_calls();
  /// One system call for all: io_uring(7), submitted and completed in one go. A ring that fails
  /// later is used no more: its work fails with -EIO, what comes after it goes by system calls.
  /// @returns null, and why, if the system has none, does not allow it (seccomp), or one that does
  /// not keep to MSG_DONTWAIT.
  static std::unique_ptr<socket_batch> by_io_uring(std::string& why);
};

} // namespace switchboard::http
