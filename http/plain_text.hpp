#pragma once

#include <cstddef>
#include <string_view>

namespace switchboard::http {

/// How many bytes at the text's start may stand in a JSON string as they are: printable ASCII but
/// for the quote and the backslash.
size_t plain_prefix_bytes(std::string_view text);

} // namespace switchboard::http
