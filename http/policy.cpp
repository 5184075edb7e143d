#include "http/policy.hpp"

#include "conf/defaults/http.hpp"
#include "conf/text.hpp"
#include "http/hmac.hpp"
#include "http/public_base.hpp"

#include <algorithm>
#include <random>

namespace switchboard::http {

namespace {

namespace limits = defaults::http;

/// The value of Access-Control-Allow-Origin for this request; empty = not allowed.
std::string allowed_origin(const conf::config& config, const http_request& request) {
  auto* origin = request.header("Origin");
  if (config.cors_origins == "*")
    return "*";
  if (origin == nullptr || config.cors_origins.empty())
    return {};
  for (auto& allowed : conf::split_list(config.cors_origins))
    if (allowed == *origin)
      return *origin;
  return {};
}

void add_cors(const conf::config& config, const http_request& request, http_response& answer) {
  auto origin = allowed_origin(config, request);
  if (!config.cors_origins.empty() && config.cors_origins != "*")
    answer.set("Vary", "Origin");
  answer.set("Cross-Origin-Resource-Policy", origin.empty() ? "same-origin" : "cross-origin");
  if (origin.empty())
    return;
  answer.set("Access-Control-Allow-Origin", std::move(origin));
  answer.set("Access-Control-Expose-Headers", "Content-Disposition, ETag, X-Request-Id");
}

void add_security(const conf::config& config, const http_request& request, http_response& answer) {
  answer.set("X-Content-Type-Options", "nosniff");
  answer.set("X-Frame-Options", "DENY");
  answer.set("Referrer-Policy", "no-referrer");
  if (came_by_tls(config, request))
    answer.set("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
}

void add_entity_tag(const http_request& request, http_response& answer) {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  auto* type = find_header(answer.headers, "Content-Type");
  if (!reads || answer.status != 200 || type == nullptr || *type != json_type)
    return;
  if (find_header(answer.headers, "ETag") == nullptr)
    answer.set("ETag", entity_tag(answer.body));
  if (find_header(answer.headers, "Cache-Control") == nullptr)
    answer.set("Cache-Control", "private, no-cache");
  auto* tag = find_header(answer.headers, "ETag");
  if (matches_tag(request.header_or_empty("If-None-Match"), *tag)) {
    answer.status = 304;
    answer.body.clear();
  }
}

/// Ids of requests that came without one: a random start, then counted. Not a secret.
std::string make_request_id() {
  thread_local std::mt19937_64 source{std::random_device{}()};
  static constexpr char digits[] = "0123456789abcdef";
  std::string id(16, '0');
  auto bits = source();
  for (auto& c : id) {
    c = digits[bits & 15];
    bits >>= 4;
  }
  return id;
}

} // namespace

void apply_policy(const conf::config& config, const http_request& request, http_response& answer) {
  add_entity_tag(request, answer);
  if (find_header(answer.headers, "Cache-Control") == nullptr)
    answer.set("Cache-Control", "no-store");
  add_security(config, request, answer);
  add_cors(config, request, answer);
  answer.set("X-Request-Id", request.id);
  if (request.method == "HEAD") {
    if (!answer.content_length)
      answer.content_length = answer.body.size();
    answer.body.clear();
  }
}

http_response options_response(const http_request& request, const std::string& allow) {
  http_response answer;
  answer.status = 204;
  answer.set("Allow", allow);
  if (request.header("Access-Control-Request-Method") != nullptr) {
    answer.set("Access-Control-Allow-Methods", allow);
    answer.set("Access-Control-Allow-Headers",
               "Authorization, Content-Type, If-None-Match, Last-Event-ID, Range, X-Request-Id");
    answer.set("Access-Control-Max-Age", "600");
  }
  return answer;
}

std::string entity_tag(std::string_view body) {
  return '"' + sha256_hex(body).substr(0, 32) + '"';
}

bool matches_tag(std::string_view if_none_match, std::string_view tag) {
  while (!if_none_match.empty()) {
    auto comma = if_none_match.find(',');
    auto one = if_none_match.substr(0, comma);
    if_none_match.remove_prefix(comma == std::string_view::npos ? if_none_match.size() : comma + 1);
    while (!one.empty() && (one.front() == ' ' || one.front() == '\t'))
      one.remove_prefix(1);
    while (!one.empty() && (one.back() == ' ' || one.back() == '\t'))
      one.remove_suffix(1);
    if (one.substr(0, 2) == "W/")
      one.remove_prefix(2);
    if (one == "*" || (!one.empty() && one == tag))
      return true;
  }
  return false;
}

std::string request_id(const http_request& request) {
  auto given = request.header_or_empty("X-Request-Id");
  auto good = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.' || c == ':' || c == '/' || c == '+' || c == '=';
  };
  if (!given.empty() && given.size() <= limits::request_id_bytes_max &&
      std::all_of(given.begin(), given.end(), good))
    return std::string{given};
  return make_request_id();
}

http_response check_limits(const http_request& request) {
  if (request.refused == 400)
    return error_response(400, "BAD_REQUEST", "This is not a valid HTTP request");
  if (request.refused == 414 || request.target.size() > limits::target_bytes_max)
    return error_response(414, "URI_TOO_LONG", "The URL is longer than 16 KiB");
  size_t bytes = 0;
  for (auto& [name, value] : request.headers)
    bytes += name.size() + value.size() + 4; // ": " and the line's end
  if (request.headers.size() > limits::fields_max)
    return error_response(431, "HEADERS_TOO_LARGE", "There are more than 1000 header lines");
  if (request.refused == 431 || bytes > limits::headers_bytes_max)
    return error_response(431, "HEADERS_TOO_LARGE", "The headers are longer than 64 KiB");
  if (request.refused == 413 || request.body.size() > limits::body_bytes_max)
    return error_response(413, "BODY_TOO_LARGE", "The body is longer than 102400 bytes");
  return {};
}

} // namespace switchboard::http
