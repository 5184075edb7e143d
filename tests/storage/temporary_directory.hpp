#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace switchboard::test {

/// A directory of the test's own, gone with it.
class temporary_directory {
public:
  explicit temporary_directory(const std::string& below = "/tmp")
      : path_(below + "/switchboard-storage-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) {
      std::abort();
    }
  }
  ~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

private:
  std::string path_;
};

/// Where files are in memory, if there is such a place: for tests that sync thousands of times.
inline std::string memory_folder() {
  return std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp";
}

inline std::vector<uint8_t> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_file(const std::string& path, const std::vector<uint8_t>& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

inline mode_t mode_of(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
}

/// Gives up root's power over file modes while it lives (tests run as root and as a user).
class without_privilege {
public:
  without_privilege() : was_(::geteuid()) {
    if (was_ == 0 && ::seteuid(65534) != 0) {
      std::abort();
    }
  }
  ~without_privilege() {
    if (::seteuid(was_) != 0) {
      std::abort();
    }
  }

private:
  uid_t was_;
};

} // namespace switchboard::test
