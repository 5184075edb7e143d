#include "tools/twilio_sim/stream_socket.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include <chrono>
#include <deque>
#include <utility>

namespace sim {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr auto connect_timeout = std::chrono::seconds{5};
constexpr auto handshake_timeout = std::chrono::seconds{10};
constexpr auto close_timeout = std::chrono::seconds{5};

constexpr int error_timeout = 31901;
constexpr int error_refused = 31902;
constexpr int error_broken = 31903;
constexpr int error_tls = 31910;
constexpr int error_handshake = 31920;
constexpr int error_protocol = 31924;

class socket_impl : public stream_socket, public std::enable_shared_from_this<socket_impl> {
public:
  socket_impl(asio::io_context& io, socket_handlers handlers)
      : resolver_{io}, ws_{io}, close_timer_{io}, handlers_{std::move(handlers)} {}

  void open(const route& to, const std::string& signature) override {
    to_ = to;
    signature_ = signature;
    resolver_.async_resolve(
        to.host, to.port, [self = shared_from_this()](error_code ec, const auto& found) {
          ec ? self->fail(error_refused, "resolve: " + ec.message()) : self->connect(found);
        });
  }

  void send(std::string text) override {
    writes_.push_back(std::move(text));
    if (!writing_) {
      write();
    }
  }

  size_t queued() const override { return writes_.size(); }
  uint64_t pings() const override { return pings_; }

  void close() override {
    if (ended_ || end_.by_us) {
      return;
    }
    end_.by_us = true;
    if (!open_) {
      beast::get_lowest_layer(ws_).cancel(); // its handler tells the end
      return;
    }
    close_timer_.expires_after(close_timeout);
    close_timer_.async_wait([self = shared_from_this()](error_code ec) {
      if (!ec) {
        self->end_.error = "the server did not answer the close";
        self->finish();
      }
    });
    close_when_written();
  }

  void reset() override {
    end_.by_us = true;
    error_code ignored;
    beast::get_lowest_layer(ws_).socket().set_option(asio::socket_base::linger{true, 0}, ignored);
    finish();
  }

private:
  void connect(const tcp::resolver::results_type& found) {
    if (ended_) {
      return;
    }
    auto& tcp_layer = beast::get_lowest_layer(ws_);
    tcp_layer.expires_after(connect_timeout);
    tcp_layer.async_connect(found, [self = shared_from_this()](error_code ec, const auto&) {
      if (ec) {
        const int code = ec == beast::error::timeout ? error_timeout : error_refused;
        self->fail(code, "connect: " + ec.message());
      } else {
        self->secure();
      }
    });
  }

  void secure() {
    auto& tcp_layer = beast::get_lowest_layer(ws_);
    tcp_layer.expires_after(connect_timeout);
    ws_.next_layer().handshake(to_.tls, to_.host, [self = shared_from_this()](error_code ec) {
      ec ? self->fail(error_tls, "TLS: " + ec.message()) : self->handshake();
    });
  }

  void handshake() {
    auto& tcp_layer = beast::get_lowest_layer(ws_);
    tcp_layer.expires_never();
    tcp_layer.socket().set_option(tcp::no_delay{true});
    ws_.set_option(
        websocket::stream_base::timeout{handshake_timeout, websocket::stream_base::none(), false});
    ws_.set_option(websocket::stream_base::decorator(
        [this](websocket::request_type& request) { add_headers(request); }));
    ws_.auto_fragment(false);
    ws_.text(true);
    ws_.control_callback([this](websocket::frame_type kind, beast::string_view) {
      pings_ += kind == websocket::frame_type::ping ? 1 : 0;
    });
    ws_.async_handshake(response_, to_.authority, to_.target,
                        [self = shared_from_this()](error_code ec) { self->upgraded(ec); });
  }

