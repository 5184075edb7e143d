#define CAF_SUITE rollups
#define FAIL CAF_FAIL
#include "tests/storage/rollup_scan.hpp"
#include "tests/storage/store_fixture.hpp"

#include <random>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::storage;

namespace {

constexpr wall_ms hour = 3'600'000;
constexpr wall_ms sunday = 1795305600000; // 2026-11-22T00:00:00Z

struct fixture : test::store_fixture {
  SQLite::Database raw{path, SQLite::OPEN_READWRITE};
  fixture() { raw.exec("PRAGMA foreign_keys=ON"); }

  int64_t total(const call_query& query) {
    const auto page = store->search_calls(query);
    CAF_REQUIRE(page);
    return page->total;
  }
  int64_t counted(std::optional<wall_ms> from, std::optional<wall_ms> to) {
    const auto sums = store->get_analytics_aggregate(from, to);
    CAF_REQUIRE(sums);
    return sums->total_calls;
  }

  /// Whether the rollups say what a scan of all rows says.
  void check_in_step() { CAF_CHECK_EQUAL(test::kept_sums(raw), test::scanned_sums(raw)); }

  static std::string scan(const std::string& from, const std::string& to) {
    return "SELECT count(*) FROM calls WHERE created_at BETWEEN " + from + " AND " + to;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(rollups_tests, fixture)

CAF_TEST(rollups follow inserts and updates and deletes) {
  const auto first = add("CA1", sunday + 5);
  const auto second = add("CA2", sunday + hour);
  add("CA3", -1);
  feel(first, "positive");
  feel(first, "positive");
  feel(second, "negative");
  check_in_step();
  call_update end;
  end.status = call_status::completed;
  end.duration_s = 12;
  CAF_REQUIRE(store->update_call(first.id, end, sunday));
  check_in_step();
  raw.exec("UPDATE analytics SET sentiment = 'neutral' WHERE seq = 1");
  raw.exec("UPDATE analytics SET sentiment = NULL WHERE seq = 2");
  check_in_step();
  raw.exec("UPDATE analytics SET call_id = '" + second.id + "'");
  check_in_step();
  raw.exec("UPDATE calls SET created_at = created_at - 7200000, duration_s = 9");
  check_in_step();
  raw.exec("DELETE FROM analytics WHERE seq = 1");
  check_in_step();
  raw.exec("DELETE FROM calls WHERE call_sid = 'CA2'");
  check_in_step();
  raw.exec("DELETE FROM calls");
  check_in_step();
  CAF_CHECK_EQUAL(test::text_of(raw, "SELECT * FROM call_hours"), "");
  CAF_CHECK_EQUAL(test::text_of(raw, "SELECT * FROM sentiment_hours"), "");
}

CAF_TEST(every range counts what a scan counts) {
  std::mt19937 random{4711}; // any seed
  std::uniform_int_distribution<wall_ms> within{-3 * hour, 3 * hour};
  CAF_REQUIRE(store->begin());
  for (int i = 0; i < 300; ++i) {
    add("CA" + std::to_string(i), sunday + within(random) / 1000 * 1000);
  }
  CAF_REQUIRE(store->commit());
  std::vector<wall_ms> edges{sunday, sunday - 1, sunday + 1, sunday + hour, sunday + hour - 1};
  for (int i = 0; i < 12; ++i) {
    edges.push_back(sunday + within(random));
  }
  for (auto from : edges) {
    for (auto to : edges) {
      const auto expected =
          raw.execAndGet(scan(std::to_string(from), std::to_string(to))).getInt64();
      CAF_CHECK_EQUAL(counted(from, to), expected);
      call_query query;
      query.created_from = from;
      query.created_to = to;
      CAF_CHECK_EQUAL(total(query), expected);
      int64_t in_series = 0;
      const auto series = store->get_analytics_time_series(from, to, bucket::hour);
      for (const auto& point : *series) {
        in_series += point.call_count;
      }
      CAF_CHECK_EQUAL(in_series, expected);
    }
    const auto open_end = raw.execAndGet(scan(std::to_string(from), "9e18")).getInt64();
    CAF_CHECK_EQUAL(counted(from, {}), open_end);
    const auto open_start = raw.execAndGet(scan("-9e18", std::to_string(from))).getInt64();
    CAF_CHECK_EQUAL(counted({}, from), open_start);
  }
}

CAF_TEST(a total by status is exact) {
  add("CA1", sunday);
  call_update end;
  end.status = call_status::failed;
  store->update_call(add("CA2", sunday).id, end, sunday);
  call_query query;
  query.status = call_status::failed;
  CAF_CHECK_EQUAL(total(query), 1);
  query.status = call_status::completed;
  CAF_CHECK_EQUAL(total(query), 0);
  CAF_CHECK_EQUAL(total({}), 2);
}

CAF_TEST_FIXTURE_SCOPE_END()
