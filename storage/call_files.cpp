#include "storage/call_files.hpp"

#include "storage/posix_file.hpp"
#include "storage/recording_names.hpp"

#include <filesystem>
#include <set>
#include <system_error>

namespace switchboard::storage {
namespace {

namespace fs = std::filesystem;

constexpr wall_ms day_ms = 24ll * 60 * 60 * 1000;

/// A call's files get their date from a clock a little later than its row's.
result<std::set<std::string>> paths_of(const std::string& storage_path, const erasure& x) {
  std::set<std::string> paths;
  for (const auto& file : x.file_paths) {
    if (is_confined(file)) {
      paths.insert(storage_path + "/" + file);
    }
  }
  if (!is_file_id(x.call_id)) {
    return paths;
  }
  for (const auto instant : {x.start_time - day_ms, x.start_time, x.start_time + day_ms}) {
    const auto folder = storage_path + "/" + recording_date(instant);
    std::error_code failed;
    for (fs::directory_iterator entry{folder, failed}, end; !failed && entry != end;
         entry.increment(failed)) {
      const auto name = entry->path().filename().string();
      if (call_id_of(name) == x.call_id) {
        paths.insert(folder + "/" + name);
      }
    }
    // A folder that cannot be read may hold a file of the call: that is not the same as none.
    if (failed && failed != std::errc::no_such_file_or_directory) {
      return {posix::from_errno(failed.value()), folder + ": " + failed.message()};
    }
  }
  return paths;
}

} // namespace

result<uint64_t> remove_call_files(const std::string& storage_path, const erasure& x) {
  uint64_t removed = 0;
  result<nothing> first_failure{nothing{}};
  std::set<std::string> folders;
  const auto paths = paths_of(storage_path, x);
  if (!paths) {
    return {paths.code(), paths.detail()};
  }
  for (const auto& path : *paths) {
    std::error_code failed;
    if (fs::is_directory(fs::symlink_status(path, failed))) {
      continue;
    }
    failed.clear();
    if (fs::remove(path, failed)) {
      ++removed;
      folders.insert(posix::parent_of(path));
    } else if (failed && first_failure) {
      first_failure = {posix::from_errno(failed.value()),
                       "remove " + path + ": " + failed.message()};
    }
  }
  for (const auto& folder : folders) {
    if (auto synced = posix::sync_directory_of(folder + "/."); !synced && first_failure) {
      first_failure = synced;
    }
  }
  return first_failure ? result<uint64_t>(removed)
                       : result<uint64_t>(first_failure.code(), first_failure.detail());
}

} // namespace switchboard::storage
