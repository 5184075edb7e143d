#include "http/access.hpp"

#include "http/form.hpp"
#include "http/hmac.hpp"
#include "http/public_base.hpp"
#include "http/url_signature.hpp"

namespace switchboard::http {

namespace {

std::string_view bearer_of(const http_request& request) {
  auto value = request.header_or_empty("Authorization");
  if (value.size() < 7 || !same_name(value.substr(0, 7), "Bearer "))
    return {};
  value.remove_prefix(7);
  while (!value.empty() && value.front() == ' ')
    value.remove_prefix(1);
  return value;
}

/// Compares with every token, by digest: neither which one matched nor any length shows in the time
/// taken.
const conf::api_token* find_token(const conf::config& config, std::string_view given) {
  const conf::api_token* found = nullptr;
  const auto digest = sha256_hex(given);
  for (auto& token : config.api_tokens)
    if (equal_constant_time(sha256_hex(token.token), digest))
      found = &token;
  return given.empty() ? nullptr : found;
}

bool has_signed_url(const conf::config& config, const http_request& request,
                    std::string_view call_id, int64_t now_s) {
  if (config.url_signing_key.empty())
    return false;
  auto query = parse_form(request.query);
  return check_recording_url(config.url_signing_key, call_id, query.get("expires"),
                             query.get("signature"), now_s) == url_verdict::ok;
}

} // namespace

access_verdict check_access(const conf::config& config, const http_request& request,
                            access_need need, std::string_view call_id, int64_t now_s) {
  if (need == access_need::none || (config.api_open() && !came_by_proxy(request)))
    return {};
  auto* token = find_token(config, bearer_of(request));
  if (token == nullptr && need == access_need::events)
    token = find_token(config, parse_form(request.query).get("access_token"));
  if (token != nullptr) {
    const bool refused = need == access_need::write && token->read_only;
    return {refused ? 403 : 200, token->name, false};
  }
  if (need == access_need::recording && has_signed_url(config, request, call_id, now_s))
    return {200, "signed-url", true};
  return {401, {}, false};
}

http_response rate_limited(int wait_s) {
  auto answer = error_response(429, "RATE_LIMITED", "This token makes too many requests");
  answer.set("Retry-After", std::to_string(wait_s));
  return answer;
}

http_response access_refused(const access_verdict& verdict) {
  if (verdict.status == 403)
    return error_response(403, "FORBIDDEN", "This token may only read");
  auto answer = error_response(401, "UNAUTHORIZED", "A valid API token is required");
  answer.set("WWW-Authenticate", "Bearer realm=\"switchboard\"");
  return answer;
}

} // namespace switchboard::http
