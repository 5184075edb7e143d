#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Stream tickets: what lets a media socket in. The webhook, whose signature was checked, puts one
/// into the TwiML; the stream's `start` brings it back. Here is the stateless part: who holds the
/// key knows that a ticket is ours, for which call and until when. That a nonce is used once is the
/// registry's to see. Pure but for random_ticket_key() and make_ticket(); any thread.
namespace switchboard::twilio {

/// Key of this process: tickets do not outlive it. @throws std::runtime_error without randomness.
std::string random_ticket_key();

enum class ticket_verdict {
  ok,
  malformed,  ///< not one of ours by its form, or over-long
  bad_mac,    ///< not made with this key, or altered
  wrong_call, ///< ours, for another call
  expired,
};

const char* to_string(ticket_verdict);

struct ticket_check {
  ticket_verdict verdict = ticket_verdict::malformed;
  std::string nonce;        ///< set from `wrong_call` on: remember it until `expires_at_s`
  int64_t expires_at_s = 0; ///< epoch seconds
};

/// `<expiry>.<nonce>.<callSid>.<HMAC-SHA256>`, the binary parts in base64url.
/// @param expires_at_s epoch seconds, the first at which the ticket is not good any more.
/// @throws std::runtime_error if the system has no random bytes.
std::string make_ticket(std::string_view key, std::string_view call_sid, int64_t expires_at_s);

/// The same with a nonce that somebody else made (the registry, which sees that it is used once):
/// the same arguments give the same ticket. @param nonce not empty, without dots.
std::string make_ticket(std::string_view key, std::string_view call_sid, std::string_view nonce,
                        int64_t expires_at_s);

/// The MAC is looked at first, in constant time; then the call, then the time.
ticket_check check_ticket(std::string_view key, std::string_view ticket, std::string_view call_sid,
                          int64_t now_s);

} // namespace switchboard::twilio
