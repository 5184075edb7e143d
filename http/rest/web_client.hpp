#pragma once

#include "conf/defaults/outbound.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace switchboard::http {

/// Why there is no answer.
enum class web_failure : uint8_t {
  none,
  refused_address, ///< the host is not of the public internet, and that is required
  not_connected,   ///< no such host, nobody listens, TLS does not trust it
  timed_out,
  too_large,
  lost,    ///< the connection broke before the answer was whole
  busy,    ///< too many requests wait already
  stopped, ///< the client goes down
};
const char* to_string(web_failure);

/// One POST. Redirects are not followed: a 3xx is an answer like others.
struct web_request {
  std::string url;
  std::string body;
  std::vector<std::string> headers; ///< `Name: value`
  std::string user, password;       ///< Basic authentication; empty = none
  uint32_t timeout_ms = 0;          ///< for all tries together
  unsigned tries = 1;               ///< more: after failures that may pass, and 429, 502, 503, 504
  bool public_only = true;          ///< the address is checked when the socket is opened
};

struct web_answer {
  int status = 0; ///< 0 = none
  std::string body;
  web_failure failure = web_failure::none;
};

/// Makes HTTP requests, many at once, on one thread of its own (libcurl's multi interface). Of what
/// it is given at most `running_max` run and `waiting_max` wait.
class web_client {
public:
  struct settings {
    size_t running_max = defaults::outbound::running_max;
    size_t waiting_max = defaults::outbound::waiting_max;
    size_t answer_bytes_max = defaults::outbound::answer_bytes_max;
  };
  using on_answer = std::function<void(web_answer)>;

  explicit web_client(settings s);
  web_client() : web_client(settings{}) {}
  ~web_client(); ///< ends what runs (its answer is `stopped`) and joins the thread

  /// Any thread. `next` runs exactly once, on the client's thread, or at once on the caller's if
  /// the request cannot even wait; it must only pass the answer on.
  void submit(web_request request, on_answer next);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace switchboard::http
