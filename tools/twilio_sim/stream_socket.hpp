#pragma once

#include "tools/twilio_sim/webhooks.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace sim {

/// How a WebSocket connection ended.
struct socket_end {
  bool by_us = false;     ///< `close` or `reset` was called before
  int upgrade_status = 0; ///< 0: no answer to the upgrade
  int close_code = 0;     ///< of the server's close frame; 0: there was none
  std::string close_reason;
  int error_code = 0; ///< Twilio's number: 31901-31903, 31910, 31920, 31924; 0: no error
  std::string error;
};

/// What a connection tells. All on the io_context's thread; `ended` exactly once and last.
struct socket_handlers {
  std::function<void()> opened;
  std::function<void(std::string_view message, bool binary)> message;
  std::function<void(const socket_end&)> ended;
};

/// A WebSocket client connection with a queue of text messages. Answers pings and closes.
class stream_socket {
public:
  virtual ~stream_socket() = default;

  virtual void open(const route& to, const std::string& signature) = 0;
  virtual void send(std::string text) = 0;
  /// Messages not yet handed to the kernel.
  virtual size_t queued() const = 0;
  /// Sends what is queued, then a close frame with 1000; waits 5 s for the server's.
  virtual void close() = 0;
  /// Ends the TCP connection with a reset, as a dying machine or a cut line does.
  virtual void reset() = 0;
  virtual uint64_t pings() const = 0;
};

std::shared_ptr<stream_socket> make_stream_socket(boost::asio::io_context& io,
                                                  socket_handlers handlers);

} // namespace sim
