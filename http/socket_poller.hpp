#pragma once

#include "conf/memory_trail.hpp"

#include <asio/execution_context.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/basic_stream_descriptor.hpp>

#include <cstdint>
#include <memory>
#include <system_error>
#include <vector>

namespace switchboard::http {

/// A socket that a poller looks after.
class polled_socket {
public:
  virtual ~polled_socket() = default;
  /// The socket has bytes, its end, an error, or room for more to be written.
  /// @returns whether all of that was taken: then it is told again once something new has come,
  /// else as long as it is so. A read that brought less than there was room for took all.
  virtual bool on_ready(bool readable, bool writable) = 0;
  /// The io_context ends: let go of whoever waits for this socket.
  virtual void on_poller_gone() = 0;
};

/// The sockets of one io_context, watched by epoll. A socket is told as long as it is ready, as by
/// level-triggered epoll, but the kernel is asked by edges (epoll(7), EPOLLET), which spares it a
/// look at each socket that was read empty; one that was not is asked for anew. Unlike Asio's
/// reactor it needs no second receive to know that nothing is left, and all sockets share one
/// buffer, which stays in the cache (docs/adr/0012). Belongs to the io_context's thread; made on
/// first use. It is work of the io_context (run() does not return) while it watches any socket.
class socket_poller final : public asio::execution_context::service {
public:
  static asio::execution_context::id id;
  static socket_poller& of(asio::io_context& io) { return asio::use_service<socket_poller>(io); }

  explicit socket_poller(asio::io_context&);
  ~socket_poller() override;

  enum interest : uint8_t { none = 0, reading = 1, writing = 2 };
  /// From now on `socket` is told of what it waits for on `fd`, until that is changed. With `none`
  /// it is told nothing, not even of an error, and the poller has forgotten it.
  std::error_code watch(int fd, uint8_t interests, polled_socket* socket);
  /// Before `fd` is closed or given away. In on_ready(), too.
  void forget(int fd);

  /// Places remembered of what the socket's turns use; 0 for one that is not watched.
  size_t trail_places(int fd) const;

  /// Where a socket reads to, in on_ready() and no longer:
  /// `defaults::websocket::read_buffer_bytes`.
  char* buffer() { return buffer_.get(); }

private:
  using descriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

  struct alignas(defaults::line::cache_line_bytes) entry {
    polled_socket* socket = nullptr;
    uint8_t interests = none;
    uint8_t turns_to_note = 0; // until the trail is taken anew
    memory_trail trail;        // of a turn of the socket, one of the last few
  };
  static_assert(sizeof(entry) == 4 * defaults::line::cache_line_bytes, "fetched before each turn");

  void shutdown() override;
  bool tell_epoll(int fd, uint8_t before, uint8_t after);
  void await();
  void stop_waiting();
  void serve();
  int serve_some();
  bool serve_one(int fd, uint32_t events);
  bool tell(size_t place, bool readable, bool writable);
  void ask_again(int fd);
  bool note_due(size_t place);

  std::vector<entry> entries_; // by descriptor
  size_t watched_ = 0;
  bool waiting_ = false; // Asio waits for the epoll descriptor
  std::unique_ptr<char[]> buffer_;
  descriptor epoll_; // owns the epoll descriptor, which Asio waits for
};

} // namespace switchboard::http
