#pragma once

#include "audio/bytes.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// Base64 with the standard alphabet and padding (RFC 4648 section 4).
namespace switchboard::audio {

/// Characters that `bytes` bytes take, padding included.
constexpr size_t base64_encoded_size(size_t bytes) {
  return (bytes + 2) / 3 * 4;
}

/// Appends the encoded form, padded.
void base64_append(std::string& out, byte_view bytes);

/// Decodes into `out`, replacing what was there (its capacity is kept).
/// Padding may be absent altogether; where there is any it must be right. Line breaks, blanks,
/// other alphabets and non-zero bits under the padding are refused.
/// @returns false on bad input; `out` is then empty. Never throws but for lack of memory.
bool base64_decode(std::string_view text, byte_buffer& out);

/// Bytes that well-formed `text` stands for, without decoding it: frames are counted this way
/// where their audio passes through untouched.
size_t base64_decoded_size(std::string_view text);

} // namespace switchboard::audio
