#pragma once

#include "conf/defaults/http.hpp"
#include "http/exchange.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace asio {
class io_context;
}

namespace switchboard::http {

/// The sockets of the HTTP server: listens, accepts, and has RESTinio read requests and write
/// answers. RESTinio's headers stay behind it.
///
/// It has a listener of its own, since RESTinio's stops for ever at its first error: after a failed
/// accept (no descriptors left) ours tries again, after a broken socket it opens a new one on the
/// same port.
///
/// Everything but listen() happens on the thread of the io_context.
class front : public std::enable_shared_from_this<front> {
public:
  struct settings {
    std::string host = "127.0.0.1";
    uint16_t port = 0;          ///< 0 = any free one
    size_t connections_max = 0; ///< past it connections wait to be accepted
    size_t connections_per_address_max =
        0; ///< of those nobody vouched for; closed past it; 0 = any
    /// For a whole request, and between two.
    std::chrono::milliseconds read_deadline = defaults::http::read_deadline;
    std::function<void(bool)> on_listening; ///< told when the listener works and when it does not
  };
  /// Gets every request, with the way for its answer. Must not throw.
  using request_handler = std::function<void(http_request, std::unique_ptr<exchange_sink>)>;

  static std::shared_ptr<front> make(asio::io_context& io, settings s, request_handler handle);
  virtual ~front() = default;

  /// Opens the listener; connections wait until start(). @returns false with a text for people.
  virtual bool listen(std::string& problem) = 0;
  virtual uint16_t port() const = 0;
  virtual void start() = 0;
  virtual void stop_accepting() = 0;
  /// Closes all connections; nothing is delivered any more.
  virtual void close() = 0;
  virtual size_t connections() const = 0;
};

} // namespace switchboard::http
