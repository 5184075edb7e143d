#pragma once

#include "http/websocket.hpp"

#include <string>

namespace switchboard::http {

/// What forbids connecting to `target`, in words that hold no header value; empty if it is fine.
/// Refuses CR, LF and NUL anywhere (header injection) and headers that belong to the handshake.
std::string target_problem(const websocket_target& target);

/// The value of the Host header (RFC 9110 section 7.2): no port where it is the scheme's default.
std::string host_header(const websocket_target& target);

} // namespace switchboard::http
