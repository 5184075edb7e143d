#include "storage/backup.hpp"

#include "storage/backup_manifest.hpp"
#include "storage/file_copy.hpp"
#include "storage/migrate.hpp"
#include "storage/posix_file.hpp"
#include "storage/recording_names.hpp"
#include "storage/sqlite_connection.hpp"
#include "storage/sqlite_rows.hpp"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>

#include <filesystem>
#include <system_error>

namespace switchboard::storage {
namespace {

namespace fs = std::filesystem;
using sqlite::connection;
using sqlite::running;

constexpr const char* database_name = "switchboard.db";
constexpr const char* recordings_name = "recordings";

result<nothing> prepare(const std::string& directory) {
  std::error_code failed;
  if (fs::exists(directory, failed) &&
      (!fs::is_directory(directory, failed) ||
       fs::directory_iterator{directory, failed} != fs::directory_iterator{})) {
    return {storage_error::bad_argument,
            directory + " is not empty: a backup wants a directory of its own"};
  }
  return posix::make_directories(directory);
}

/// The database at one moment. It is read through a snapshot, so that the server's writer goes on.
result<nothing> copy_database(connection& from, const std::string& to) {
  {
    auto made = posix::open_file(to, O_RDWR | O_CREAT | O_EXCL);
    if (!made) {
      return {made.code(), made.detail()};
    }
  }
  try {
    SQLite::Database copy(to, SQLite::OPEN_READWRITE);
    SQLite::Backup pages(copy, from.database());
    pages.executeStep(-1);
  } catch (const SQLite::Exception& e) {
    return {sqlite::error_of(e), "copy the database: " + std::string(e.what())};
  }
  try {
    // Without a log of its own: the copy is one file, and reading it makes no others.
    SQLite::Database copy(to, SQLite::OPEN_READWRITE);
    copy.exec("PRAGMA journal_mode=DELETE");
  } catch (const SQLite::Exception& e) {
    return {sqlite::error_of(e), "close the copy: " + std::string(e.what())};
  }
  return sync_file(to);
}

class backup {
public:
  explicit backup(const backup_request& wanted) : wanted_(wanted) {}
  result<backup_report> run(connection& live);

private:
  result<nothing> add_database(connection& live);
  result<nothing> add_recordings(SQLite::Database& copy);
  result<nothing> add_journals(SQLite::Database& copy);
  result<bool> add_file(const std::string& relative);

  const backup_request& wanted_;
  backup_manifest manifest_;
  backup_report report_;
};

result<nothing> backup::add_database(connection& live) {
  const auto path = wanted_.directory + "/" + database_name;
  if (auto copied = copy_database(live, path); !copied) {
    return copied;
  }
  auto digest = digest_file(path);
  if (!digest) {
    return {digest.code(), digest.detail()};
  }
  report_.bytes += digest->size_bytes;
  manifest_.add(database_name, digest->sha256_hex);
  return nothing{};
}

/// Copies a file below the storage path. @returns false if it is not there.
result<bool> backup::add_file(const std::string& relative) {
  const auto to = std::string(recordings_name) + "/" + relative;
  auto copied = copy_file(wanted_.storage_path + "/" + relative, wanted_.directory + "/" + to);
  if (!copied && copied.code() == storage_error::not_found) {
    return false;
  }
  if (!copied) {
    return {copied.code(), copied.detail()};
  }
  report_.bytes += copied->size_bytes;
  manifest_.add(to, copied->sha256_hex);
  return true;
}

result<nothing> backup::add_recordings(SQLite::Database& copy) {
  SQLite::Statement rows(copy, "SELECT DISTINCT file_path FROM recordings ORDER BY file_path");
  while (rows.executeStep()) {
    const auto path = rows.getColumn(0).getString();
    const auto added = is_confined(path) ? add_file(path) : result<bool>(false);
    if (!added) {
      return {added.code(), added.detail()};
    }
    if (*added) {
      ++report_.recordings;
    } else {
      report_.missing.push_back(path);
    }
  }
  return nothing{};
}

/// What is not sealed yet is a recording all the same.
result<nothing> backup::add_journals(SQLite::Database& copy) {
  SQLite::Statement known(copy, "SELECT 1 FROM calls WHERE id = ?");
  for (const auto& date : recording_dates(wanted_.storage_path)) {
    std::error_code failed;
    for (fs::directory_iterator entry{wanted_.storage_path + "/" + date, failed}, end;
         !failed && entry != end; entry.increment(failed)) {
      const auto name = entry->path().filename().string();
      const auto id = call_id_of(name);
      if (id.empty() || name != id + ".journal") {
        continue;
      }
      known.reset();
      known.bind(1, id);
      if (!known.executeStep()) {
        continue;
      }
      const auto added = add_file(date + "/" + name);
      if (!added) {
        return {added.code(), added.detail()};
      }
      report_.journals += *added ? 1 : 0; // sealed and swept meanwhile: its WAV is there
    }
    if (failed && failed != std::errc::no_such_file_or_directory) {
      return {posix::from_errno(failed.value()), date + ": " + failed.message()};
    }
  }
  return nothing{};
}

result<backup_report> backup::run(connection& live) {
  if (auto done = add_database(live); !done) {
    return {done.code(), done.detail()};
  }
  try {
    SQLite::Database copy(wanted_.directory + "/" + database_name, SQLite::OPEN_READONLY);
    // Journals first: one that is sealed between the two is found as journal and as recording, not
    // as neither.
    for (auto add : {&backup::add_journals, &backup::add_recordings}) {
      if (auto done = (this->*add)(copy); !done) {
        return {done.code(), done.detail()};
      }
    }
  } catch (const SQLite::Exception& e) {
    return {sqlite::error_of(e), std::string("read the copy: ") + e.what()};
  }
  if (auto written = manifest_.write(wanted_.directory); !written) {
    return {written.code(), written.detail()};
  }
  return std::move(report_);
}

} // namespace

result<backup_report> make_backup(const backup_request& wanted) {
  sqlite::connection_options options;
  options.path = wanted.database_path;
  options.read_only = true;
  auto live = connection::open(options);
  if (!live) {
    return {live.code(), live.detail()};
  }
  try {
    if (const auto version = sqlite::schema_version(**live); !version) {
      return {version.code(), version.detail()};
    }
  } catch (const SQLite::Exception& e) {
    return {sqlite::error_of(e), wanted.database_path + ": " + e.what()};
  }
  if (auto ready = prepare(wanted.directory); !ready) {
    return {ready.code(), ready.detail()};
  }
  return backup(wanted).run(**live);
}

result<uint64_t> verify_backup(const std::string& directory) {
  const auto manifest = backup_manifest::read(directory);
  if (!manifest) {
    return {manifest.code(), manifest.detail()};
  }
  for (const auto& entry : manifest->entries()) {
    const auto digest = digest_file(directory + "/" + entry.path);
    if (!digest) {
      return {storage_error::corrupt, entry.path + ": " + digest.detail()};
    }
    if (digest->sha256_hex != entry.sha256_hex) {
      return {storage_error::corrupt, entry.path + " is not what was backed up"};
    }
  }
  return manifest->entries().size();
}

} // namespace switchboard::storage
