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

/// Open ends as numbers, so that one statement serves every range.
void bind_range(binder& bind, std::optional<wall_ms> from, std::optional<wall_ms> to) {
  bind << from.value_or(std::numeric_limits<int64_t>::min())
       << to.value_or(std::numeric_limits<int64_t>::max());
}

std::optional<double> average(int64_t sum, int64_t count) {
  return count > 0 ? std::optional<double>(static_cast<double>(sum) / static_cast<double>(count))
                   : std::nullopt;
}

void count_calls(connection& db, std::optional<wall_ms> from, std::optional<wall_ms> to,
                 analytics_aggregate& out) {
  running counted(db.prepare("SELECT status, count(*), total(duration_s), count(duration_s)"
                             " FROM calls WHERE created_at BETWEEN ? AND ?"
                             " GROUP BY status ORDER BY status"));
  binder bind(*counted);
  bind_range(bind, from, to);
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
void count_sentiments(connection& db, std::optional<wall_ms> from, std::optional<wall_ms> to,
                      analytics_aggregate& out) {
  const bool ranged = from || to;
  running counted(
      db.prepare(ranged ? "SELECT sentiment, count(*) FROM calls"
                          " JOIN analytics ON analytics.call_id = calls.id"
                          " WHERE calls.created_at BETWEEN ? AND ? AND sentiment IS NOT NULL"
                          " GROUP BY sentiment ORDER BY sentiment"
                        : "SELECT sentiment, count(*) FROM analytics WHERE sentiment IS NOT NULL"
                          " GROUP BY sentiment ORDER BY sentiment"));
  if (ranged) {
    binder bind(*counted);
    bind_range(bind, from, to);
  }
  while (counted->executeStep()) {
    out.sentiment_breakdown.emplace_back(counted->getColumn(0).getString(),
                                         counted->getColumn(1).getInt64());
  }
}

} // namespace

analytics_aggregate aggregate(connection& db, std::optional<wall_ms> from,
                              std::optional<wall_ms> to) {
  analytics_aggregate out;
  count_calls(db, from, to, out);
  count_sentiments(db, from, to, out);
  return out;
}

std::vector<time_series_point> time_series(connection& db, std::optional<wall_ms> from,
                                           std::optional<wall_ms> to, bucket width) {
  const int64_t width_ms =
      width == bucket::hour ? hour_ms : (width == bucket::day ? day_ms : 7 * day_ms);
  const int64_t origin_ms = width == bucket::week ? first_sunday_ms : 0;
  // SQL's % has the sign of its left side; instants before 1970 need the second one.
  running counted(
      db.prepare("SELECT created_at - ((created_at - ?1) % ?2 + ?2) % ?2 AS start, count(*),"
                 " avg(duration_s) FROM calls WHERE created_at BETWEEN ?3 AND ?4"
                 " GROUP BY start ORDER BY start"));
  binder bind(*counted);
  bind << origin_ms << width_ms;
  bind_range(bind, from, to);
  std::vector<time_series_point> points;
  while (counted->executeStep()) {
    auto& point = points.emplace_back();
    point.bucket_start = counted->getColumn(0).getInt64();
    point.call_count = counted->getColumn(1).getInt64();
    if (!counted->isColumnNull(2)) {
      point.average_duration_s = counted->getColumn(2).getDouble();
    }
  }
  return points;
}

} // namespace switchboard::storage::sqlite
