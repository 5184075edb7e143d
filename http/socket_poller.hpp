#pragma once

#include "conf/memory_trail.hpp"
#include "http/polled_socket.hpp"
#include "http/receive_round.hpp"
#include "http/staged_sends.hpp"

#include <asio/execution_context.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/basic_stream_descriptor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

namespace switchboard::http {

/// The sockets of one io_context, watched by epoll, in rounds: all that are ready are received from
/// together, each has its turn with its bytes, and what they have to send goes out together
/// (docs/adr/0014). A socket is told as long as it is ready, as by level-triggered epoll, but the
/// kernel is asked by edges (epoll(7), EPOLLET), which spares it a look at each socket that was
/// read empty; one that was not is asked for anew (docs/adr/0012). Belongs to the io_context's
/// thread; made on first use. It is work of the io_context (run() does not return) while it watches
/// any socket.
class socket_poller final : public asio::execution_context::service {
public:
  static asio::execution_context::id id;
  static socket_poller& of(asio::io_context& io) { return asio::use_service<socket_poller>(io); }

  explicit socket_poller(asio::io_context&);
  ~socket_poller() override;

  /// From now on a round's receives, and its sends, are one call of io_uring's.
  /// @returns why not, if the system has none for us; then they go on by system calls.
  std::string use_io_uring();

  /// From now on `socket` is told of what it waits for on `fd` (poll_interest), until that is
  /// changed. With `no_interest` it is told nothing, not even of an error, and the poller has
  /// forgotten it.
  std::error_code watch(int fd, uint8_t interests, polled_socket* socket);
  /// What it is watched for.
  uint8_t interests(int fd) const;
  /// Before `fd` is closed or given away. In its turn, too.
  void forget(int fd);
  /// Whether bytes of it, or its end, were received that it was not told of yet.
  bool has_received(int fd) const { return round_.holds(fd); }

  /// In a round: takes the bytes, to be sent at its end. @returns false out of a round, and for
  /// more bytes than are worth it: then they are to be sent at once, after a settle() if the
  /// socket has staged others.
  bool stage(int fd, polled_socket& socket, const char* bytes, size_t count);
  /// Changes when what was staged until now is sent.
  uint32_t stage_number() const { return sends_.number(); }
  /// Sends what is staged now.
  void settle() { sends_.settle(*batch_); }
  /// A socket that goes away, with its sends settled.
  void let_go(const polled_socket& socket) { sends_.forget(socket); }

  /// Places remembered of what the socket's turns use; 0 for one that is not watched.
  size_t trail_places(int fd) const;

private:
  using descriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

  struct alignas(defaults::line::cache_line_bytes) entry {
    polled_socket* socket = nullptr;
    uint8_t interests = no_interest;
    uint8_t turns_to_note = 0; // until the trail is taken anew
    memory_trail trail;        // of a turn of the socket, one of the last few
  };
  static_assert(sizeof(entry) == 4 * defaults::line::cache_line_bytes, "fetched before each turn");

  void shutdown() override;
  bool tell_epoll(int fd, uint8_t before, uint8_t after);
  void await();
  void take_turn(bool any_ready);
  void go_on();
  void stop_waiting();
  void serve();
  size_t serve_round();
  void look();
  void serve_one(const ready_socket& ready);
  bool tell(const ready_socket& ready, polled_socket* socket);
  bool tell_of_room(const ready_socket& ready, polled_socket* socket);
  bool tell_of_bytes(const ready_socket& ready, polled_socket* socket);
  void ask_again(int fd);
  bool note_due(entry& known);

  std::vector<entry> entries_; // by descriptor
  receive_round round_;
  staged_sends sends_;
  std::unique_ptr<socket_batch> batch_ = socket_batch::by_system_calls();
  bool in_round_ = false;
  size_t watched_ = 0;
  bool waiting_ = false; // Asio waits for the epoll descriptor, or has a handler of ours to run
  descriptor epoll_;     // owns the epoll descriptor, which Asio waits for
};

} // namespace switchboard::http
