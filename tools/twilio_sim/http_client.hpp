#pragma once

#include "tools/twilio_sim/carrier_stream.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace sim {

/// One HTTP/1.1 request over a connection of its own.
struct http_request {
  std::string method = "POST";
  std::string host; ///< to connect to
  std::string port;
  std::string authority; ///< the Host header
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds timeout{15000};
  tls_context tls; ///< null: plain
};

struct http_answer {
  int status = 0; ///< 0: no answer; `error` says why
  std::string content_type;
  std::string body;
  std::string error;
  double ms = 0;
};

/// Sends a request and hands the answer over, exactly once, on the io_context's thread.
void send_http(boost::asio::io_context& io, http_request request,
               std::function<void(http_answer)> done);

} // namespace sim
