#include "storage/sqlite_store.hpp"

#include "storage/migrate.hpp"
#include "storage/migrations/migrations.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

namespace switchboard::storage::sqlite {

sqlite_store::~sqlite_store() {
  if (in_group_) {
    rollback();
  }
}

// -- groups
// -----------------------------------------------------------------------------------------

result<nothing> sqlite_store::begin() {
  if (in_group_) {
    return {storage_error::bad_argument, "begin inside a group"};
  }
  try {
    db_->run("BEGIN IMMEDIATE");
  } catch (const SQLite::Exception& e) {
    return {error_of(e), std::string("begin: ") + e.what()};
  }
  in_group_ = true;
  lost_to_ = storage_error::none;
  return nothing{};
}

result<nothing> sqlite_store::commit() {
  if (!in_group_) {
    return {storage_error::bad_argument, "commit without begin"};
  }
  if (group_lost()) {
    in_group_ = false;
    return {lost_to_, "the group was undone by an earlier error"};
  }
  try {
    db_->run("COMMIT");
  } catch (const SQLite::Exception& e) {
    rollback();
    return {error_of(e), std::string("commit: ") + e.what()};
  }
  in_group_ = false;
  return nothing{};
}

void sqlite_store::rollback() {
  in_group_ = false;
  undo_scope();
}

bool sqlite_store::group_lost() const {
  return in_group_ && !db_->in_transaction();
}

// -- one change: a savepoint in a group, else a transaction
// -----------------------------------------

void sqlite_store::open_scope() {
  db_->run(in_group_ ? "SAVEPOINT change" : "BEGIN IMMEDIATE");
}

void sqlite_store::close_scope() {
  db_->run(in_group_ ? "RELEASE change" : "COMMIT");
}

void sqlite_store::undo_scope() noexcept {
  try {
    if (!db_->in_transaction()) {
      return;
    }
    if (in_group_) {
      db_->run("ROLLBACK TO change");
      db_->run("RELEASE change");
    } else {
      db_->run("ROLLBACK");
    }
  } catch (const std::exception&) {
    // Nothing was opened, or the connection is beyond use: the next statement will say so.
    return;
  }
}

result<nothing> sqlite_store::checkpoint() {
  if (in_group_) {
    return {storage_error::bad_argument, "checkpoint inside a group"};
  }
  return db_->checkpoint();
}

void sqlite_store::set_deadline(std::chrono::steady_clock::time_point at) {
  db_->set_deadline(at);
}

} // namespace switchboard::storage::sqlite

namespace switchboard::storage {

result<std::unique_ptr<call_store>> open_call_store(const store_options& options) {
  auto db = sqlite::connection::open({options.path, options.read_only, options.busy_timeout});
  if (!db) {
    return {db.code(), db.detail()};
  }
  try {
    if (options.read_only) {
      const auto version = sqlite::schema_version(**db);
      if (!version) {
        return {version.code(), version.detail()};
      }
      if (*version < migrations::latest) {
        return {storage_error::bad_argument, options.path + " has to be migrated first"};
      }
    } else if (auto done = sqlite::apply_migrations(**db, options.path); !done) {
      return {done.code(), done.detail()};
    }
  } catch (const SQLite::Exception& e) {
    return {sqlite::error_of(e), "open " + options.path + ": " + e.what()};
  }
  return std::unique_ptr<call_store>(std::make_unique<sqlite::sqlite_store>(std::move(*db)));
}

} // namespace switchboard::storage
