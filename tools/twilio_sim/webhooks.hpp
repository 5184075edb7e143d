#pragma once

#include "tools/sim_common/twilio_signature.hpp"
#include "tools/sim_common/twilio_url.hpp"
#include "tools/twilio_sim/http_client.hpp"
#include "tools/twilio_sim/options.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace sim {

/// Where a URL of the server is really reached, and what of it is signed.
struct route {
  std::string host;
  std::string port;
  std::string authority;
  std::string target;
  std::string signature_url;
  tls_context tls;      ///< null: plain
  bool proxied = false; ///< a reverse proxy is played: the public base leads to the local server
};

/// Sends signed requests as Twilio does. URLs are those that the server knows itself by: where a
/// public base was given, they are requested at the origin of `--url`, as through a reverse proxy.
class webhooks {
public:
  webhooks(boost::asio::io_context& io, const options& config);

  /// @returns The route of a webhook or stream URL; nothing when it cannot be reached, which is so
  /// for URLs that are malformed.
  std::optional<route> route_of(const std::string& url) const;

  /// The signature of a stream's upgrade request.
  std::string stream_signature(const route& to) const;

  /// Sends a form (POST) or a query (GET) and hands the answer over.
  void request(const std::string& method, const std::string& url, const form_params& params,
               std::function<void(http_answer)> done);

  /// The voice webhook's URL as the server knows it.
  const std::string& voice_url() const { return voice_url_; }

private:
  void send(http_request out, std::chrono::steady_clock::time_point first_try,
            std::function<void(http_answer)> done);

  boost::asio::io_context& io_;
  const options& config_;
  tls_context tls_;
  url_parts local_;
  std::optional<url_parts> public_base_;
  std::string voice_url_;
};

} // namespace sim
