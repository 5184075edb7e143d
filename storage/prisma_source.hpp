#pragma once

#include "storage/records.hpp"
#include "storage/storage_error.hpp"

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace SQLite {
class Database;
class Statement;
} // namespace SQLite

/// The database of the system that came before, as Prisma wrote it to SQLite. Reading only.
namespace switchboard::storage::prisma {

/// A column that is read if it is there. Prisma keeps a DateTime as milliseconds since 1970 or as
/// text (ISO 8601, or what CURRENT_TIMESTAMP gives); both are read, even mixed in one column.
struct column {
  const char* name;
  bool instant = false;
};

/// The rows of one table, oldest first. A table or column that is not there reads as empty.
/// Throws SQLite::Exception.
class table {
public:
  table(SQLite::Database&, const std::string& name, const std::vector<column>&);
  ~table();
  bool next();
  std::optional<std::string> text(const char* column) const;
  std::optional<wall_ms> instant(const char* column) const;
  std::optional<int64_t> integer(const char* column) const;
  std::optional<double> real(const char* column) const;

private:
  int index_of(const char* column) const;
  std::unique_ptr<SQLite::Statement> rows_; ///< null: no such table
  std::unordered_map<std::string, int> index_;
};

/// The opened file. Nothing about the original is changed, not even by a lock: it is read as it
/// lies there; with a write-ahead log or a hot journal beside it, a private copy is read instead.
class source {
public:
  /// @param scratch_directory where a private copy may lie; removed again.
  /// @returns not_found, corrupt (no SQLite file, or no table Call), read_only, io.
  static result<std::unique_ptr<source>> open(const std::string& path,
                                              const std::string& scratch_directory);
  ~source();
  SQLite::Database& database() { return *database_; }
  /// Whether somebody wrote to the original since it was opened: then what was read may be torn.
  bool changed() const;

private:
  source() = default;
  std::unique_ptr<SQLite::Database> database_;
  std::string path_;
  std::string scratch_; ///< empty = none
  std::string state_;   ///< of the original and its sidecars when opened
};

} // namespace switchboard::storage::prisma
