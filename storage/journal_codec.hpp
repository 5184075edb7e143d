#pragma once

#include "storage/journal.hpp"

#include <cstddef>

/// The journal's bytes (docs/journal-format.md), without files. Pure, never throws.
namespace switchboard::storage {

inline constexpr size_t journal_header_bytes = 16;

/// @returns complete (good), torn_tail (a beginning of a good one), not_a_journal or newer_version.
read_end check_journal_header(audio::byte_view bytes);

enum class parse_state : uint8_t {
  record,    ///< a good record of `bytes` bytes
  need_more, ///< good so far; `bytes` (bounded) are needed in all to say more
  bad,       ///< no record can begin like this, or its CRC is wrong
};

struct parsed_fact {
  parse_state state = parse_state::bad;
  size_t bytes = 0;
  fact value; ///< views into the input
};

/// The record at the beginning of `bytes`.
parsed_fact parse_fact(audio::byte_view bytes);

} // namespace switchboard::storage
