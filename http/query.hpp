#pragma once

#include "http/form.hpp"
#include "storage/records.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What the API's query parameters mean. Pure. Of a repeated parameter the first counts; an empty
/// one is as good as absent.
namespace switchboard::http {

/// What JavaScript's parseInt(text, 10) gives: white space, a sign, leading digits.
struct parsed_int {
  bool number = false;   ///< false: NaN
  bool overflow = false; ///< beyond 64 bit; `value` is then the nearest
  int64_t value = 0;
};
parsed_int parse_int(std::string_view text);

struct query_error {
  const char* code; ///< INVALID_OFFSET, ...
  const char* message;
};

/// Parameters of GET /api/calls.
struct list_request {
  storage::call_query query;
  std::optional<query_error> error;
};
list_request parse_list_request(const form& query);

/// Parameters of GET /api/analytics.
struct analytics_request {
  std::optional<storage::wall_ms> from;
  std::optional<storage::wall_ms> to;
  storage::bucket interval = storage::bucket::day;
  std::optional<query_error> error;
};
analytics_request parse_analytics_request(const form& query);

} // namespace switchboard::http
