#include "storage/reset.hpp"

#include "storage/posix_file.hpp"
#include "storage/recording_names.hpp"

#include <filesystem>
#include <system_error>
#include <vector>

namespace switchboard::storage {

namespace fs = std::filesystem;

namespace {

result<nothing> remove_file(const fs::path& path, uint64_t& count) {
  std::error_code failed;
  if (fs::remove(path, failed)) {
    ++count;
  }
  if (failed) {
    return {posix::from_errno(failed.value()), "remove " + path.string() + ": " + failed.message()};
  }
  return nothing{};
}

std::vector<fs::path> files_in(const fs::path& folder, std::error_code& failed) {
  std::vector<fs::path> files;
  for (fs::directory_iterator entry{folder, failed}, end; !failed && entry != end;
       entry.increment(failed)) {
    files.push_back(entry->path());
  }
  return files;
}

result<nothing> empty_folder(const fs::path& folder, reset_report& report) {
  std::error_code failed;
  for (const auto& path : files_in(folder, failed)) {
    std::error_code unknown;
    const bool ours = !call_id_of(path.filename().string()).empty() &&
                      fs::symlink_status(path, unknown).type() == fs::file_type::regular;
    if (!ours) {
      ++report.kept_files;
    } else if (auto gone = remove_file(path, report.recording_files); !gone) {
      return gone;
    }
  }
  if (failed) {
    return {posix::from_errno(failed.value()), folder.string() + ": " + failed.message()};
  }
  std::error_code not_empty;
  fs::remove(folder, not_empty); // stays while a file that is not ours is in it
  return nothing{};
}

/// The database's own files: its name, or its name and what SQLite and migrations put behind it.
bool is_database_file(const std::string& name, const std::string& database) {
  return name == database || name == database + "-wal" || name == database + "-shm" ||
         name == database + "-journal" ||
         name.compare(0, database.size() + 9, database + ".before-v") == 0;
}

} // namespace

result<reset_report> reset_data(const std::string& database_path, const std::string& storage_path) {
  reset_report report;
  for (const auto& date : recording_dates(storage_path)) {
    if (auto done = empty_folder(fs::path{storage_path} / date, report); !done) {
      return {done.code(), done.detail()};
    }
  }
  const auto folder = posix::parent_of(database_path);
  const auto name = fs::path{database_path}.filename().string();
  std::error_code failed;
  for (const auto& path : files_in(folder, failed)) {
    if (!is_database_file(path.filename().string(), name)) {
      continue;
    }
    if (auto gone = remove_file(path, report.database_files); !gone) {
      return {gone.code(), gone.detail()};
    }
  }
  if (failed && failed != std::errc::no_such_file_or_directory) {
    return {posix::from_errno(failed.value()), folder + ": " + failed.message()};
  }
  return report;
}

} // namespace switchboard::storage
