#pragma once

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <system_error>

namespace switchboard::http {

// The executor's own type: the usual any_io_executor costs a few indirect calls and atomic counts
// for each operation.
using tcp_executor = asio::io_context::executor_type;
using tcp_socket = asio::basic_stream_socket<asio::ip::tcp, tcp_executor>;

/// Gets a TCP socket connected. One thread, that of its io_context.
class tcp_dialer {
public:
  explicit tcp_dialer(asio::io_context& io) : socket_(io), resolver_(io) {}

  /// DNS (a numeric address needs none) and TCP, all addresses in turn. `done` is called later, or
  /// destroyed with the io_context.
  void dial(const std::string& host, uint16_t port, std::function<void(std::error_code)> done);
  /// Ends dial() with operation_aborted, and closes the socket.
  void close();
  tcp_socket& socket() { return socket_; }
  /// -1 if there is none.
  int handle() const { return const_cast<tcp_socket&>(socket_).native_handle(); }

private:
  template <class Endpoints>
  void try_each(const Endpoints&, std::function<void(std::error_code)> done);

  tcp_socket socket_;
  asio::ip::basic_resolver<asio::ip::tcp, tcp_executor> resolver_;
};

/// Frames go out when they are written (TCP_NODELAY).
void send_at_once(int fd);
/// The next close() discards what was not sent and resets the connection.
void reset_on_close(int fd);
/// The peer's address, "127.0.0.1:1234" or "[::1]:1234"; empty if there is none.
std::string peer_of(int fd);

} // namespace switchboard::http
