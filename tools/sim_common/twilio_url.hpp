#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sim {

/// An absolute `http`, `https`, `ws` or `wss` URL in its parts, nothing decoded.
struct url_parts {
  std::string scheme;
  std::string host;
  std::string port;   ///< empty where the URL names none
  std::string target; ///< path and query, at least "/"; no fragment

  bool secure() const { return scheme == "https" || scheme == "wss"; }
  std::string effective_port() const { return port.empty() ? (secure() ? "443" : "80") : port; }

  /// `host` or `host:port`, as in a Host header.
  std::string authority() const { return port.empty() ? host : host + ":" + port; }
};

/// @returns The parts, or nothing when `url` is not such a URL. User-info and fragment are dropped.
std::optional<url_parts> parse_url(std::string_view url);

/// Resolves a reference of a TwiML document against the URL that the document came from. Absolute
/// URLs, absolute paths and names next to the document are understood; "../" is not.
std::string resolve_url(std::string_view base, std::string_view reference);

/// The URL as Twilio signs it: without user-info and fragment; over TLS also without the port.
/// Source: https://www.twilio.com/docs/usage/security. A URL that cannot be parsed stays as it is.
std::string signed_url(std::string_view url);

/// Whether two URLs lead to the same host and port, `ws` counting as `http`, `wss` as `https`.
bool same_origin(const url_parts& a, const url_parts& b);

} // namespace sim
