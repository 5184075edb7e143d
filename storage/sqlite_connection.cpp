#include "storage/sqlite_connection.hpp"

#include "conf/defaults/storage.hpp"
#include "storage/posix_file.hpp"
#include "storage/search_words.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <unordered_map>

namespace switchboard::storage::sqlite {
namespace {

storage_error error_of_constraint(int extended) {
  switch (extended) {
  case SQLITE_CONSTRAINT_UNIQUE:
  case SQLITE_CONSTRAINT_PRIMARYKEY:
  case SQLITE_CONSTRAINT_ROWID:
    return storage_error::duplicate;
  case SQLITE_CONSTRAINT_FOREIGNKEY:
    return storage_error::not_found; // the call that the row belongs to
  default:
    return storage_error::bad_argument;
  }
}

/// Makes the file itself, so that it has its mode from the beginning. An existing one is never
/// opened here: closing a descriptor drops the process's POSIX locks, which SQLite relies on.
result<nothing> create_file(const std::string& path) {
  if (auto made = posix::make_directories(posix::parent_of(path)); !made) {
    return made;
  }
  auto fd = posix::open_file(path, O_RDWR | O_CREAT | O_EXCL);
  if (!fd && ::access(path.c_str(), F_OK) != 0) {
    return {fd.code(), fd.detail()};
  }
  if (::access(path.c_str(), R_OK | W_OK) != 0 ||
      ::access(posix::parent_of(path).c_str(), W_OK | X_OK) != 0) {
    return {storage_error::read_only, path + " or its directory may not be written"};
  }
  return nothing{};
}

} // namespace

storage_error error_of(const SQLite::Exception& e) {
  switch (e.getErrorCode() & 0xff) {
  case SQLITE_CONSTRAINT:
    return error_of_constraint(e.getExtendedErrorCode());
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
  case SQLITE_INTERRUPT:
    return storage_error::busy;
  case SQLITE_FULL:
    return storage_error::full;
  case SQLITE_READONLY:
  case SQLITE_PERM:
  case SQLITE_AUTH:
    return storage_error::read_only;
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
  case SQLITE_FORMAT:
    return storage_error::corrupt;
  case SQLITE_TOOBIG:
  case SQLITE_MISMATCH:
  case SQLITE_RANGE:
    return storage_error::bad_argument;
  default:
    return storage_error::io;
  }
}

running::running(SQLite::Statement& statement) : statement_(statement) {}

running::~running() {
  statement_.tryReset();
}

struct connection::cache {
  std::unordered_map<std::string, std::unique_ptr<SQLite::Statement>> statements;
};

result<std::unique_ptr<connection>> connection::open(const connection_options& options) {
  if (options.path.empty()) {
    return {storage_error::bad_argument, "no database path"};
  }
  if (options.read_only && ::access(options.path.c_str(), F_OK) != 0) {
    return {storage_error::not_found, options.path + " does not exist"};
  }
  if (!options.read_only) {
    if (auto made = create_file(options.path); !made) {
      return {made.code(), made.detail()};
    }
  }
  std::unique_ptr<connection> self(new connection);
  try {
    self->cache_ = std::make_unique<cache>();
    const int flags = options.read_only ? SQLite::OPEN_READONLY : SQLite::OPEN_READWRITE;
    self->database_ = std::make_unique<SQLite::Database>(
        options.path, flags | SQLite::OPEN_NOMUTEX, static_cast<int>(options.busy_timeout.count()));
    self->busy_timeout_ = options.busy_timeout;
    self->configure(options);
  } catch (const SQLite::Exception& e) {
    return {error_of(e), "open " + options.path + ": " + e.what()};
  }
  return self;
}

connection::~connection() {
  cache_.reset(); // statements before their database
}

void connection::configure(const connection_options& options) {
  namespace limits = defaults::storage;
  auto* handle = database_->getHandle();
  sqlite3_progress_handler(handle, limits::progress_steps, &connection::on_progress, this);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr); // "x" is never a string
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  execute("PRAGMA foreign_keys=ON");
  execute("PRAGMA temp_store=MEMORY");
  execute("PRAGMA cache_size=-" + std::to_string(limits::cache_kib));
  execute(found_calls_sql);
  if (!options.read_only) {
    execute("PRAGMA journal_mode=WAL");
    execute(
        "PRAGMA synchronous=NORMAL"); // durable across a dead process; a power cut loses commits
    execute("PRAGMA journal_size_limit=" + std::to_string(limits::wal_bytes_max));
    execute("PRAGMA wal_autocheckpoint=" + std::to_string(limits::wal_checkpoint_pages));
    execute("PRAGMA secure_delete=ON"); // what is erased is overwritten, not only unlinked
  }
  integer("SELECT count(*) FROM sqlite_schema"); // reads the file, so that a foreign one shows now
}

int connection::on_progress(void* self) {
  return static_cast<connection*>(self)->past_deadline() ? 1 : 0;
}

bool connection::past_deadline() const {
  return deadline_ != std::chrono::steady_clock::time_point::max() &&
         std::chrono::steady_clock::now() >= deadline_;
}

SQLite::Statement& connection::prepare(const std::string& sql) {
  auto& statements = cache_->statements;
  auto found = statements.find(sql);
  if (found == statements.end()) {
    if (statements.size() >= defaults::storage::statements_max) {
      statements.clear(); // rare: more filter combinations than anybody uses
    }
    found = statements.emplace(sql, std::make_unique<SQLite::Statement>(*database_, sql)).first;
  }
  found->second->tryReset();
  found->second->clearBindings();
  return *found->second;
}

void connection::execute(const std::string& sql) {
  database_->exec(sql);
}

void connection::run(const std::string& sql) {
  running statement(prepare(sql));
  statement->exec();
}

int64_t connection::integer(const std::string& sql) {
  running statement(prepare(sql));
  return statement->executeStep() ? statement->getColumn(0).getInt64() : 0;
}

result<nothing> connection::checkpoint() {
  auto* handle = database_->getHandle();
  sqlite3_busy_timeout(handle, 0); // a reader is no reason to keep writes waiting
  const int done =
      sqlite3_wal_checkpoint_v2(handle, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(handle, static_cast<int>(busy_timeout_.count()));
  if (done == SQLITE_OK || done == SQLITE_BUSY || done == SQLITE_LOCKED) {
    return nothing{};
  }
  return {done == SQLITE_FULL ? storage_error::full : storage_error::io,
          std::string("checkpoint: ") + sqlite3_errstr(done)};
}

bool connection::in_transaction() const {
  return sqlite3_get_autocommit(database_->getHandle()) == 0;
}

int connection::total_changes() const {
  return sqlite3_total_changes(database_->getHandle());
}

int connection::changes() const {
  return database_->getChanges();
}

} // namespace switchboard::storage::sqlite
