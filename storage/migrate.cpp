#include "storage/migrate.hpp"

#include "storage/migrations/migrations.hpp"
#include "storage/posix_file.hpp"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>

namespace switchboard::storage::sqlite {
namespace {

constexpr const char* create_table = "CREATE TABLE IF NOT EXISTS schema_migrations ("
                                     "version INTEGER PRIMARY KEY, name TEXT NOT NULL,"
                                     " applied_at INTEGER NOT NULL)";

int read_version(connection& db) {
  const auto known = db.integer("SELECT count(*) FROM sqlite_schema"
                                " WHERE type = 'table' AND name = 'schema_migrations'");
  if (known == 0) {
    return db.integer("SELECT count(*) FROM sqlite_schema") == 0 ? 0 : -1;
  }
  return static_cast<int>(db.integer("SELECT coalesce(max(version), 0) FROM schema_migrations"));
}

wall_ms wall_now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

/// Copies the database as it is, WAL included, under a temporary name and then renames it.
result<nothing> back_up(connection& db, const std::string& to) {
  const auto temporary = to + ".part";
  ::unlink(temporary.c_str());
  auto made = posix::open_file(temporary, O_RDWR | O_CREAT | O_EXCL);
  if (!made) {
    return {made.code(), made.detail()};
  }
  made = posix::file_descriptor(); // closed before SQLite opens it
  {
    SQLite::Database copy(temporary, SQLite::OPEN_READWRITE);
    SQLite::Backup backup(copy, db.database());
    backup.executeStep(-1);
  }
  auto written = posix::open_file(temporary, O_RDONLY);
  if (!written || ::fsync(written->get()) != 0 || std::rename(temporary.c_str(), to.c_str()) != 0) {
    const int why = errno;
    return {posix::from_errno(why), posix::describe("back up to", to, why)};
  }
  return posix::sync_directory_of(to);
}

void apply(connection& db, const migrations::migration& m) {
  SQLite::Transaction transaction(db.database(), SQLite::TransactionBehavior::IMMEDIATE);
  if (read_version(db) >= m.version) {
    return; // another process was quicker
  }
  db.execute(m.sql);
  running insert(db.prepare("INSERT INTO schema_migrations VALUES (?, ?, ?)"));
  insert->bind(1, m.version);
  insert->bind(2, m.name);
  insert->bind(3, static_cast<int64_t>(wall_now()));
  insert->exec();
  transaction.commit();
}

} // namespace

result<int> schema_version(connection& db) {
  const int version = read_version(db);
  if (version < 0) {
    return {storage_error::corrupt, "the database is not Switchboard's"};
  }
  if (version > migrations::latest) {
    return {storage_error::newer_schema, "the database has schema " + std::to_string(version) +
                                             ", this version knows " +
                                             std::to_string(migrations::latest)};
  }
  return version;
}

result<migration_status> apply_migrations(connection& db, const std::string& path) {
  const auto version = schema_version(db);
  if (!version) {
    return {version.code(), version.detail()};
  }
  if (*version > 0 && *version < migrations::latest) {
    const auto copy = path + ".before-v" + std::to_string(migrations::latest);
    if (auto done = back_up(db, copy); !done) {
      return {done.code(), done.detail()};
    }
  }
  if (*version < migrations::latest) {
    db.execute(create_table);
  }
  for (const auto& m : migrations::all) {
    if (m.version > *version) {
      apply(db, m);
    }
  }
  return migration_status{migrations::latest, migrations::latest};
}

} // namespace switchboard::storage::sqlite

namespace switchboard::storage {

result<migration_status> migrate(const std::string& path) {
  sqlite::connection_options options;
  options.path = path;
  auto db = sqlite::connection::open(options);
  if (!db) {
    return {db.code(), db.detail()};
  }
  try {
    return sqlite::apply_migrations(**db, path);
  } catch (const SQLite::Exception& e) {
    return {sqlite::error_of(e), "migrate " + path + ": " + e.what()};
  }
}

result<migration_status> read_migration_status(const std::string& path) {
  sqlite::connection_options options;
  options.path = path;
  options.read_only = true;
  auto db = sqlite::connection::open(options);
  if (!db) {
    return db.code() == storage_error::not_found
               ? result<migration_status>(migration_status{0, migrations::latest})
               : result<migration_status>(db.code(), db.detail());
  }
  try {
    const auto version = sqlite::schema_version(**db);
    if (!version) {
      return {version.code(), version.detail()};
    }
    return migration_status{*version, migrations::latest};
  } catch (const SQLite::Exception& e) {
    return {sqlite::error_of(e), path + ": " + e.what()};
  }
}

} // namespace switchboard::storage
