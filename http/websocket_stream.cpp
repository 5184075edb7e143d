#include "http/websocket_stream.hpp"

#include "http/tls_client_context.hpp"

#include <asio/connect.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ssl/stream.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <array>

namespace switchboard::http {
namespace {

using asio::ip::tcp;
using std::error_code;

// The executor's own type: the usual any_io_executor costs a few indirect calls and atomic counts
// for each operation.
using executor = asio::io_context::executor_type;
using tcp_socket = asio::basic_stream_socket<tcp, executor>;
using tcp_resolver = asio::ip::basic_resolver<tcp, executor>;

/// What plain and TLS share: the TCP socket.
class tcp_stream : public websocket_stream {
public:
  explicit tcp_stream(asio::io_context& io) : socket_(io), resolver_(io) {}

  error_code assign(int native_handle) override {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    if (getsockname(native_handle, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      return {errno, std::system_category()};
    error_code error;
    socket_.assign(address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), native_handle, error);
    if (!error)
      prepare();
    return error;
  }

  int release() override {
    error_code error;
    const int handle = socket_.release(error);
    return error ? -1 : handle;
  }

  void connect(const std::string& host, uint16_t port, listener l) override {
    error_code error;
    if (auto address = asio::ip::make_address(host, error); !error)
      return connect_to(std::array{tcp::endpoint(address, port)}, std::move(l));
    resolver_.async_resolve(
        host, std::to_string(port), tcp_resolver::numeric_service,
        [this, l](error_code failed, const tcp_resolver::results_type& found) mutable {
          if (failed)
            l->on_stream_connected(failed);
          else
            connect_to(found, std::move(l));
        });
  }

  void cancel() override {
    error_code ignored;
    socket_.cancel(ignored);
  }

  void finish_sending() override {
    error_code ignored;
    socket_.shutdown(tcp_socket::shutdown_send, ignored);
  }

  void drop(drop_mode mode, listener) override {
    error_code ignored;
    resolver_.cancel();
    if (mode == drop_mode::abort)
      socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }

  std::string peer() const override {
    error_code error;
    const auto endpoint = socket_.remote_endpoint(error);
    if (error)
      return {};
    const std::string address = endpoint.address().to_string();
    return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" +
           std::to_string(endpoint.port());
  }

protected:
  void prepare() {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
  }

  tcp_socket socket_;

private:
  template <class Endpoints>
  void connect_to(const Endpoints& endpoints, listener l) {
    asio::async_connect(socket_, endpoints,
                        [this, l = std::move(l)](error_code error, const auto&) {
                          if (!error)
                            prepare();
                          l->on_stream_connected(error);
                        });
  }

  tcp_resolver resolver_;
};

class plain_stream final : public tcp_stream {
public:
  using tcp_stream::tcp_stream;

  void secure(listener l) override { l->on_stream_secured({}, {}); }

  void read_some(char* buffer, size_t bytes, listener l) override {
    socket_.async_read_some(
        asio::buffer(buffer, bytes),
        [l = std::move(l)](error_code error, size_t count) { l->on_stream_read(error, count); });
  }

  size_t send_now(const char* bytes, size_t count, error_code& error) override {
    const size_t sent = socket_.write_some(asio::buffer(bytes, count), error);
    if (error == asio::error::would_block || error == asio::error::try_again)
      error.clear();
    return sent;
  }

  void write_some(const char* bytes, size_t count, listener l) override {
    socket_.async_write_some(
        asio::buffer(bytes, count),
        [l = std::move(l)](error_code error, size_t sent) { l->on_stream_written(error, sent); });
  }
};

class tls_stream final : public tcp_stream {
public:
  tls_stream(asio::io_context& io, std::shared_ptr<tls_client_context> context,
             const std::string& host)
      : tcp_stream(io),
        context_(std::move(context)),
        ssl_(socket_, make_session(*context_, host)) {}

  void secure(listener l) override {
    ssl_.async_handshake(asio::ssl::stream_base::client,
                         [this, l = std::move(l)](error_code error) {
                           l->on_stream_secured(error, error ? verify_problem() : std::string());
                         });
  }

  void read_some(char* buffer, size_t bytes, listener l) override {
    ssl_.async_read_some(
        asio::buffer(buffer, bytes),
        [l = std::move(l)](error_code error, size_t count) { l->on_stream_read(error, count); });
  }

  size_t send_now(const char*, size_t, error_code&) override { return 0; }

  void write_some(const char* bytes, size_t count, listener l) override {
    writing_ = true;
    ssl_.async_write_some(asio::buffer(bytes, count),
                          [this, l = std::move(l)](error_code error, size_t sent) {
                            writing_ = false;
                            l->on_stream_written(error, sent);
                          });
  }

  void drop(drop_mode mode, listener l) override {
    // Asio's shutdown writes the close_notify at once and then waits for the peer's; closing the
    // socket right after it ends that wait. Our WebSocket has said its farewell already.
    if (mode == drop_mode::orderly && !writing_ && socket_.is_open() &&
        SSL_is_init_finished(ssl_.native_handle()) != 0)
      ssl_.async_shutdown([l](error_code) {});
    tcp_stream::drop(mode, std::move(l));
  }

private:
  /// @returns an SSL that checks `host`; never null but for lack of memory.
  static SSL* make_session(tls_client_context& context, const std::string& host) {
    SSL* session = SSL_new(native_context(context));
    if (session == nullptr)
      throw std::bad_alloc();
    X509_VERIFY_PARAM* checks = SSL_get0_param(session);
    X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (X509_VERIFY_PARAM_set1_ip_asc(checks, host.c_str()) == 1)
      return session; // an address: no SNI (RFC 6066 section 3)
    X509_VERIFY_PARAM_set1_host(checks, host.c_str(), host.size());
    SSL_set_tlsext_host_name(session, host.c_str());
    return session;
  }

  std::string verify_problem() {
    const long result = SSL_get_verify_result(ssl_.native_handle());
    return result == X509_V_OK ? std::string() : X509_verify_cert_error_string(result);
  }

  std::shared_ptr<tls_client_context> context_;
  asio::ssl::stream<tcp_socket&> ssl_;
  bool writing_ = false;
};

} // namespace

std::unique_ptr<websocket_stream> websocket_stream::make_plain(asio::io_context& io) {
  return std::make_unique<plain_stream>(io);
}

std::unique_ptr<websocket_stream>
websocket_stream::make_tls(asio::io_context& io, std::shared_ptr<tls_client_context> context,
                           const std::string& host) {
  return std::make_unique<tls_stream>(io, std::move(context), host);
}

} // namespace switchboard::http
