#pragma once

#include <cstdint>
#include <string_view>

/// The Range header (RFC 9110 section 14). Pure.
namespace switchboard::http {

enum class range_kind : uint8_t {
  whole,         ///< no Range, another unit, more than one range, or not understood: answer 200
  part,          ///< answer 206
  unsatisfiable, ///< answer 416
};

struct byte_range {
  range_kind kind = range_kind::whole;
  uint64_t first = 0;
  uint64_t size = 0; ///< bytes to send
};

/// @param header the header's value; empty = none.
byte_range parse_range(std::string_view header, uint64_t total_bytes);

} // namespace switchboard::http
