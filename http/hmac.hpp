#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// What signatures are made of. Pure but for random_bytes(); any thread.
namespace switchboard::http {

/// HMAC-SHA1 (RFC 2104), 20 raw bytes: what the carrier signs with.
std::string hmac_sha1(std::string_view key, std::string_view message);

/// HMAC-SHA256, 32 raw bytes.
std::string hmac_sha256(std::string_view key, std::string_view message);

/// SHA-256 in lower-case hexadecimal digits.
std::string sha256_hex(std::string_view message);

/// RFC 4648 section 4, with padding.
std::string base64_text(std::string_view raw);

/// RFC 4648 section 5 (URL-safe alphabet), without padding.
std::string base64url_text(std::string_view raw);

/// Compares in a time that depends on the lengths only.
bool equal_constant_time(std::string_view a, std::string_view b);

/// Bytes nobody can guess. @throws std::runtime_error if the system has none.
std::string random_bytes(size_t count);

} // namespace switchboard::http
