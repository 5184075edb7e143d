#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Matching of paths. Pure.
namespace switchboard::http {

/// Compares a path with a pattern, segment by segment. `:id` in the pattern takes one segment that
/// is not empty; it is percent-decoded. One slash at the path's end is accepted.
/// @returns what `:id` took (empty for a pattern without), or nothing if the path does not match.
std::optional<std::string> match_path(std::string_view pattern, std::string_view path);

} // namespace switchboard::http
