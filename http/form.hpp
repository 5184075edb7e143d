#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchboard::http {

/// The fields of an `application/x-www-form-urlencoded` text, decoded, in the order received.
struct form {
  std::vector<std::pair<std::string, std::string>> fields;
  bool complete = true; ///< false: there were more fields than the bound, the rest was not read

  /// The first value of that name; nullptr if there is none. Names are case-sensitive.
  const std::string* find(std::string_view name) const;
  /// The first value of that name, or nothing: an empty view.
  std::string_view get(std::string_view name) const;
};

constexpr size_t form_fields_max = 500; // the longest webhook we know has 60

/// Decodes a body or a query: `+` is a space, `%41` an A; a percent sign that no two hexadecimal
/// digits follow stands for itself (as WHATWG's URL Standard section 5.1 says). A part without `=`
/// is a name with an empty value; empty parts (`&&`) are skipped. Values may hold any byte.
form parse_form(std::string_view text, size_t fields_max = form_fields_max);

/// One name or value. @param plus_is_space false for a path.
std::string decode_percent(std::string_view text, bool plus_is_space);

/// Percent-encodes all but the unreserved characters of RFC 3986 section 2.3.
std::string encode_percent(std::string_view text);

/// Whether a Content-Type header names a form, whatever its parameters.
bool is_form_type(std::string_view content_type);

} // namespace switchboard::http
