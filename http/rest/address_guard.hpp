#pragma once

struct sockaddr;

namespace switchboard::http {

/// Whether an address belongs to the public internet: not private, loopback, link-local (where
/// clouds serve their metadata), shared, multicast, documentation or reserved (IANA's
/// special-purpose registries, RFC 6890), neither as itself nor inside an IPv6 address that stands
/// for an IPv4 one (mapped, NAT64, 6to4). What is neither IPv4 nor IPv6 is not public. Pure; any
/// thread.
bool is_public_address(const sockaddr* address) noexcept;

} // namespace switchboard::http
