#include "storage/journal_sweep.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <system_error>

namespace switchboard::storage {

namespace fs = std::filesystem;

namespace {

bool is_over(const fs::path& journal, wall_ms older_than) {
  struct stat facts {};
  if (stat(journal.c_str(), &facts) != 0)
    return false;
  const wall_ms written = wall_ms{facts.st_mtim.tv_sec} * 1000 + facts.st_mtim.tv_nsec / 1'000'000;
  auto wav = journal;
  wav.replace_extension(".wav");
  std::error_code failed;
  return written < older_than && fs::is_regular_file(wav, failed);
}

} // namespace

sweep_report sweep_journals(const std::string& storage_path, wall_ms older_than) {
  sweep_report report;
  std::error_code failed;
  fs::recursive_directory_iterator entry{storage_path, failed};
  for (; !failed && entry != fs::recursive_directory_iterator{}; entry.increment(failed)) {
    const auto& path = entry->path();
    if (path.extension() != ".journal" || !is_over(path, older_than))
      continue;
    std::error_code not_removed;
    if (fs::remove(path, not_removed))
      ++report.removed;
    else
      ++report.failed;
  }
  if (failed)
    ++report.failed;
  return report;
}

} // namespace switchboard::storage
