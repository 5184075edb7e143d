#pragma once

#include <cstddef>
#include <string_view>

namespace switchboard::http {

/// Length in bytes (1..4) of the well-formed UTF-8 sequence at the text's start (Unicode 15 table
/// 3-7: no overlong forms, no surrogates, nothing above U+10FFFF); 0 if there is none.
size_t utf8_sequence_bytes(std::string_view text);

/// The longest prefix of at most `bytes_max` bytes that does not end inside a UTF-8 sequence.
std::string_view utf8_prefix(std::string_view text, size_t bytes_max);

/// U+FFFD, which takes the place of each byte that is not UTF-8.
constexpr std::string_view utf8_replacement = "\xEF\xBF\xBD";

} // namespace switchboard::http
