#include "storage/import_files.hpp"

#include "storage/import_prisma.hpp"
#include "storage/posix_file.hpp"

#include <fcntl.h>

#include <cstring>
#include <filesystem>
#include <system_error>

namespace switchboard::storage {
namespace {

namespace fs = std::filesystem;

/// `RIFF`, a size, `WAVE`. A row of the old system may name any file of the machine; what is no
/// recording must not become one.
bool is_wav(const std::string& path) {
  auto fd = posix::open_file(path, O_RDONLY | O_NONBLOCK);
  char head[12] = {};
  return fd && posix::read_at(fd->get(), head, sizeof head, 0) == sizeof head &&
         std::memcmp(head, "RIFF", 4) == 0 && std::memcmp(head + 8, "WAVE", 4) == 0;
}

} // namespace

recording_importer::recording_importer(const std::string& source, std::string recordings_from,
                                       std::string storage_path)
    : source_folder_(posix::parent_of(source)),
      recordings_from_(std::move(recordings_from)),
      storage_path_(std::move(storage_path)) {}

std::vector<std::string> recording_importer::places_of(const std::string& old_path) const {
  std::vector<std::string> places;
  if (!recordings_from_.empty()) {
    places.push_back((fs::path{recordings_from_} / fs::path{old_path}.relative_path()).string());
    places.push_back((fs::path{recordings_from_} / fs::path{old_path}.filename()).string());
  }
  places.push_back(old_path);
  if (fs::path{old_path}.is_relative()) {
    places.push_back((fs::path{source_folder_} / old_path).string());
  }
  return places;
}

std::optional<file_digest> recording_importer::take(const std::string& recording_id,
                                                    const std::string& old_path,
                                                    const std::string& file_path,
                                                    import_report& report) const {
  const auto target = storage_path_ + "/" + file_path;
  if (auto there = digest_file(target)) {
    ++report.files_present;
    return *there;
  }
  std::string reason = "not found";
  for (const auto& place : old_path.empty() ? std::vector<std::string>{} : places_of(old_path)) {
    std::error_code unknown;
    const auto real = fs::canonical(place, unknown);
    if (unknown || !fs::is_regular_file(real, unknown)) {
      continue;
    }
    if (!is_wav(real.string())) {
      reason = "not a WAV file";
      continue;
    }
    auto copied = copy_file(real.string(), target);
    if (copied) {
      ++report.files_copied;
      return *copied;
    }
    reason = copied.detail();
  }
  report.files_missing.push_back("recording " + recording_id + ": " +
                                 (old_path.empty() ? "no path" : old_path) + ": " + reason);
  return std::nullopt;
}

} // namespace switchboard::storage
