// A TCP connection with TLS, client only: Asio's stream on Asio's socket.

#include "conf/defaults/websocket.hpp"
#include "http/tcp_dialer.hpp"
#include "http/tls_client_context.hpp"
#include "http/websocket_stream.hpp"

#include <asio/ssl/stream.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <utility>

namespace switchboard::http {

namespace {

class tls_stream final : public websocket_stream {
public:
  tls_stream(asio::io_context& io, std::shared_ptr<tls_client_context> context,
             const std::string& host)
      : dialer_(io),
        context_(std::move(context)),
        ssl_(dialer_.socket(), make_session(*context_, host)) {}

  // Only clients speak TLS, and they do not move to another thread.
  std::error_code assign(int) override { return asio::error::operation_not_supported; }
  int release() override { return -1; }

  void connect(const std::string& host, uint16_t port, listener l) override {
    dialer_.dial(host, port, [this, l = std::move(l)](std::error_code error) {
      if (!error) {
        send_at_once(dialer_.handle());
        dialer_.socket().non_blocking(true, error);
      }
      l->on_stream_connected(error);
    });
  }

  void secure(listener l) override {
    ssl_.async_handshake(asio::ssl::stream_base::client,
                         [this, l = std::move(l)](std::error_code error) {
                           l->on_stream_secured(error, error ? verify_problem() : std::string());
                         });
  }

  void read_some(listener l) override {
    ssl_.async_read_some(asio::buffer(buffer_.get(), defaults::websocket::read_buffer_bytes),
                         [this, l = std::move(l)](std::error_code error, size_t count) {
                           l->on_stream_read(error, buffer_.get(), count);
                         });
  }

  size_t send(const char*, size_t, stream_listener&, std::error_code&) override { return 0; }

  void write_some(const char* bytes, size_t count, listener l) override {
    writing_ = true;
    ssl_.async_write_some(asio::buffer(bytes, count),
                          [this, l = std::move(l)](std::error_code error, size_t sent) {
                            writing_ = false;
                            l->on_stream_written(error, sent);
                          });
  }

  void drop(drop_mode mode, listener l) override {
    // Asio's shutdown writes the close_notify at once and then waits for the peer's; closing the
    // socket right after it ends that wait. Our WebSocket has said its farewell already.
    if (mode == drop_mode::orderly && !writing_ && dialer_.socket().is_open() &&
        SSL_is_init_finished(ssl_.native_handle()) != 0)
      ssl_.async_shutdown([l](std::error_code) {});
    if (mode == drop_mode::abort && dialer_.socket().is_open())
      reset_on_close(dialer_.handle());
    dialer_.close();
  }

  void cancel() override {
    std::error_code ignored;
    dialer_.socket().cancel(ignored);
  }

  void finish_sending() override {
    std::error_code ignored;
    dialer_.socket().shutdown(tcp_socket::shutdown_send, ignored);
  }

  std::string peer() const override { return peer_of(dialer_.handle()); }

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

  tcp_dialer dialer_;
  std::shared_ptr<tls_client_context> context_;
  asio::ssl::stream<tcp_socket&> ssl_;
  // Not cleared: pages that no read fills stay unused.
  std::unique_ptr<char[]> buffer_{new char[defaults::websocket::read_buffer_bytes]};
  bool writing_ = false;
};

} // namespace

std::unique_ptr<websocket_stream>
websocket_stream::make_tls(asio::io_context& io, std::shared_ptr<tls_client_context> context,
                           const std::string& host) {
  return std::make_unique<tls_stream>(io, std::move(context), host);
}

} // namespace switchboard::http
