#include "tools/switchboard/startup.hpp"

#include "conf/defaults/node.hpp"
#include "conf/defaults/registry.hpp"

#include <openssl/rand.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

namespace switchboard {

namespace fs = std::filesystem;

uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return 1024;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
    return before;
  return limit.rlim_cur;
}

uint32_t admission_limit(const conf::config& config, uint32_t lines, uint64_t descriptors) {
  namespace limits = defaults::registry;
  const uint64_t wanted = config.max_concurrent_calls != 0
                              ? config.max_concurrent_calls
                              : uint64_t{limits::calls_per_line} * lines;
  // Half of a small limit is kept back where the usual reserve would leave nothing.
  const uint64_t reserve = std::min<uint64_t>(limits::descriptors_reserved, descriptors / 2);
  const uint64_t carried = (descriptors - reserve) / limits::descriptors_per_call;
  return static_cast<uint32_t>(std::max<uint64_t>(1, std::min(wanted, carried)));
}

namespace {

std::string try_directory(const std::string& path, const char* variable) {
  std::error_code failed;
  fs::create_directories(path, failed);
  if (failed)
    return std::string{variable} + ": " + path + " cannot be created: " + failed.message();
  const auto probe = fs::path{path} / (".write-test-" + std::to_string(getpid()));
  std::ofstream out{probe};
  out << "x";
  out.close();
  const bool written = static_cast<bool>(out);
  fs::remove(probe, failed);
  return written ? "" : std::string{variable} + ": " + path + " cannot be written";
}

} // namespace

std::string prepare_directories(const conf::config& config) {
  auto problem = try_directory(config.data_directory(), "DATABASE_URL");
  if (problem.empty())
    problem = try_directory(config.recording_storage_path, "RECORDING_STORAGE_PATH");
  return problem;
}

std::string url_signing_key(const conf::config& config, std::string& problem) {
  if (!config.url_signing_key.empty())
    return config.url_signing_key;
  const auto path = fs::path{config.data_directory()} / "url-signing.key";
  std::ifstream in{path, std::ios::binary};
  std::string key{std::istreambuf_iterator<char>{in}, {}};
  if (key.size() >= defaults::node::url_key_bytes)
    return key;
  std::vector<unsigned char> random(defaults::node::url_key_bytes);
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    problem = "URL_SIGNING_KEY: the system has no random bytes";
    return {};
  }
  key.assign(random.begin(), random.end());
  std::ofstream out{path, std::ios::binary | std::ios::trunc}; // umask 0077: readable by us alone
  out << key;
  out.close();
  if (!out) {
    problem = "URL_SIGNING_KEY: " + path.string() + " cannot be written";
    return {};
  }
  return key;
}

} // namespace switchboard
