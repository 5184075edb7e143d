#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace switchboard::audio::test {

/// A directory of its own under /tmp, removed with what is in it.
class temp_dir {
public:
  temp_dir() {
    char pattern[] = "/tmp/switchboard-audio-XXXXXX";
    path_ = mkdtemp(pattern);
  }
  temp_dir(const temp_dir&) = delete;
  temp_dir& operator=(const temp_dir&) = delete;
  ~temp_dir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string file(const std::string& name) const { return path_ + "/" + name; }

private:
  std::string path_;
};

} // namespace switchboard::audio::test