  void add_headers(websocket::request_type& request) const {
    request.set(http::field::user_agent, "Twilio.TmeWs/1.0");
    request.set("X-Twilio-Signature", signature_);
    if (to_.proxied) {
      request.set("X-Forwarded-Proto", "https");
      request.set("X-Forwarded-Host", to_.authority);
    }
  }

  void upgraded(error_code ec) {
    if (!ec || ec == websocket::error::upgrade_declined) {
      end_.upgrade_status = static_cast<int>(response_.result_int());
    }
    if (ec) {
      fail(ec == beast::error::timeout ? error_timeout : error_handshake,
           end_.upgrade_status == 0 ? "upgrade: " + ec.message()
                                    : "upgrade answered " + std::to_string(end_.upgrade_status));
      return;
    }
    open_ = true;
    if (end_.by_us) {
      end_.by_us = false; // closed while connecting: again, now that there is something to close
      close();
    } else {
      handlers_.opened();
    }
    read();
  }

  void read() {
    if (ended_) {
      return;
    }
    ws_.async_read(buffer_, [self = shared_from_this()](error_code ec, size_t) {
      if (self->ended_) {
        return;
      }
      if (ec) {
        self->read_failed(ec);
        return;
      }
      if (!self->end_.by_us) {
        const auto data = self->buffer_.cdata();
        self->handlers_.message({static_cast<const char*>(data.data()), data.size()},
                                self->ws_.got_binary());
      }
      self->buffer_.consume(self->buffer_.size());
      self->read();
    });
  }

  void write() {
    writing_ = true;
    ws_.async_write(asio::buffer(writes_.front()),
                    [self = shared_from_this()](error_code ec, size_t) {
                      self->writing_ = false;
                      if (self->ended_) {
                        return;
                      }
                      if (ec) {
                        self->writes_.clear(); // the outstanding read fails too, and knows more
                        return;
                      }
                      self->writes_.pop_front();
                      self->writes_.empty() ? self->close_when_written() : self->write();
                    });
  }

  void close_when_written() {
    if (!end_.by_us || writing_ || !writes_.empty() || closing_ || ended_) {
      return;
    }
    closing_ = true;
    ws_.async_close(websocket::close_code::normal, [self = shared_from_this()](error_code ec) {
      if (!ec) { // else the outstanding read tells the end
        self->finish();
      }
    });
  }

  void read_failed(error_code ec) {
    if (ec == websocket::error::closed) {
      const auto& reason = ws_.reason();
      end_.close_code = reason.code;
      end_.close_reason = std::string{reason.reason.data(), reason.reason.size()};
      finish();
      return;
    }
    const bool broken = ec == asio::error::eof || ec == asio::error::connection_reset ||
                        ec == asio::error::broken_pipe;
    fail(broken ? error_broken : error_protocol, "stream: " + ec.message());
  }

  void fail(int code, const std::string& text) {
    if (ended_) {
      return;
    }
    end_.error_code = end_.by_us ? 0 : code;
    end_.error = text;
    finish();
  }

  void finish() {
    if (ended_) {
      return;
    }
    ended_ = true;
    close_timer_.cancel();
    error_code ignored;
    beast::get_lowest_layer(ws_).socket().close(ignored);
    const auto handlers = std::exchange(handlers_, {}); // they keep the stream alive, and it us
    handlers.ended(end_);
  }

  tcp::resolver resolver_;
  websocket::stream<carrier_stream> ws_;
  asio::steady_timer close_timer_;
  socket_handlers handlers_;
  route to_;
  std::string signature_;
  websocket::response_type response_;
  beast::flat_buffer buffer_;
  std::deque<std::string> writes_;
  uint64_t pings_ = 0;
  socket_end end_;
  bool open_ = false; // the upgrade succeeded
  bool writing_ = false;
  bool closing_ = false; // our close frame is on its way
  bool ended_ = false;
};

} // namespace

std::shared_ptr<stream_socket> make_stream_socket(asio::io_context& io, socket_handlers handlers) {
  return std::make_shared<socket_impl>(io, std::move(handlers));
}

} // namespace sim
