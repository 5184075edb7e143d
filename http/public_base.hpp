#pragma once

#include "conf/config.hpp"
#include "http/message.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Under which URL the outside knows this server. Pure.
namespace switchboard::http {

/// `https://calls.example.com`, without a slash at the end: PUBLIC_URL if configured, else from the
/// request's Host (and, with TRUST_PROXY, X-Forwarded-Host and -Proto). Nothing if the host has a
/// character that no host has: it would end up in TwiML and links.
std::optional<std::string> public_base(const conf::config& config, const http_request& request);

/// The same for answers to nobody in particular (events): PUBLIC_URL or the listen address.
std::string own_base(const conf::config& config, uint16_t port);

/// `wss://...` of `https://...`, `ws://...` of `http://...`.
std::string websocket_base(std::string_view base);

/// A host name, IPv4 or bracketed IPv6 address, with or without port.
bool is_host(std::string_view text);

/// Whether a proxy passed the request on: a client of a loopback address that says so is not from
/// this machine. (Nobody gains by lying about it.)
bool came_by_proxy(const http_request& request);

/// The address that the request came from, for the logs: with TRUST_PROXY the one that our proxy
/// saw, the last of X-Forwarded-For; else the connection's.
std::string client_address(const conf::config& config, const http_request& request);

/// Whether the client came by TLS, as far as we can know: PUBLIC_URL, or a trusted proxy's word.
bool came_by_tls(const conf::config& config, const http_request& request);

} // namespace switchboard::http
