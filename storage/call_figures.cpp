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

/// Calls summed up: of an hour and a status, of a status, or one call.
struct call_sum {
  int64_t at = 0; ///< the hour's start, or the call's created_at
  int64_t calls = 0;
  int64_t seconds = 0;
  int64_t timed = 0; ///< calls that have a duration
};

/// The calls of a cut range (?1 to ?6), summed up as far as the rollups go.
const std::string summed_calls =
    "(SELECT status, calls, seconds, timed FROM call_hours"
    " WHERE hour_start BETWEEN ?1 AND ?2 UNION ALL"
    " SELECT status, 1, coalesce(duration_s, 0), duration_s IS NOT NULL FROM calls"
    " WHERE created_at BETWEEN ?3 AND ?4 UNION ALL"
    " SELECT status, 1, coalesce(duration_s, 0), duration_s IS NOT NULL FROM calls"
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

/// @param status_and_sums gives status, calls, seconds, timed.
void add_calls(SQLite::Statement& status_and_sums, analytics_aggregate& out) {
  int64_t seconds = 0;
  int64_t timed = 0;
  while (status_and_sums.executeStep()) {
    const auto status = status_from(status_and_sums.getColumn(0).getString());
    const auto calls = status_and_sums.getColumn(1).getInt64();
    out.calls_by_status.emplace_back(status.value_or(call_status::failed), calls);
    out.total_calls += calls;
    seconds += status_and_sums.getColumn(2).getInt64();
    timed += status_and_sums.getColumn(3).getInt64();
  }
  out.average_duration_s = average(seconds, timed);
}

void count_calls(connection& db, const std::optional<cut_range>& range, analytics_aggregate& out) {
  if (!range) {
    running counted(db.prepare("SELECT status, calls, seconds, timed FROM call_totals"
                               " WHERE calls > 0 ORDER BY status"));
    return add_calls(*counted, out);
  }
  running counted(db.prepare("SELECT status, sum(calls), sum(seconds), sum(timed) FROM " +
                             summed_calls + " GROUP BY status ORDER BY status"));
  binder bind(*counted);
  bind_cut(bind, *range);
  add_calls(*counted, out);
}

/// Counts the snapshots of the calls in the range.
void count_sentiments(connection& db, const std::optional<cut_range>& range,
                      analytics_aggregate& out) {
  running counted(db.prepare(range ? "SELECT sentiment, sum(snapshots) FROM " + summed_snapshots +
                                         " GROUP BY sentiment ORDER BY sentiment"
                                   : std::string("SELECT sentiment, snapshots FROM sentiment_totals"
                                                 " WHERE snapshots > 0 ORDER BY sentiment")));
  if (range) {
    binder bind(*counted);
    bind_cut(bind, *range);
  }
  while (counted->executeStep()) {
    out.sentiment_breakdown.emplace_back(counted->getColumn(0).getString(),
                                         counted->getColumn(1).getInt64());
  }
}

/// The range, if it is one: without any the totals answer.
std::optional<cut_range> cut_if_any(std::optional<wall_ms> from, std::optional<wall_ms> to) {
  return from || to ? std::optional<cut_range>(cut(from, to)) : std::nullopt;
}

/// Adds up sums that come in the order of their instants, bucket by bucket.
class series {
public:
  series(int64_t origin_ms, int64_t width_ms) : origin_ms_(origin_ms), width_ms_(width_ms) {}

  void add(const call_sum& x) {
    const auto into = (x.at - origin_ms_) % width_ms_; // with the sign of its left side
    const auto start = x.at - (into < 0 ? into + width_ms_ : into);
    if (points_.empty() || points_.back().bucket_start != start) {
      finish();
      points_.emplace_back().bucket_start = start;
    }
    points_.back().call_count += x.calls;
    seconds_ += x.seconds;
    timed_ += x.timed;
  }
  std::vector<time_series_point> take() {
    finish();
    return std::move(points_);
  }

private:
  void finish() {
    if (!points_.empty()) {
      points_.back().average_duration_s = average(seconds_, timed_);
    }
    seconds_ = timed_ = 0;
  }

  int64_t origin_ms_;
  int64_t width_ms_;
  std::vector<time_series_point> points_;
  int64_t seconds_ = 0;
  int64_t timed_ = 0;
};

const char* const sums_by_hour = "SELECT hour_start, calls, seconds, timed FROM call_hours"
                                 " WHERE hour_start BETWEEN ? AND ? ORDER BY hour_start";
const char* const sums_by_call = "SELECT created_at, 1, coalesce(duration_s, 0),"
                                 " duration_s IS NOT NULL FROM calls"
                                 " WHERE created_at BETWEEN ? AND ? ORDER BY created_at";

void add_sums(connection& db, const char* sql, const cut_range::span& range, series& out) {
  if (range.from > range.to) {
    return;
  }
  running sums(db.prepare(sql));
  binder(*sums) << range.from << range.to;
  while (sums->executeStep()) {
    out.add({sums->getColumn(0).getInt64(), sums->getColumn(1).getInt64(),
             sums->getColumn(2).getInt64(), sums->getColumn(3).getInt64()});
  }
}

} // namespace

int64_t count_calls(connection& db, std::optional<wall_ms> from, std::optional<wall_ms> to,
                    std::optional<call_status> status) {
  analytics_aggregate sums;
  count_calls(db, cut_if_any(from, to), sums);
  int64_t found = 0;
  for (const auto& [one, calls] : sums.calls_by_status) {
    found += !status || *status == one ? calls : 0;
  }
  return found;
}

analytics_aggregate aggregate(connection& db, std::optional<wall_ms> from,
                              std::optional<wall_ms> to) {
  analytics_aggregate out;
  const auto range = cut_if_any(from, to);
  count_calls(db, range, out);
  count_sentiments(db, range, out);
  return out;
}

std::vector<time_series_point> time_series(connection& db, std::optional<wall_ms> from,
                                           std::optional<wall_ms> to, bucket width) {
  const int64_t width_ms =
      width == bucket::hour ? hour_ms : (width == bucket::day ? day_ms : 7 * day_ms);
  series points(width == bucket::week ? first_sunday_ms : 0, width_ms);
  const auto range = cut(from, to);
  add_sums(db, sums_by_call, range.head, points);
  add_sums(db, sums_by_hour, range.hours, points);
  add_sums(db, sums_by_call, range.tail, points);
  return points.take();
}

} // namespace switchboard::storage::sqlite
