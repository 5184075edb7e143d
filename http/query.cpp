#include "http/query.hpp"

#include "http/wall_time.hpp"

#include <algorithm>
#include <limits>

namespace switchboard::http {

namespace {

constexpr int64_t limit_default = 10;
constexpr int64_t limit_max = 100;

/// White space as ECMAScript has it: the ASCII part, U+00A0, U+FEFF, U+2028 and U+2029.
std::string_view skip_space(std::string_view text) {
  constexpr std::string_view wide[] = {"\xC2\xA0", "\xEF\xBB\xBF", "\xE2\x80\xA8", "\xE2\x80\xA9"};
  for (;;) {
    if (!text.empty() && (text.front() == ' ' || (text.front() >= '\t' && text.front() <= '\r'))) {
      text.remove_prefix(1);
      continue;
    }
    auto hit = std::find_if(std::begin(wide), std::end(wide),
                            [&](std::string_view w) { return text.substr(0, w.size()) == w; });
    if (hit == std::end(wide))
      return text;
    text.remove_prefix(hit->size());
  }
}

int64_t limit_of(std::string_view text) {
  auto limit = parse_int(text);
  if (!limit.number || limit.value == 0)
    return limit_default;
  return std::clamp<int64_t>(limit.value, 1, limit_max);
}

std::optional<std::string> filter_of(const form& query, std::string_view name) {
  auto value = query.get(name);
  if (value.empty())
    return std::nullopt;
  return std::string{value};
}

std::optional<storage::wall_ms> instant_of(const form& query, std::string_view name) {
  return parse_iso(query.get(name));
}

bool read_status(std::string_view text, std::optional<storage::call_status>& out) {
  using storage::call_status;
  for (auto status : {call_status::active, call_status::completed, call_status::failed})
    if (text == storage::to_string(status))
      out = status;
  return text.empty() || out.has_value();
}

} // namespace

parsed_int parse_int(std::string_view text) {
  constexpr auto highest = std::numeric_limits<int64_t>::max();
  parsed_int result;
  text = skip_space(text);
  const bool minus = !text.empty() && text.front() == '-';
  if (!text.empty() && (minus || text.front() == '+'))
    text.remove_prefix(1);
  for (char c : text) {
    if (c < '0' || c > '9')
      break;
    result.number = true;
    const int64_t digit = c - '0';
    if (result.value > (highest - digit) / 10)
      result.overflow = true;
    result.value = result.overflow ? highest : result.value * 10 + digit;
  }
  if (minus)
    result.value = -result.value;
  return result;
}

list_request parse_list_request(const form& query) {
  list_request request;
  auto& wanted = request.query;
  wanted.limit = limit_of(query.get("limit"));
  auto offset = parse_int(query.get("offset"));
  if (offset.overflow && offset.value > 0)
    request.error = query_error{"INVALID_OFFSET", "offset is too large"};
  wanted.offset = std::max<int64_t>(0, offset.value);
  wanted.caller = filter_of(query, "caller");
  wanted.agent = filter_of(query, "agent");
  wanted.sentiment = filter_of(query, "sentiment");
  wanted.created_from = instant_of(query, "startDate");
  wanted.created_to = instant_of(query, "endDate");
  wanted.words = filter_of(query, "q");
  if (!read_status(query.get("status"), wanted.status) && !request.error)
    request.error = query_error{"INVALID_STATUS", "status must be active, completed or failed"};
  return request;
}

analytics_request parse_analytics_request(const form& query) {
  analytics_request request;
  request.from = instant_of(query, "startDate");
  request.to = instant_of(query, "endDate");
  auto interval = query.get("interval");
  if (interval == "hour")
    request.interval = storage::bucket::hour;
  else if (interval == "week")
    request.interval = storage::bucket::week;
  else if (!interval.empty() && interval != "day")
    request.error = query_error{"INVALID_INTERVAL", "interval must be hour, day or week"};
  return request;
}

} // namespace switchboard::http
