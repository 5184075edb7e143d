#define CAF_SUITE query
#define FAIL CAF_FAIL

#include "http/query.hpp"
#include "http/wall_time.hpp"

#include <limits>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;

namespace {

int64_t limit_of(const char* query) {
  return parse_list_request(parse_form(query)).query.limit;
}

int64_t offset_of(const char* query) {
  return parse_list_request(parse_form(query)).query.offset;
}

std::string error_of(const char* query) {
  auto request = parse_list_request(parse_form(query));
  return request.error ? request.error->code : "";
}

std::string iso(storage::wall_ms instant) {
  std::string text;
  append_iso(text, instant);
  return text;
}

/// What a date means, written back; "-" if it is none.
std::string date(std::string_view text) {
  auto instant = parse_iso(text);
  return instant ? iso(*instant) : "-";
}

} // namespace

CAF_TEST(limit counts as JavaScript does and is clamped) {
  struct row {
    const char* query;
    int64_t limit;
  };
  for (auto [query, limit] : std::initializer_list<row>{{"", 10},
                                                        {"limit=", 10},
                                                        {"limit=0", 10},
                                                        {"limit=-0", 10},
                                                        {"limit=1", 1},
                                                        {"limit=100", 100},
                                                        {"limit=101", 100},
                                                        {"limit=-1", 1},
                                                        {"limit=-999", 1},
                                                        {"limit=abc", 10},
                                                        {"limit=7abc", 7},
                                                        {"limit=1e2", 1},
                                                        {"limit=0x10", 10},
                                                        {"limit=%2B5", 5},
                                                        {"limit=+5", 5},
                                                        {"limit=%09%0A%C2%A05", 5},
                                                        {"limit=5.9", 5},
                                                        {"limit=99999999999999999999", 100},
                                                        {"limit=-99999999999999999999", 1},
                                                        {"limit=5&limit=50", 5},
                                                        {"limit=%00", 10},
                                                        {"limit=%D9%A3", 10},
                                                        {"limit=--5", 10}}) {
    CAF_MESSAGE(query);
    CAF_CHECK_EQUAL(limit_of(query), limit);
    CAF_CHECK_EQUAL(error_of(query), "");
  }
}

CAF_TEST(offset is never negative and beyond 64 bit an error) {
  CAF_CHECK_EQUAL(offset_of(""), 0);
  CAF_CHECK_EQUAL(offset_of("offset=-5"), 0);
  CAF_CHECK_EQUAL(offset_of("offset=abc"), 0);
  CAF_CHECK_EQUAL(offset_of("offset=7abc"), 7);
  CAF_CHECK_EQUAL(offset_of("offset=9223372036854775807"), std::numeric_limits<int64_t>::max());
  CAF_CHECK_EQUAL(error_of("offset=9223372036854775807"), "");
  CAF_CHECK_EQUAL(error_of("offset=9223372036854775808"), "INVALID_OFFSET");
  CAF_CHECK_EQUAL(error_of("offset=1000000000000000000000000"), "INVALID_OFFSET");
  CAF_CHECK_EQUAL(offset_of("offset=-1000000000000000000000000"), 0);
  CAF_CHECK_EQUAL(error_of("offset=-1000000000000000000000000"), "");
}

CAF_TEST(filters are taken as they are and empty ones are none) {
  auto query = parse_list_request(parse_form("caller=%25_a&agent=&sentiment=P%C3%A9&q=a+b"
                                             "&status=completed"))
                   .query;
  CAF_CHECK_EQUAL(*query.caller, "%_a");
  CAF_CHECK(!query.agent);
  CAF_CHECK_EQUAL(*query.sentiment, "P\xC3\xA9");
  CAF_CHECK_EQUAL(*query.words, "a b");
  CAF_CHECK(*query.status == storage::call_status::completed);
  CAF_CHECK_EQUAL(error_of("status=nope"), "INVALID_STATUS");
  auto raw = parse_list_request(parse_form("caller=a%00b&agent=%FF")).query;
  CAF_CHECK_EQUAL(*raw.caller, (std::string{"a\0b", 3}));
  CAF_CHECK_EQUAL(*raw.agent, "\xFF");
}

