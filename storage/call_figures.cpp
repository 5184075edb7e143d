#include "storage/sqlite_rows.hpp"
#include "storage/sqlite_store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <limits>

namespace switchboard::storage::sqlite {
namespace {

constexpr int64_t hour_ms = 3'600'000;
constexpr int64_t day_ms = 24 * hour_ms;
/// The epoch was a Thursday; the first Sunday after it is 3 days on.
constexpr int64_t first_sunday_ms = 3 * day_ms;

/// A range of instants, cut into whole hours, which the rollups answer (migrations/0005), and what
/// is left before and behind them, which the index on created_at answers: an hour's calls at most.
struct cut_range {
  struct span {
    int64_t from = 1; ///< inclusive, like `to`; from > to is an empty one
    int64_t to = 0;
  };
  span hours; ///< of hour_start
  span head;
  span tail;
};

int64_t hour_of(int64_t instant) {
  return instant - ((instant % hour_ms) + hour_ms) % hour_ms;
}

cut_range cut(std::optional<wall_ms> from, std::optional<wall_ms> to) {
  cut_range x;
  // The first whole hour begins at or after `from`, the last one ends at or before `to`.
  const int64_t first = from ? hour_of(*from + hour_ms - 1) : std::numeric_limits<int64_t>::min();
  const int64_t end = to ? hour_of(*to + 1) : std::numeric_limits<int64_t>::max();
  if (first >= end) { // not one whole hour
    x.head = {*from, *to};
    return x;
  }
  x.hours = {first, end - 1};
  if (from) {
    x.head = {*from, first - 1};
  }
  if (to) {
    x.tail = {end, *to};
  }
  return x;
}

void bind_cut(binder& bind, const cut_range& x) {
  bind << x.hours.from << x.hours.to << x.head.from << x.head.to << x.tail.from << x.tail.to;
}

/// The calls of a cut range (?1 to ?6), summed up as far as the rollups go.
const std::string summed_calls =
    "(SELECT hour_start AS at, status, calls, seconds, timed FROM call_hours"
    " WHERE hour_start BETWEEN ?1 AND ?2 UNION ALL"
    " SELECT created_at, status, 1, coalesce(duration_s, 0), duration_s IS NOT NULL FROM calls"
    " WHERE created_at BETWEEN ?3 AND ?4 UNION ALL"
    " SELECT created_at, status, 1, coalesce(duration_s, 0), duration_s IS NOT NULL FROM calls"
    " WHERE created_at BETWEEN ?5 AND ?6)";

const std::string summed_snapshots =
    "(SELECT sentiment, snapshots FROM sentiment_hours WHERE hour_start BETWEEN ?1 AND ?2 UNION ALL"
    " SELECT sentiment, 1 FROM calls JOIN analytics ON analytics.call_id = calls.id"
    " WHERE calls.created_at BETWEEN ?3 AND ?4 AND sentiment IS NOT NULL UNION ALL"
    " SELECT sentiment, 1 FROM calls JOIN analytics ON analytics.call_id = calls.id"
    " WHERE calls.created_at BETWEEN ?5 AND ?6 AND sentiment IS NOT NULL)";

std::optional<double> average(int64_t sum, int64_t count) {
  return count > 0 ? std::optional<double>(static_cast<double>(sum) / static_cast<double>(count))
                   : std::nullopt;
}

void count_calls(connection& db, const cut_range& range, analytics_aggregate& out) {
  running counted(db.prepare("SELECT status, sum(calls), sum(seconds), sum(timed) FROM " +
                             summed_calls + " GROUP BY status ORDER BY status"));
  binder bind(*counted);
  bind_cut(bind, range);
  int64_t seconds = 0;
  int64_t timed = 0;
  while (counted->executeStep()) {
    const auto status = status_from(counted->getColumn(0).getString());
    const auto calls = counted->getColumn(1).getInt64();
    out.calls_by_status.emplace_back(status.value_or(call_status::failed), calls);
    out.total_calls += calls;
    seconds += counted->getColumn(2).getInt64();
    timed += counted->getColumn(3).getInt64();
  }
  out.average_duration_s = average(seconds, timed);
}

/// Counts the snapshots of the calls in the range.
void count_sentiments(connection& db, const cut_range& range, analytics_aggregate& out) {
  running counted(db.prepare("SELECT sentiment, sum(snapshots) FROM " + summed_snapshots +
                             " GROUP BY sentiment ORDER BY sentiment"));
  binder bind(*counted);
  bind_cut(bind, range);
  while (counted->executeStep()) {
    out.sentiment_breakdown.emplace_back(counted->getColumn(0).getString(),
                                         counted->getColumn(1).getInt64());
  }
}

} // namespace

int64_t count_calls(connection& db, std::optional<wall_ms> from, std::optional<wall_ms> to,
                    std::optional<call_status> status) {
  analytics_aggregate sums;
  count_calls(db, cut(from, to), sums);
  int64_t found = 0;
  for (const auto& [one, calls] : sums.calls_by_status) {
    found += !status || *status == one ? calls : 0;
  }
  return found;
}

analytics_aggregate aggregate(connection& db, std::optional<wall_ms> from,
                              std::optional<wall_ms> to) {
  analytics_aggregate out;
  const auto range = cut(from, to);
  count_calls(db, range, out);
  count_sentiments(db, range, out);
  return out;
}

std::vector<time_series_point> time_series(connection& db, std::optional<wall_ms> from,
                                           std::optional<wall_ms> to, bucket width) {
  const int64_t width_ms =
      width == bucket::hour ? hour_ms : (width == bucket::day ? day_ms : 7 * day_ms);
  const int64_t origin_ms = width == bucket::week ? first_sunday_ms : 0;
  // SQL's % has the sign of its left side; instants before 1970 need the second one.
  running counted(db.prepare("SELECT at - ((at - ?7) % ?8 + ?8) % ?8 AS start, sum(calls),"
                             " sum(seconds), sum(timed) FROM " +
                             summed_calls + " GROUP BY start ORDER BY start"));
  binder bind(*counted);
  bind_cut(bind, cut(from, to));
  bind << origin_ms << width_ms;
  std::vector<time_series_point> points;
  while (counted->executeStep()) {
    auto& point = points.emplace_back();
    point.bucket_start = counted->getColumn(0).getInt64();
    point.call_count = counted->getColumn(1).getInt64();
    point.average_duration_s =
        average(counted->getColumn(2).getInt64(), counted->getColumn(3).getInt64());
  }
  return points;
}

} // namespace switchboard::storage::sqlite
