#include "storage/sqlite_rows.hpp"
#include "storage/sqlite_store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <unordered_map>

namespace switchboard::storage::sqlite {
namespace {

using index_by_id = std::unordered_map<std::string, size_t>;

/// "?, ?, ..." for `count` values, rounded up to a power of two so that few texts are in use.
std::string placeholders(size_t count, size_t& rounded) {
  rounded = 1;
  while (rounded < count) {
    rounded *= 2;
  }
  std::string text = "?";
  for (size_t i = 1; i < rounded; ++i) {
    text += ", ?";
  }
  return text;
}

/// Reads the rows of one table that belong to the calls of `index`; unused places stay NULL and
/// match nothing.
template <class Reader, class Sink>
void read_children(connection& db, const index_by_id& index, const std::string& select,
                   const char* order, Reader read, Sink sink) {
  size_t rounded = 0;
  running children(db.prepare(select + " WHERE call_id IN (" + placeholders(index.size(), rounded) +
                              ") ORDER BY " + order));
  binder bind(*children);
  for (const auto& one : index) {
    bind << one.first;
  }
  while (children->executeStep()) {
    auto row = read(*children);
    if (auto at = index.find(row.call_id); at != index.end()) {
      sink(at->second, std::move(row));
    }
  }
}

std::string select(const char* columns, const char* table) {
  return std::string("SELECT ") + columns + " FROM " + table;
}

/// Ends a reader's snapshot.
class snapshot {
public:
  explicit snapshot(connection& db) : db_(db), own_(!db.in_transaction()) {
    if (own_) {
      db_.run("BEGIN");
    }
  }
  ~snapshot() {
    try {
      if (own_ && db_.in_transaction()) {
        db_.run("ROLLBACK"); // nothing was changed
      }
    } catch (const std::exception&) {
      return; // the next statement will say so
    }
  }
  snapshot(const snapshot&) = delete;
  snapshot& operator=(const snapshot&) = delete;

private:
  connection& db_;
  bool own_;
};

} // namespace

std::optional<call_row> find_call(connection& db, const char* column, const std::string& key) {
  running find(db.prepare(select(call_columns, "calls") + " WHERE " + column + " = ?"));
  binder(*find) << key;
  if (!find->executeStep()) {
    return std::nullopt;
  }
  return read_call(*find);
}

void read_relations(connection& db, std::vector<call_details>& calls,
                    const std::function<bool(const call_row&)>& call_only) {
  index_by_id index;
  for (size_t i = 0; i < calls.size(); ++i) {
    if (!call_only || !call_only(calls[i].call)) {
      index.emplace(calls[i].call.id, i);
    }
  }
  if (index.empty()) {
    return;
  }
  read_children(db, index, select(recording_columns, "recordings"), "seq", read_recording,
                [&](size_t i, recording_row x) { calls[i].recordings.push_back(std::move(x)); });
  read_children(db, index, select(transcript_columns, "transcripts"), "call_id, start_time_s, seq",
                read_transcript,
                [&](size_t i, transcript_row x) { calls[i].transcripts.push_back(std::move(x)); });
  read_children(db, index, select(analytics_columns, "analytics"), "call_id, snapshot_time, seq",
                read_analytics,
                [&](size_t i, analytics_row x) { calls[i].analytics.push_back(std::move(x)); });
  read_children(db, index, select(metadata_columns, "call_metadata"), "seq", read_metadata,
                [&](size_t i, metadata_row x) { calls[i].metadata = std::move(x); });
}

template <class T, class Work>
result<T> sqlite_store::query(const char* what, Work work) {
  if (db_->past_deadline()) {
    return {storage_error::busy, std::string(what) + ": past the deadline"};
  }
  try {
    const snapshot all_of_one_moment(*db_);
    return work();
  } catch (const SQLite::Exception& e) {
    return {error_of(e), std::string(what) + ": " + e.what()};
  }
}

result<call_page> sqlite_store::search_calls(const call_query& x) {
  return query<call_page>("search_calls", [&]() -> result<call_page> { return search(*db_, x); });
}

result<call_row> sqlite_store::get_call(const char* column, const std::string& key) {
  return query<call_row>("get_call", [&]() -> result<call_row> {
    auto row = find_call(*db_, column, key);
    if (!row) {
      return {storage_error::not_found, "no call " + key};
    }
    return std::move(*row);
  });
}

result<call_row> sqlite_store::get_call_by_id(const std::string& id) {
  return get_call("id", id);
}

result<call_row> sqlite_store::get_call_by_sid(const std::string& call_sid) {
  return get_call("call_sid", call_sid);
}

result<call_details> sqlite_store::get_call_with_details(const std::string& id) {
  return query<call_details>("get_call_with_details", [&]() -> result<call_details> {
    auto row = find_call(*db_, "id", id);
    if (!row) {
      return {storage_error::not_found, "no call " + id};
    }
    std::vector<call_details> calls(1);
    calls.front().call = std::move(*row);
    read_relations(*db_, calls, nullptr);
    return std::move(calls.front());
  });
}

result<std::vector<call_row>> sqlite_store::get_active_calls() {
  using rows = std::vector<call_row>;
  return query<rows>("get_active_calls", [&]() -> result<rows> {
    running find(db_->prepare(select(call_columns, "calls") +
                              " WHERE status = 'active' ORDER BY created_at, seq"));
    rows found;
    while (find->executeStep()) {
      found.push_back(read_call(*find));
    }
    return found;
  });
}

result<analytics_aggregate> sqlite_store::get_analytics_aggregate(std::optional<wall_ms> from,
                                                                  std::optional<wall_ms> to) {
  return query<analytics_aggregate>(
      "get_analytics_aggregate",
      [&]() -> result<analytics_aggregate> { return aggregate(*db_, from, to); });
}

result<std::vector<time_series_point>>
sqlite_store::get_analytics_time_series(std::optional<wall_ms> from, std::optional<wall_ms> to,
                                        bucket width) {
  using points = std::vector<time_series_point>;
  return query<points>("get_analytics_time_series",
                       [&]() -> result<points> { return time_series(*db_, from, to, width); });
}

result<std::vector<erasure>> sqlite_store::get_erasures(wall_ms erased_since, int64_t limit) {
  using rows = std::vector<erasure>;
  return query<rows>("get_erasures",
                     [&]() -> result<rows> { return find_erasures(*db_, erased_since, limit); });
}

result<std::vector<std::string>> sqlite_store::get_ended_before(wall_ms created_before,
                                                                int64_t limit) {
  using ids = std::vector<std::string>;
  return query<ids>("get_ended_before", [&]() -> result<ids> {
    return find_ended_before(*db_, created_before, limit);
  });
}

} // namespace switchboard::storage::sqlite
