#include "storage/recording_names.hpp"

#include <algorithm>
#include <cctype>
#include <ctime>
#include <filesystem>
#include <system_error>

namespace switchboard::storage {

namespace fs = std::filesystem;

std::string recording_date(wall_ms instant) {
  const std::time_t seconds = instant / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char date[16] = {};
  std::strftime(date, sizeof date, "%Y-%m-%d", &utc);
  return date;
}

bool is_recording_date(const std::string& name) {
  constexpr char pattern[] = "dddd-dd-dd";
  if (name.size() != sizeof pattern - 1) {
    return false;
  }
  for (size_t i = 0; i < name.size(); ++i) {
    const bool digit = std::isdigit(static_cast<unsigned char>(name[i])) != 0;
    if (pattern[i] == 'd' ? !digit : name[i] != pattern[i]) {
      return false;
    }
  }
  return true;
}

bool is_file_id(const std::string& call_id) {
  return !call_id.empty() && call_id.size() <= 64 &&
         std::all_of(call_id.begin(), call_id.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
}

bool is_confined(const std::string& path) {
  if (path.empty() || path.front() == '/' || path.find('\0') != std::string::npos) {
    return false;
  }
  return ("/" + path + "/").find("/../") == std::string::npos;
}

std::string call_id_of(const std::string& file_name) {
  const auto id = file_name.substr(0, file_name.find('.'));
  return id.size() < file_name.size() && is_file_id(id) ? id : std::string();
}

std::vector<std::string> recording_dates(const std::string& storage_path) {
  std::vector<std::string> dates;
  std::error_code failed;
  for (fs::directory_iterator entry{storage_path, failed}, end; !failed && entry != end;
       entry.increment(failed)) {
    std::error_code unknown;
    auto name = entry->path().filename().string();
    // A link is no folder of ours: it leads to files that are not ours to touch.
    if (is_recording_date(name) &&
        entry->symlink_status(unknown).type() == fs::file_type::directory) {
      dates.push_back(std::move(name));
    }
  }
  std::sort(dates.begin(), dates.end());
  return dates;
}

} // namespace switchboard::storage
