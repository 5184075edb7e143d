#pragma once

#include "http/form.hpp"

#include <string>
#include <string_view>
#include <vector>

/// X-Twilio-Signature, as Twilio's security page and its official Node validator (twilio 6.2.0,
/// webhooks.js) have it. Pure; any thread.
namespace switchboard::twilio {

enum class signature_verdict {
  valid,
  missing,       ///< no signature was sent
  mismatch,      ///< signed with another key, another URL or other parameters
  body_mismatch, ///< the URL's bodySHA256 is not that of the body
};

const char* to_string(signature_verdict);

/// One HTTP request as received.
struct signed_request {
  /// What Twilio was told to call: scheme, host, optional port and path prefix; no slash at the
  /// end.
  std::string_view public_base;
  std::string_view target;       ///< the request line's: raw path and query
  std::string_view content_type; ///< empty for a GET
  std::string_view body;
  std::string_view signature; ///< of the header; empty = none
};

/// Checks a webhook. Form fields are part of the signature, a JSON body by the URL's `bodySHA256`.
/// @param keys   more than one during a rotation; each is tried.
/// @param fields what parse_form() made of the body; must be complete. Empty for a GET.
signature_verdict check_webhook(const std::vector<std::string>& keys, const signed_request& request,
                                const http::form& fields);

/// Checks the upgrade of a media stream. Twilio signs the `wss` URL of the TwiML, sometimes with a
/// slash at its end; https is accepted too.
signature_verdict check_upgrade(const std::vector<std::string>& keys, std::string_view public_base,
                                std::string_view target, std::string_view signature);

/// The text that is signed: the URL, then names and values sorted by name, byte by byte. Of a
/// repeated name the distinct values count, sorted.
std::string signature_text(std::string_view url, const http::form& fields);

/// Base64 of HMAC-SHA1 over signature_text().
std::string expected_signature(std::string_view key, std::string_view url,
                               const http::form& fields);

/// The URLs that a request may have been signed with, most likely first: as received without its
/// port, with the default port added, then the same normalised as browsers do it, then with the
/// query encoded anew. No duplicates.
std::vector<std::string> url_candidates(std::string_view url);

} // namespace switchboard::twilio