CAF_TEST(dates are UTC and what is no date is none) {
  CAF_CHECK_EQUAL(date("2026-11-22"), "2026-11-22T00:00:00.000Z");
  CAF_CHECK_EQUAL(date("2026-11"), "2026-11-01T00:00:00.000Z");
  CAF_CHECK_EQUAL(date("2026"), "2026-01-01T00:00:00.000Z");
  CAF_CHECK_EQUAL(date("2026-11-22T10:00"), "2026-11-22T10:00:00.000Z");
  CAF_CHECK_EQUAL(date("2026-11-22T10:00:05.1239Z"), "2026-11-22T10:00:05.123Z");
  CAF_CHECK_EQUAL(date("2026-11-22T10:00:00+02:00"), "2026-11-22T08:00:00.000Z");
  CAF_CHECK_EQUAL(date("2026-11-22T10:00:00 02:00"), "2026-11-22T08:00:00.000Z");
  CAF_CHECK_EQUAL(date("2026-11-22T10:00:00-0530"), "2026-11-22T15:30:00.000Z");
  CAF_CHECK_EQUAL(date("2026-11-22t10:00:00z"), "2026-11-22T10:00:00.000Z");
  CAF_CHECK_EQUAL(date("2026-11-22 10:00:00"), "2026-11-22T10:00:00.000Z");
  CAF_CHECK_EQUAL(date("2026-11-22T24:00:00Z"), "2026-11-23T00:00:00.000Z");
  CAF_CHECK_EQUAL(date("2024-02-29"), "2024-02-29T00:00:00.000Z");
  CAF_CHECK_EQUAL(date("1969-12-31T23:59:59.999Z"), "1969-12-31T23:59:59.999Z");
  CAF_CHECK_EQUAL(date("0000-01-01"), "0000-01-01T00:00:00.000Z");
  for (auto bad : {"",
                   "abc",
                   "2026-13-01",
                   "2026-02-30",
                   "2025-02-29",
                   "2026-11-22T",
                   "10000-01-01",
                   "+012026-11-22",
                   "2026-11-22T10",
                   "2026-11-22T25:00:00Z",
                   "2026-11-22T10:60Z",
                   "2026-11-22T10:00:00.Z",
                   "2026-11-22T10:00:00Zx",
                   "2026-11-22T10:00:00+25:00",
                   "20261122",
                   "2026-11T10:00Z",
                   "2026-11-22T24:00:01Z",
                   "NaN",
                   "1e9",
                   "-2026"})
    CAF_CHECK_EQUAL(date(bad), "-");
  auto query = parse_list_request(parse_form("startDate=2026-11-22&endDate=tomorrow")).query;
  CAF_CHECK_EQUAL(iso(*query.created_from), "2026-11-22T00:00:00.000Z");
  CAF_CHECK(!query.created_to);
}

CAF_TEST(instants are written with milliseconds) {
  CAF_CHECK_EQUAL(iso(0), "1970-01-01T00:00:00.000Z");
  CAF_CHECK_EQUAL(iso(1795341600007), "2026-11-22T10:00:00.007Z");
  CAF_CHECK_EQUAL(iso(-1), "1969-12-31T23:59:59.999Z");
  CAF_CHECK_EQUAL(iso(std::numeric_limits<int64_t>::max()), "9999-12-31T23:59:59.999Z");
  CAF_CHECK_EQUAL(iso(std::numeric_limits<int64_t>::min()), "0000-01-01T00:00:00.000Z");
}

CAF_TEST(dates of headers go both ways) {
  CAF_CHECK_EQUAL(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  CAF_CHECK_EQUAL(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  const auto seconds = parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
  CAF_REQUIRE(seconds.has_value());
  CAF_CHECK_EQUAL(*seconds, 784111777);
  CAF_CHECK(!parse_http_date("Mon, 06 Nov 1994 08:49:37 GMT"));
  CAF_CHECK(!parse_http_date(""));
  CAF_CHECK(!parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"));
}

CAF_TEST(intervals of analytics are hour day and week) {
  CAF_CHECK(parse_analytics_request(parse_form("")).interval == storage::bucket::day);
  CAF_CHECK(parse_analytics_request(parse_form("interval=")).interval == storage::bucket::day);
  CAF_CHECK(parse_analytics_request(parse_form("interval=hour")).interval == storage::bucket::hour);
  CAF_CHECK(parse_analytics_request(parse_form("interval=week")).interval == storage::bucket::week);
  for (auto bad : {"interval=month", "interval=DAY", "interval=%00", "interval=day%20"}) {
    auto request = parse_analytics_request(parse_form(bad));
    CAF_REQUIRE(request.error.has_value());
    CAF_CHECK_EQUAL(std::string{request.error->code}, "INVALID_INTERVAL");
  }
}
