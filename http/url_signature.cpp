#include "http/url_signature.hpp"

#include "http/form.hpp"
#include "http/hmac.hpp"

#include <charconv>

namespace switchboard::http {

namespace {

constexpr int64_t hour_s = 3600;
constexpr size_t expires_digits_max = 15; // far beyond any epoch second, and safe in 64 bits

std::string signature_of(std::string_view key, std::string_view call_id, std::string_view expires) {
  // The purpose goes first: the key may sign other things one day.
  std::string text = "recording\n";
  text += call_id;
  text += '\n';
  text += expires;
  return base64url_text(hmac_sha256(key, text));
}

bool parse_expires(std::string_view text, int64_t& out) {
  if (text.empty() || text.size() > expires_digits_max ||
      text.find_first_not_of("0123456789") != std::string_view::npos)
    return false;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return true;
}

} // namespace

const char* to_string(url_verdict verdict) {
  switch (verdict) {
  case url_verdict::ok:
    return "ok";
  case url_verdict::malformed:
    return "malformed";
  case url_verdict::bad_signature:
    return "bad_signature";
  case url_verdict::expired:
    return "expired";
  }
  return "unknown";
}

std::string recording_url(std::string_view key, std::string_view call_id, int64_t now_s) {
  std::string expires = std::to_string((now_s + 2 * hour_s - 1) / hour_s * hour_s);
  std::string url = "/api/calls/";
  url += encode_percent(call_id);
  url += "/recording?expires=" + expires;
  return url += "&signature=" + signature_of(key, call_id, expires);
}

url_verdict check_recording_url(std::string_view key, std::string_view call_id,
                                std::string_view expires, std::string_view signature,
                                int64_t now_s) {
  int64_t expires_at_s = 0;
  if (!parse_expires(expires, expires_at_s) || signature.empty())
    return url_verdict::malformed;
  if (key.empty() || !equal_constant_time(signature_of(key, call_id, expires), signature))
    return url_verdict::bad_signature;
  return now_s < expires_at_s ? url_verdict::ok : url_verdict::expired;
}

} // namespace switchboard::http
