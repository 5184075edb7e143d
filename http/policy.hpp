#pragma once

#include "conf/config.hpp"
#include "http/message.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What every answer has, whatever the route: security headers, CORS, ETag, request id, HEAD. Pure.
namespace switchboard::http {

/// Completes an answer: adds the headers, turns a GET of JSON that the client has already into 304,
/// and takes the body off the answer to a HEAD.
void apply_policy(const conf::config& config, const http_request& request, http_response& answer);

/// The answer to OPTIONS on a path that has these methods (HEAD and OPTIONS included).
http_response options_response(const http_request& request, const std::string& allow);

/// A strong entity tag of a body, with its quotes.
std::string entity_tag(std::string_view body);

/// Whether If-None-Match names the tag (weak comparison, RFC 9110 section 8.8.3.2).
bool matches_tag(std::string_view if_none_match, std::string_view tag);

/// The client's X-Request-Id if it may go into a log and a header, else a new one.
std::string request_id(const http_request& request);

/// The first of our limits that a request breaks: 413, 414, 431; status 200 if none.
http_response check_limits(const http_request& request);

} // namespace switchboard::http
