#pragma once

#include "conf/config.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace switchboard::conf::test {

using values = std::map<std::string, std::string>;

/// The least that a start needs, and nothing more.
inline values minimum() {
  return {{"TWILIO_ACCOUNT_SID", "AC0123456789abcdef0123456789abcdef"},
          {"TWILIO_AUTH_TOKEN", "twilio-secret"},
          {"TWILIO_PHONE_NUMBER", "+15550100"},
          {"OPENAI_API_KEY", "openai-secret"}};
}

inline values with(values base, const values& more) {
  for (auto& entry : more)
    base[entry.first] = entry.second;
  return base;
}

/// The minimum and `more`, as the environment.
inline loaded load_with(const values& more) {
  return load({{}, with(minimum(), more), {}});
}

inline values production(const values& more) {
  return with({{"APP_ENV", "production"},
               {"PUBLIC_URL", "https://calls.example.com"},
               {"API_TOKENS", "dashboard:0123456789abcdef0123"}},
              more);
}

inline std::vector<std::string> names(const std::vector<problem>& problems) {
  std::vector<std::string> result;
  for (auto& p : problems)
    result.push_back(p.name);
  std::sort(result.begin(), result.end());
  return result;
}

inline std::string joined(const std::vector<problem>& problems) {
  std::string result;
  for (auto& p : problems)
    result += to_string(p) + "\n";
  return result;
}

inline bool complains(const loaded& result, const std::string& name) {
  auto all = names(result.problems);
  return std::find(all.begin(), all.end(), name) != all.end();
}

/// A folder of its own, removed with what lies in it.
class temporary_folder {
public:
  temporary_folder() {
    char name[] = "/tmp/switchboard-conf-XXXXXX";
    path_ = mkdtemp(name);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    for (auto& file : files_)
      unlink(file.c_str());
    rmdir(path_.c_str());
  }

  std::string write(const std::string& name, const std::string& text) {
    files_.push_back(path_ + "/" + name);
    std::ofstream(files_.back(), std::ios::binary) << text;
    return files_.back();
  }

  const std::string& path() const { return path_; }

private:
  std::string path_;
  std::vector<std::string> files_;
};

} // namespace switchboard::conf::test
