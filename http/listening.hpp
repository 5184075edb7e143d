#pragma once

#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>

#include <string>
#include <system_error>

/// What the front needs to listen. Internal to front.cpp.
namespace switchboard::http {

/// Opens, binds and listens. @returns false with a text for people; the acceptor is closed then.
bool open_listener(asio::ip::tcp::acceptor& acceptor, const asio::ip::tcp::endpoint& at,
                   std::string& problem);

/// Whether the listener itself is fine after this error and only the moment was bad (accept(2)).
/// By number: Asio's own error category does not compare with std::errc.
bool is_passing(const std::error_code& failed);

/// What counts as one address: of IPv6 the /64 that one machine can choose from (RFC 4291).
std::string address_name(const asio::ip::address& address);

} // namespace switchboard::http
