#pragma once

#include "storage/records.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Instants as people and JSON have them: ISO 8601, proleptic Gregorian calendar, UTC. Pure.
namespace switchboard::http {

/// Appends `2026-11-22T10:00:00.000Z`; years outside 0..9999 are clamped.
void append_iso(std::string& out, storage::wall_ms instant);

/// Reads a date (its UTC midnight) or a date-time with `Z`, an offset, or neither (UTC):
/// `2026-11-22`, `2026-11`, `2026`, `2026-11-22T10:00`, `...:00.123456Z`, `...+02:00`. A space
/// stands for the `T`, and for the plus that a query decodes to a space.
std::optional<storage::wall_ms> parse_iso(std::string_view text);

/// `Sun, 22 Nov 2026 10:00:00 GMT` (RFC 9110 section 5.6.7).
std::string http_date(int64_t epoch_s);

/// Reads what http_date() writes; nothing for the obsolete forms.
std::optional<int64_t> parse_http_date(std::string_view text);

} // namespace switchboard::http
