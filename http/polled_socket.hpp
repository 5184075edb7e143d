#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace switchboard::http {

/// What may be waited for on a socket, added up.
enum poll_interest : uint8_t { no_interest = 0, bytes_interest = 1, room_interest = 2 };

/// Whether an operation that must not wait is to be tried again later, by its errno.
inline bool not_now(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/// A socket that a poller looks after. All calls come on the poller's thread.
class polled_socket {
public:
  virtual ~polled_socket() = default;
  /// What it waits for now: the poller receives for nobody who does not wait for bytes.
  virtual uint8_t wants() const = 0;
  /// What a receive brought.
  /// @param bytes the socket's to change, until it returns; with 0 of them and no error it is the
  /// peer's end. @param error errno, 0 = none; never one that says to try again.
  virtual void on_received(char* bytes, size_t count, int error) = 0;
  /// There may be room for more to be written.
  virtual void on_room() = 0;
  /// A send that was staged (`socket_poller::stage()`) did not take everything. Nothing may be
  /// staged or sent from here: other rests may not be told yet.
  /// @param rest what it did not take, until this returns. @param error as above; 0: it was full.
  virtual void on_unsent(const char* rest, size_t count, int error) = 0;
  /// The io_context ends: let go of whoever waits for this socket.
  virtual void on_poller_gone() = 0;
};

} // namespace switchboard::http
