#pragma once

#include "storage/storage_error.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace SQLite {
class Database;
class Exception;
class Statement;
} // namespace SQLite

/// What of SQLite storage/ uses, behind this: nothing outside storage/*.cpp sees SQLiteCpp.
namespace switchboard::storage::sqlite {

/// The storage_error for an exception of SQLiteCpp.
storage_error error_of(const SQLite::Exception&);

struct connection_options {
  std::string path;
  bool read_only = false;
  std::chrono::milliseconds busy_timeout{2000};
};

/// Ends a statement's run when it leaves the scope: a run left open holds a lock or a snapshot.
class running {
public:
  explicit running(SQLite::Statement& statement);
  ~running();
  running(const running&) = delete;
  running& operator=(const running&) = delete;
  SQLite::Statement& operator*() { return statement_; }
  SQLite::Statement* operator->() { return &statement_; }

private:
  SQLite::Statement& statement_;
};

/// One SQLite connection with its settings, its prepared statements and its deadline. Throws
/// SQLite::Exception; belongs to one thread at a time.
class connection {
public:
  /// Creates the file (0600) and its directories unless read-only. Answers, does not throw.
  static result<std::unique_ptr<connection>> open(const connection_options&);
  ~connection();

  /// The prepared statement for `sql`, reset and without bindings. Valid until the next call with
  /// another text (the cache is bounded).
  SQLite::Statement& prepare(const std::string& sql);

  /// Runs SQL once (several statements too).
  void execute(const std::string& sql);
  /// Runs one statement that is needed often, without bindings.
  void run(const std::string& sql);
  int64_t integer(const std::string& sql);

  /// Work that runs past this is interrupted (storage_error::busy).
  void set_deadline(std::chrono::steady_clock::time_point at) { deadline_ = at; }
  bool past_deadline() const;

  /// Whether a transaction is open; SQLite ends one by itself on some errors (disk full).
  bool in_transaction() const;
  /// Folds the write-ahead log into the database and cuts it to nothing, unless somebody reads from
  /// it just now: then it is folded as far as that goes. Never waits.
  result<nothing> checkpoint();
  /// Rows changed since the connection was opened, those of triggers and virtual tables included.
  int total_changes() const;
  /// Rows changed by the last statement.
  int changes() const;

  SQLite::Database& database() { return *database_; }

private:
  connection() = default;
  void configure(const connection_options&);
  static int on_progress(void* self);
  std::chrono::milliseconds busy_timeout_{0};

  struct cache;
  std::unique_ptr<SQLite::Database> database_;
  std::unique_ptr<cache> cache_;
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
};

} // namespace switchboard::storage::sqlite
