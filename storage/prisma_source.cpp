#include "storage/prisma_source.hpp"

#include "storage/file_copy.hpp"
#include "storage/posix_file.hpp"
#include "storage/sqlite_connection.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/stat.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace switchboard::storage::prisma {
namespace {

namespace fs = std::filesystem;

/// 9999-12-31: later ones are no instants that JSON could show.
constexpr wall_ms instant_max = 253'402'300'799'999;

std::string quoted(const std::string& name) {
  return "\"" + name + "\"";
}

/// SQLite counts its own instants in whole milliseconds, so nothing is lost on the way through
/// days.
std::string instant_of(const std::string& column) {
  return "CASE typeof(" + column + ") WHEN 'integer' THEN " + column + " WHEN 'real' THEN CAST(" +
         column + " AS INTEGER) WHEN 'text' THEN CASE WHEN " + column +
         " GLOB '[0-9][0-9][0-9][0-9]-*' THEN CAST(round((julianday(" + column +
         ") - 2440587.5) * 86400000.0) AS INTEGER) WHEN " + column + " <> '' AND NOT " + column +
         " GLOB '*[^0-9]*' THEN CAST(" + column + " AS INTEGER) END END";
}

bool has_table(SQLite::Database& db, const std::string& name) {
  SQLite::Statement find(db,
                         "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?");
  find.bind(1, name);
  return find.executeStep() && find.getColumn(0).getInt() > 0;
}

bool has_column(SQLite::Database& db, const std::string& table, const char* column) {
  SQLite::Statement find(db, "SELECT count(*) FROM pragma_table_info(?) WHERE name = ?");
  find.bind(1, table);
  find.bind(2, column);
  return find.executeStep() && find.getColumn(0).getInt() > 0;
}

/// A path as the path of a file: URI (RFC 3986).
std::string uri_path(const std::string& path) {
  std::string out;
  for (const char c : path) {
    switch (c) {
    case '%':
      out += "%25";
      break;
    case '?':
      out += "%3f";
      break;
    case '#':
      out += "%23";
      break;
    default:
      out += c;
    }
  }
  return out;
}

std::string state_of(const std::string& path) {
  std::string out;
  for (const auto* suffix : {"", "-wal", "-journal"}) {
    struct stat info {};
    if (::stat((path + suffix).c_str(), &info) == 0) {
      out += std::to_string(info.st_size) + "/" + std::to_string(info.st_mtim.tv_sec) + "." +
             std::to_string(info.st_mtim.tv_nsec);
    }
    out += ";";
  }
  return out;
}

bool holds_bytes(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && info.st_size > 0;
}

/// Copies the database and what belongs to it to a folder of its own.
result<nothing> copy_all(const std::string& path, const std::string& to) {
  for (const auto* suffix : {"", "-wal", "-journal"}) {
    std::error_code unreadable;
    const auto from = fs::canonical(path, unreadable).string() + suffix;
    if (*suffix != 0 && !holds_bytes(from)) {
      continue;
    }
    if (auto copied = copy_file(from, to + suffix); !copied) {
      return {copied.code(), copied.detail()};
    }
  }
  return nothing{};
}

} // namespace

table::table(SQLite::Database& db, const std::string& name, const std::vector<column>& columns) {
  if (!has_table(db, name)) {
    return;
  }
  std::string sql;
  for (const auto& x : columns) {
    index_[x.name] = static_cast<int>(index_.size());
    const bool there = has_column(db, name, x.name);
    const auto value = there ? quoted(x.name) : std::string("NULL");
    sql += (sql.empty() ? "SELECT " : ", ") + (there && x.instant ? instant_of(value) : value);
  }
  rows_ =
      std::make_unique<SQLite::Statement>(db, sql + " FROM " + quoted(name) + " ORDER BY rowid");
}

table::~table() = default;

bool table::next() {
  return rows_ && rows_->executeStep();
}

int table::index_of(const char* column) const {
  return index_.at(column);
}

std::optional<std::string> table::text(const char* column) const {
  const auto cell = rows_->getColumn(index_of(column));
  return cell.isNull() ? std::nullopt : std::optional<std::string>(cell.getString());
}

std::optional<wall_ms> table::instant(const char* column) const {
  const auto value = integer(column);
  return value && *value >= 0 && *value <= instant_max ? value : std::nullopt;
}

std::optional<int64_t> table::integer(const char* column) const {
  const auto cell = rows_->getColumn(index_of(column));
  if (cell.isInteger()) {
    return cell.getInt64();
  }
  const auto value = real(column);
  constexpr double limit = 9e18;
  return value && std::abs(*value) < limit ? std::optional<int64_t>(std::llround(*value))
                                           : std::nullopt;
}

std::optional<double> table::real(const char* column) const {
  const auto cell = rows_->getColumn(index_of(column));
  if (!cell.isInteger() && !cell.isFloat()) {
    return std::nullopt;
  }
  const double value = cell.getDouble();
  return std::isfinite(value) ? std::optional<double>(value) : std::nullopt;
}

result<std::unique_ptr<source>> source::open(const std::string& path,
                                             const std::string& scratch_directory) {
  std::unique_ptr<source> self(new source);
  self->path_ = path;
  self->state_ = state_of(path);
  std::error_code failed;
  if (!fs::is_regular_file(path, failed)) {
    return {storage_error::not_found, path + " is not a file"};
  }
  auto name = "file:" + uri_path(fs::absolute(path, failed).string()) + "?mode=ro&immutable=1";
  int flags = SQLite::OPEN_READONLY | SQLite::OPEN_URI;
  if (holds_bytes(path + "-wal") || holds_bytes(path + "-journal")) {
    auto folder = scratch_directory + "/.import-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) {
      return {storage_error::read_only, scratch_directory + " cannot be written"};
    }
    self->scratch_ = folder;
    name = folder + "/source.db";
    flags = SQLite::OPEN_READWRITE;
    if (auto copied = copy_all(path, name); !copied) {
      return {copied.code(), copied.detail()};
    }
  }
  try {
    self->database_ = std::make_unique<SQLite::Database>(name, flags);
    if (!has_table(*self->database_, "Call")) {
      return {storage_error::corrupt, path + " has no table Call: it is not the old system's"};
    }
  } catch (const SQLite::Exception& e) {
    return {sqlite::error_of(e), path + ": " + e.what()};
  }
  return self;
}

source::~source() {
  database_.reset();
  if (!scratch_.empty()) {
    std::error_code ignored;
    fs::remove_all(scratch_, ignored);
  }
}

bool source::changed() const {
  return state_of(path_) != state_;
}

} // namespace switchboard::storage::prisma
