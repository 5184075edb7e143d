#include "http/twilio/ticket.hpp"

#include "conf/defaults/twilio.hpp"
#include "http/hmac.hpp"

#include <charconv>

namespace switchboard::twilio {

namespace {

/// The views are into the ticket. `signed_part` is all before the last dot.
struct ticket_parts {
  std::string_view signed_part, nonce, call_sid, mac;
  int64_t expires_at_s = 0;
};

bool parse_epoch(std::string_view text, int64_t& out) {
  const char* end = text.data() + text.size();
  auto [stop, problem] = std::from_chars(text.data(), end, out);
  return problem == std::errc() && stop == end && out >= 0;
}

bool split(std::string_view ticket, ticket_parts& out) {
  if (ticket.size() > defaults::twilio::ticket_bytes_max)
    return false;
  // A CallSid may hold dots (nobody promised otherwise): the other parts are found from the ends.
  size_t first = ticket.find('.');
  size_t last = ticket.rfind('.');
  if (first == std::string_view::npos)
    return false;
  size_t second = ticket.find('.', first + 1);
  if (second == std::string_view::npos || second >= last)
    return false;
  out.signed_part = ticket.substr(0, last);
  out.nonce = ticket.substr(first + 1, second - first - 1);
  out.call_sid = ticket.substr(second + 1, last - second - 1);
  out.mac = ticket.substr(last + 1);
  return !out.nonce.empty() && parse_epoch(ticket.substr(0, first), out.expires_at_s);
}

std::string mac_of(std::string_view key, std::string_view signed_part) {
  return http::base64url_text(http::hmac_sha256(key, signed_part));
}

} // namespace

std::string random_ticket_key() {
  return http::random_bytes(defaults::twilio::ticket_key_bytes);
}

const char* to_string(ticket_verdict verdict) {
  switch (verdict) {
  case ticket_verdict::ok:
    return "ok";
  case ticket_verdict::malformed:
    return "malformed";
  case ticket_verdict::bad_mac:
    return "bad_mac";
  case ticket_verdict::wrong_call:
    return "wrong_call";
  case ticket_verdict::expired:
    return "expired";
  }
  return "unknown";
}

std::string make_ticket(std::string_view key, std::string_view call_sid, int64_t expires_at_s) {
  auto nonce = http::base64url_text(http::random_bytes(defaults::twilio::ticket_nonce_bytes));
  return make_ticket(key, call_sid, nonce, expires_at_s);
}

std::string make_ticket(std::string_view key, std::string_view call_sid, std::string_view nonce,
                        int64_t expires_at_s) {
  std::string ticket = std::to_string(expires_at_s);
  ticket += '.';
  ticket += nonce;
  ticket += '.';
  ticket += call_sid;
  std::string mac = mac_of(key, ticket);
  ticket += '.';
  return ticket += mac;
}

ticket_check check_ticket(std::string_view key, std::string_view ticket, std::string_view call_sid,
                          int64_t now_s) {
  ticket_check result;
  ticket_parts parts;
  if (!split(ticket, parts))
    return result;
  if (!http::equal_constant_time(mac_of(key, parts.signed_part), parts.mac)) {
    result.verdict = ticket_verdict::bad_mac;
    return result;
  }
  result.nonce = std::string(parts.nonce);
  result.expires_at_s = parts.expires_at_s;
  result.verdict = parts.call_sid != call_sid    ? ticket_verdict::wrong_call
                   : now_s >= parts.expires_at_s ? ticket_verdict::expired
                                                 : ticket_verdict::ok;
  return result;
}

} // namespace switchboard::twilio
