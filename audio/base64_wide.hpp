#pragma once

#include "audio/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Base64 by AVX2, 24 bytes at a time and 12 at the end (W. Muła, D. Lemire, "Faster Base64
/// Encoding and Decoding Using AVX2 Instructions", 2018). Each function does what it can from the
/// start and tells how far it came; the rest is base64.cpp's. On a machine without AVX2 they do
/// nothing.
namespace switchboard::audio {

/// How much more than the result the decoder may write.
constexpr size_t base64_wide_slack_bytes = 8;

/// @param out room for base64_encoded_size(bytes.size).
/// @returns bytes encoded, a multiple of 3.
size_t base64_encode_wide(byte_view bytes, char* out);

/// Stops before the first group of 32 (or a last one of 16) characters in which one is not of the
/// alphabet.
/// @param out room for text.size() / 4 * 3 + base64_wide_slack_bytes.
/// @returns characters decoded, a multiple of 4.
size_t base64_decode_wide(std::string_view text, uint8_t* out);

} // namespace switchboard::audio
