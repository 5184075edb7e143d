#pragma once

#include "storage/records.hpp"
#include "storage/storage_error.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace switchboard::storage {

/// The database in the domain's words (SQLite behind it, hidden). One object is one connection and
/// belongs to one thread at a time. Nothing throws; errors come back as storage_error.
///
/// The writer groups what arrives within a few milliseconds: begin(), any number of changes,
/// commit(). A failed change inside a group is undone alone (savepoint), the others stay.
class call_store {
public:
  virtual ~call_store() = default;

  // -- transactions (writer) ----------------------------------------------------------------------
  virtual result<nothing> begin() = 0;
  virtual result<nothing> commit() = 0;
  virtual void rollback() = 0;

  // -- changes (writer) -----------------------------------------------------------------------
  /// Creates the row; `id` empty = a new UUID; created_at/updated_at are set to `now`. If a row
  /// with the same call_sid exists, answers that row unchanged (webhook retries).
  virtual result<call_row> create_call(const call_row&, wall_ms now) = 0;
  /// @returns the row after the change; not_found; with only_if_active and an ended call: the row
  ///          unchanged (compare `status`).
  virtual result<call_row> update_call(const std::string& id, const call_update&, wall_ms now) = 0;
  virtual result<recording_row> create_recording(const recording_row&, wall_ms now) = 0;
  /// Inserts or, if a row with this id exists, replaces text, times, confidence and version; an
  /// older version changes nothing. A row that is `removed` is deleted. @returns the row as told.
  virtual result<transcript_row> create_transcript(const transcript_row&, wall_ms now) = 0;
  /// Inserts or, if the call has a row with this id, replaces sentiment, score and metrics: what is
  /// known of a call later than its figures.
  virtual result<analytics_row> create_analytics(const analytics_row&, wall_ms now) = 0;
  virtual result<metadata_row> create_or_update_metadata(const metadata_row&, wall_ms now) = 0;

  // -- erasure (writer): files go between the two ---------------------------------------------
  /// Writes down that the call is to be erased, and by whom; it stays visible until the end. Asked
  /// again, the first request stands.
  /// @returns what to remove; not_found; still_active.
  virtual result<erasure> begin_erasure(const std::string& id, const std::string& by,
                                        wall_ms now) = 0;
  /// Removes row, relations and index entries. The intent stays as erased for
  /// defaults::storage::erasure_kept_ms.
  virtual result<nothing> finish_erasure(const std::string& id, wall_ms now) = 0;

  /// One step of taking the words of erased calls out of the search index's part of the file, where
  /// they are dead but still written: merges a bounded number of pages.
  /// @param first begins anew with the whole index.
  /// @returns whether there is more to do.
  virtual result<bool> forget_words(bool first) = 0;

  /// Writes something that changes nothing, in a group of its caller's: fails as any write would.
  virtual result<nothing> try_write() { return nothing{}; }

  /// Takes what was committed into the database's file and empties the write-ahead log, as far as
  /// that goes without waiting for anybody.
  virtual result<nothing> checkpoint() = 0;

  // -- queries (readers; the deadline is kept by SQLite's progress handler) -------------------
  virtual void set_deadline(std::chrono::steady_clock::time_point) = 0;
  virtual result<call_page> search_calls(const call_query&) = 0;
  virtual result<call_row> get_call_by_id(const std::string& id) = 0;
  virtual result<call_row> get_call_by_sid(const std::string& call_sid) = 0;
  virtual result<call_details> get_call_with_details(const std::string& id) = 0;
  virtual result<std::vector<call_row>> get_active_calls() = 0;
  /// Erasures that are not finished, and those finished since then.
  virtual result<std::vector<erasure>> get_erasures(wall_ms erased_since, int64_t limit) = 0;
  /// Ids of ended calls created before that instant, oldest first.
  virtual result<std::vector<std::string>> get_ended_before(wall_ms created_before,
                                                            int64_t limit) = 0;
  virtual result<analytics_aggregate> get_analytics_aggregate(std::optional<wall_ms> from,
                                                              std::optional<wall_ms> to) = 0;
  virtual result<std::vector<time_series_point>>
  get_analytics_time_series(std::optional<wall_ms> from, std::optional<wall_ms> to, bucket) = 0;
};

struct store_options {
  std::string path;
  bool read_only = false;
  std::chrono::milliseconds busy_timeout{2000};
};

/// Opens (and, unless read_only, creates and migrates) the database.
result<std::unique_ptr<call_store>> open_call_store(const store_options&);

struct migration_status {
  int applied = 0;
  int latest = 0;
};
/// Applies all outstanding migrations; newer_schema when the file is ahead of this binary.
result<migration_status> migrate(const std::string& path);
result<migration_status> read_migration_status(const std::string& path);

/// A random UUID version 4 (RFC 4122) from the system's random source.
std::string make_uuid();

/// Holds the data directory for one process (flock on `switchboard.lock`); released on destruction.
class data_directory_lock {
public:
  static result<std::unique_ptr<data_directory_lock>> acquire(const std::string& directory);
  virtual ~data_directory_lock() = default;
};

} // namespace switchboard::storage
