#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace switchboard::http {

/// Length in bytes (1..4) of the well-formed UTF-8 sequence at the text's start (Unicode 15 table
/// 3-7: no overlong forms, no surrogates, nothing above U+10FFFF); 0 if there is none.
size_t utf8_sequence_bytes(std::string_view text);

/// The longest prefix of at most `bytes_max` bytes that does not end inside a UTF-8 sequence.
std::string_view utf8_prefix(std::string_view text, size_t bytes_max);

/// Tells of text that comes in pieces whether it is UTF-8 (as above). Fails at the first byte that
/// cannot be right.
class utf8_checker {
public:
  /// @returns false if this or an earlier piece is wrong.
  bool take(std::string_view piece);
  /// The text may end here: not inside a character.
  bool complete() const { return tails_ == 0; }

private:
  void take_byte(uint8_t byte);

  uint8_t tails_ = 0;                // bytes that the present character still needs
  uint8_t low_ = 0x80, high_ = 0xBF; // between which the next of them lies
  bool wrong_ = false;
};

bool is_utf8(std::string_view text);

/// U+FFFD, which takes the place of each byte that is not UTF-8.
constexpr std::string_view utf8_replacement = "\xEF\xBF\xBD";

} // namespace switchboard::http
