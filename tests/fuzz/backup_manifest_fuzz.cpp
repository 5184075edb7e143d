// The list of a backup's files. Property: what is read names files below the backup only, and
// written again is the same text.
#include "storage/backup_manifest.hpp"
#include "tests/fuzz/require.hpp"

#include <string>
#include <string_view>

using switchboard::storage::backup_manifest;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto read = backup_manifest::parse(text);
  if (!read)
    return 0;
  std::string written;
  for (auto& entry : read->entries()) {
    require(!entry.path.empty() && entry.path.front() != '/');
    require(("/" + entry.path + "/").find("/../") == std::string::npos);
    written += entry.sha256_hex + "  " + entry.path + "\n";
  }
  require(written == text);
  return 0;
}
