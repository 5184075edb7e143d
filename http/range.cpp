#include "http/range.hpp"

#include "http/message.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace switchboard::http {

namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

/// Digits only; a number beyond 64 bit is as good as the largest.
std::optional<uint64_t> position(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  uint64_t value = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  (void)end;
  return problem == std::errc{} ? value : UINT64_MAX;
}

} // namespace

byte_range parse_range(std::string_view header, uint64_t total_bytes) {
  const byte_range whole{range_kind::whole, 0, total_bytes};
  auto equals = header.find('=');
  if (equals == std::string_view::npos || !same_name(trim(header.substr(0, equals)), "bytes"))
    return whole;
  auto spec = trim(header.substr(equals + 1));
  auto dash = spec.find('-');
  if (dash == std::string_view::npos)
    return whole;
  auto from = trim(spec.substr(0, dash)), to = trim(spec.substr(dash + 1));
  auto first = position(from), last = position(to);
  if ((!from.empty() && !first) || (!to.empty() && !last) || (!first && !last))
    return whole;
  if (!first) { // the last n bytes
    const uint64_t size = std::min(*last, total_bytes);
    if (size == 0)
      return {range_kind::unsatisfiable, 0, 0};
    return {range_kind::part, total_bytes - size, size};
  }
  if (last && *last < *first)
    return whole;
  if (*first >= total_bytes)
    return {range_kind::unsatisfiable, 0, 0};
  const uint64_t end = last ? std::min(*last, total_bytes - 1) : total_bytes - 1;
  return {range_kind::part, *first, end - *first + 1};
}

} // namespace switchboard::http
