#include "tools/twilio_sim/http_client.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <memory>

namespace sim {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;
using steady = std::chrono::steady_clock;

constexpr size_t body_bytes_max = 1024 * 1024; // TwiML is at most 64 kB; a media file a little more
constexpr auto connect_timeout = std::chrono::seconds{5}; // Twilio's default `ct`

class exchange : public std::enable_shared_from_this<exchange> {
public:
  exchange(asio::io_context& io, http_request in, std::function<void(http_answer)> done)
      : resolver_{io}, stream_{io}, in_{std::move(in)}, done_{std::move(done)} {}

  void start() {
    begin_ = steady::now();
    resolver_.async_resolve(in_.host, in_.port,
                            [self = shared_from_this()](error_code ec, const auto& found) {
                              ec ? self->fail(ec, "resolve") : self->connect(found);
                            });
  }

private:
  void connect(const tcp::resolver::results_type& found) {
    tcp().expires_after(connect_timeout);
    tcp().async_connect(found, [self = shared_from_this()](error_code ec, const auto&) {
      ec ? self->fail(ec, "connect") : self->secure();
    });
  }

  void secure() {
    stream_.handshake(in_.tls, in_.host, [self = shared_from_this()](error_code ec) {
      ec ? self->fail(ec, "TLS") : self->write();
    });
  }

  void write() {
    message_.version(11);
    message_.method_string(in_.method);
    message_.target(in_.target);
    message_.set(http::field::host, in_.authority);
    message_.set(http::field::user_agent, "TwilioProxy/1.1");
    message_.set(http::field::accept, "*/*");
    for (const auto& [name, value] : in_.headers) {
      message_.set(name, value);
    }
    message_.keep_alive(false);
    if (in_.method != "GET") {
      message_.body() = in_.body;
      message_.prepare_payload();
    }
    tcp().expires_at(begin_ + in_.timeout);
    http::async_write(stream_, message_, [self = shared_from_this()](error_code ec, size_t) {
      ec ? self->fail(ec, "write") : self->read();
    });
  }

  void read() {
    parser_.body_limit(body_bytes_max);
    http::async_read(stream_, buffer_, parser_, [self = shared_from_this()](error_code ec, size_t) {
      ec ? self->fail(ec, "read") : self->finish();
    });
  }

  void finish() {
    auto& response = parser_.get();
    http_answer out;
    out.status = static_cast<int>(response.result_int());
    out.content_type = std::string{response[http::field::content_type]};
    out.body = std::move(response.body());
    deliver(std::move(out));
  }

  void fail(error_code ec, const char* step) {
    http_answer out;
    out.error = std::string{step} + ": " + ec.message();
    deliver(std::move(out));
  }

  void deliver(http_answer out) {
    out.ms = std::chrono::duration<double, std::milli>(steady::now() - begin_).count();
    error_code ignored;
    tcp().socket().shutdown(tcp::socket::shutdown_both, ignored);
    tcp().close();
    std::exchange(done_, {})(std::move(out));
  }

  beast::tcp_stream& tcp() { return stream_.next_layer(); }

  tcp::resolver resolver_;
  carrier_stream stream_;
  http_request in_;
  std::function<void(http_answer)> done_;
  http::request<http::string_body> message_;
  http::response_parser<http::string_body> parser_;
  beast::flat_buffer buffer_;
  steady::time_point begin_;
};

} // namespace

void send_http(asio::io_context& io, http_request request, std::function<void(http_answer)> done) {
  std::make_shared<exchange>(io, std::move(request), std::move(done))->start();
}

} // namespace sim
