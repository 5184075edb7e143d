#pragma once

#include "storage/file_copy.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace switchboard::storage {

/// What a backup consists of: `MANIFEST.sha256` in its directory, one line a file in the form of
/// sha256sum(1), so that anybody can check it (`sha256sum -c MANIFEST.sha256`).
class backup_manifest {
public:
  static constexpr const char* file_name = "MANIFEST.sha256";

  struct entry {
    std::string sha256_hex;
    std::string path; ///< relative to the backup's directory, below it
  };

  void add(const std::string& path, const std::string& sha256_hex);
  const std::vector<entry>& entries() const { return entries_; }

  /// Writes the file in one piece: it is there whole and durable, or not at all.
  result<nothing> write(const std::string& directory) const;
  /// @returns not_found (unfinished backup), corrupt (any line that write() would not write).
  static result<backup_manifest> read(const std::string& directory);
  /// The same from its text. Any bytes at all.
  static result<backup_manifest> parse(std::string_view text);

private:
  std::vector<entry> entries_;
};

} // namespace switchboard::storage
