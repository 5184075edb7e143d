#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sim {

/// @returns The bytes in base64 with padding (RFC 4648, section 4).
std::string encode_base64(std::string_view bytes);

/// Reads base64 strictly: whole groups of four, padding only at the end, no line breaks.
/// @returns The bytes, or nothing when the text is not base64 (RFC 4648, section 4).
std::optional<std::string> decode_base64(std::string_view text);

} // namespace sim
