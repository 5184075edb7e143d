#pragma once

#include "conf/config.hpp"
#include "http/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// Who may do what. Pure but for the clock it is told.
namespace switchboard::http {

/// What a route asks of its caller.
enum class access_need : uint8_t {
  none,      ///< open, or checked by its handler (webhooks by signature, /streams by ticket)
  read,      ///< any token
  write,     ///< a token that is not read-only
  events,    ///< any token, also as `?access_token=`
  recording, ///< any token, or the URL's own signature
};

struct access_verdict {
  int status = 200;     ///< 200, 401 or 403
  std::string user;     ///< name of the token; empty without one
  bool by_link = false; ///< a signed URL let it in, no token
};

/// @param call_id of the path, for `recording`.
access_verdict check_access(const conf::config& config, const http_request& request,
                            access_need need, std::string_view call_id, int64_t now_s);

/// The 401 or 403 of a verdict.
http_response access_refused(const access_verdict& verdict);

/// The 429 of a token that asks too often.
http_response rate_limited(int wait_s);

} // namespace switchboard::http
