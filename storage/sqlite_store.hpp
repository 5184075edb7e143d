#pragma once

#include "storage/call_store.hpp"
#include "storage/sqlite_connection.hpp"

#include <memory>
#include <string>
#include <vector>

namespace switchboard::storage::sqlite {

/// call_store over one connection. Its parts: sqlite_store.cpp (transactions), sqlite_changes.cpp,
/// sqlite_queries.cpp, call_search.cpp, call_figures.cpp.
class sqlite_store final : public call_store {
public:
  explicit sqlite_store(std::unique_ptr<connection> db) : db_(std::move(db)) {}
  ~sqlite_store() override;

  result<nothing> begin() override;
  result<nothing> commit() override;
  void rollback() override;

  result<call_row> create_call(const call_row&, wall_ms now) override;
  result<call_row> update_call(const std::string& id, const call_update&, wall_ms now) override;
  result<recording_row> create_recording(const recording_row&, wall_ms now) override;
  result<transcript_row> create_transcript(const transcript_row&, wall_ms now) override;
  result<analytics_row> create_analytics(const analytics_row&, wall_ms now) override;
  result<metadata_row> create_or_update_metadata(const metadata_row&, wall_ms now) override;

  result<erasure> begin_erasure(const std::string& id, const std::string& by, wall_ms now) override;
  result<nothing> finish_erasure(const std::string& id, wall_ms now) override;
  result<bool> forget_words(bool first) override;
  result<nothing> try_write() override;
  result<nothing> checkpoint() override;

  void set_deadline(std::chrono::steady_clock::time_point) override;
  result<call_page> search_calls(const call_query&) override;
  result<call_row> get_call_by_id(const std::string& id) override;
  result<call_row> get_call_by_sid(const std::string& call_sid) override;
  result<call_details> get_call_with_details(const std::string& id) override;
  result<std::vector<call_row>> get_active_calls() override;
  result<std::vector<erasure>> get_erasures(wall_ms erased_since, int64_t limit) override;
  result<std::vector<std::string>> get_ended_before(wall_ms created_before, int64_t limit) override;
  result<analytics_aggregate> get_analytics_aggregate(std::optional<wall_ms> from,
                                                      std::optional<wall_ms> to) override;
  result<std::vector<time_series_point>> get_analytics_time_series(std::optional<wall_ms> from,
                                                                   std::optional<wall_ms> to,
                                                                   bucket) override;

private:
  /// Runs a change in a savepoint of the open group, or in a transaction of its own.
  template <class T, class Work>
  result<T> change(const char* what, Work work);
  /// Runs a query on one snapshot.
  template <class T, class Work>
  result<T> query(const char* what, Work work);
  result<call_row> get_call(const char* column, const std::string& key);

  void open_scope();
  void close_scope();
  void undo_scope() noexcept;
  bool group_lost() const;

  std::unique_ptr<connection> db_;
  bool in_group_ = false;                       ///< between begin() and commit() or rollback()
  storage_error lost_to_ = storage_error::none; ///< why SQLite ended the group by itself
};

/// The call whose `column` is `key`.
std::optional<call_row> find_call(connection&, const char* column, const std::string& key);

// erasure.cpp
result<erasure> start_erasure(connection&, const std::string& id, const std::string& by,
                              wall_ms now);
void end_erasure(connection&, const std::string& id, wall_ms now);
bool merge_search_indexes(connection&, bool first);
std::vector<erasure> find_erasures(connection&, wall_ms erased_since, int64_t limit);
std::vector<std::string> find_ended_before(connection&, wall_ms created_before, int64_t limit);

/// Fills in the relations of `calls` (each with its `call` set), but for those of which `call_only`
/// says true: one statement for each table.
void read_relations(connection&, std::vector<call_details>& calls,
                    const std::function<bool(const call_row&)>& call_only);

call_page search(connection&, const call_query&);
/// Calls created in the range, by what triggers have counted; status: only those.
int64_t count_calls(connection&, std::optional<wall_ms> from, std::optional<wall_ms> to,
                    std::optional<call_status> status);
analytics_aggregate aggregate(connection&, std::optional<wall_ms> from, std::optional<wall_ms> to);
std::vector<time_series_point> time_series(connection&, std::optional<wall_ms> from,
                                           std::optional<wall_ms> to, bucket);

} // namespace switchboard::storage::sqlite
