#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <memory>
#include <string>
#include <utility>

namespace sim {

using tls_context = std::shared_ptr<boost::asio::ssl::context>;

/// A TCP stream that speaks TLS once it was told to: what webhooks and media streams are sent over,
/// directly or to a reverse proxy.
class carrier_stream {
public:
  using next_layer_type = boost::beast::tcp_stream;
  using executor_type = next_layer_type::executor_type;

  explicit carrier_stream(boost::asio::io_context& io) : tcp_{io} {}

  executor_type get_executor() { return tcp_.get_executor(); }
  next_layer_type& next_layer() { return tcp_; }
  const next_layer_type& next_layer() const { return tcp_; }

  /// The TLS handshake, with the server's certificate checked against `host`; without a context
  /// none.
  template <class Handler>
  void handshake(const tls_context& context, const std::string& host, Handler handler) {
    if (context == nullptr) {
      handler(boost::system::error_code{});
      return;
    }
    context_ = context;
    tls_ = std::make_unique<tls_stream>(tcp_, *context);
    SSL_set_tlsext_host_name(tls_->native_handle(), host.c_str());
    tls_->set_verify_mode(boost::asio::ssl::verify_peer);
    tls_->set_verify_callback(boost::asio::ssl::host_name_verification{host});
    tls_->async_handshake(boost::asio::ssl::stream_base::client, std::move(handler));
  }

  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    return tls_ ? tls_->async_read_some(buffers, std::forward<Handler>(handler))
                : tcp_.async_read_some(buffers, std::forward<Handler>(handler));
  }

  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    return tls_ ? tls_->async_write_some(buffers, std::forward<Handler>(handler))
                : tcp_.async_write_some(buffers, std::forward<Handler>(handler));
  }

private:
  using tls_stream = boost::asio::ssl::stream<boost::beast::tcp_stream&>;
  tls_context context_; // the stream only refers to it
  boost::beast::tcp_stream tcp_;
  std::unique_ptr<tls_stream> tls_;
};

/// The end of a WebSocket, found by Beast. Of TLS no farewell is waited for: the close frames said
/// it.
template <class Handler>
void async_teardown(boost::beast::role_type role, carrier_stream& stream, Handler&& handler) {
  async_teardown(role, stream.next_layer(), std::forward<Handler>(handler));
}

inline void teardown(boost::beast::role_type role, carrier_stream& stream,
                     boost::system::error_code& failed) {
  teardown(role, stream.next_layer(), failed);
}

} // namespace sim
