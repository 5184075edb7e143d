#define CAF_SUITE call_figures
#define FAIL CAF_FAIL
#include "storage/call_store.hpp"
#include "tests/storage/store_fixture.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::storage;

namespace {

// `date -u -d ... +%s`
constexpr wall_ms saturday_2359 = 1795305540000; // 2026-11-21T23:59:00Z
constexpr wall_ms sunday = 1795305600000;        // 2026-11-22T00:00:00Z
constexpr wall_ms hour = 3'600'000;
constexpr wall_ms day = 24 * hour;

struct fixture : test::store_fixture {
  void ended(const std::string& sid, wall_ms created, call_status status,
             std::optional<int64_t> duration) {
    const auto row = add(sid, created);
    call_update end;
    end.status = status;
    end.duration_s = duration;
    store->update_call(row.id, end, created);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(call_figures_tests, fixture)

CAF_TEST(no calls give zero and no average) {
  const auto got = store->get_analytics_aggregate({}, {});
  CAF_REQUIRE(got);
  CAF_CHECK_EQUAL(got->total_calls, 0);
  CAF_CHECK(!got->average_duration_s);
  CAF_CHECK(got->calls_by_status.empty());
  CAF_CHECK(got->sentiment_breakdown.empty());
  CAF_CHECK(store->get_analytics_time_series({}, {}, bucket::day)->empty());
}

CAF_TEST(aggregates count calls by status and snapshots by sentiment) {
  ended("CA1", sunday, call_status::completed, 10);
  ended("CA2", sunday, call_status::completed, 21);
  ended("CA3", sunday + day, call_status::failed, {});
  const auto active = add("CA4", sunday + 2 * day);
  feel(active, "positive");
  feel(active, "positive");
  feel(*store->get_call_by_sid("CA1"), "negative");
  analytics_row silent;
  silent.call_id = active.id;
  store->create_analytics(silent, 1);
  const auto got = store->get_analytics_aggregate({}, {});
  CAF_REQUIRE(got);
  CAF_CHECK_EQUAL(got->total_calls, 4);
  CAF_CHECK(got->average_duration_s == 15.5);
  using by_status = std::vector<std::pair<call_status, int64_t>>;
  CAF_CHECK(
      got->calls_by_status ==
      (by_status{{call_status::active, 1}, {call_status::completed, 2}, {call_status::failed, 1}}));
  using by_name = std::vector<std::pair<std::string, int64_t>>;
  CAF_CHECK(got->sentiment_breakdown == (by_name{{"negative", 1}, {"positive", 2}}));

  const auto later = store->get_analytics_aggregate(sunday + day, sunday + 2 * day);
  CAF_REQUIRE(later);
  CAF_CHECK_EQUAL(later->total_calls, 2);
  CAF_CHECK(!later->average_duration_s);
  CAF_CHECK(later->sentiment_breakdown == (by_name{{"positive", 2}}));
  CAF_CHECK(store->get_analytics_aggregate({}, sunday - 1)->total_calls == 0);
}

CAF_TEST(weeks begin on Sunday in UTC) {
  ended("CA1", saturday_2359, call_status::completed, 4);
  ended("CA2", sunday, call_status::completed, 5);
  ended("CA3", sunday + 7 * day - 1, call_status::completed, 8);
  ended("CA4", sunday + 7 * day, call_status::failed, {});
  const auto weeks = store->get_analytics_time_series({}, {}, bucket::week);
  CAF_REQUIRE(weeks);
  CAF_REQUIRE_EQUAL(weeks->size(), 3u);
  CAF_CHECK_EQUAL((*weeks)[0].bucket_start, sunday - 7 * day);
  CAF_CHECK_EQUAL((*weeks)[1].bucket_start, sunday);
  CAF_CHECK_EQUAL((*weeks)[1].call_count, 2);
  CAF_CHECK((*weeks)[1].average_duration_s == 6.5);
  CAF_CHECK_EQUAL((*weeks)[2].bucket_start, sunday + 7 * day);
  CAF_CHECK(!(*weeks)[2].average_duration_s);
}

CAF_TEST(hours and days are buckets without empty ones) {
  add("CA1", sunday + hour - 1);
  add("CA2", sunday + hour);
  add("CA3", sunday + 25 * hour);
  const auto hours = store->get_analytics_time_series({}, {}, bucket::hour);
  CAF_REQUIRE(hours);
  CAF_REQUIRE_EQUAL(hours->size(), 3u);
  CAF_CHECK_EQUAL((*hours)[1].bucket_start, sunday + hour);
  const auto days = store->get_analytics_time_series({}, {}, bucket::day);
  CAF_REQUIRE(days);
  CAF_REQUIRE_EQUAL(days->size(), 2u);
  CAF_CHECK_EQUAL((*days)[0].call_count, 2);
  const auto part = store->get_analytics_time_series(sunday + hour, sunday + day, bucket::day);
  CAF_REQUIRE_EQUAL(part->size(), 1u);
  CAF_CHECK_EQUAL(part->front().call_count, 1);
}

CAF_TEST(instants before 1970 fall into their buckets too) {
  add("CA1", -1);
  add("CA2", -day);
  const auto days = store->get_analytics_time_series({}, {}, bucket::day);
  CAF_REQUIRE_EQUAL(days->size(), 1u);
  CAF_CHECK_EQUAL(days->front().bucket_start, -day);
  const auto weeks = store->get_analytics_time_series({}, {}, bucket::week);
  CAF_REQUIRE_EQUAL(weeks->size(), 1u);
  CAF_CHECK_EQUAL(weeks->front().bucket_start, -4 * day); // Sunday 1969-12-28
}

CAF_TEST_FIXTURE_SCOPE_END()
