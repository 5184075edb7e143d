#pragma once

#include "storage/storage_error.hpp"

#include <cstdint>
#include <string>

namespace switchboard::storage {

/// What a file holds: for rows and manifests.
struct file_digest {
  std::string sha256_hex;
  int64_t size_bytes = 0;
};

/// Hashes a regular file. Blocking. Errors: not_found, read_only (may not be read), io.
result<file_digest> digest_file(const std::string& path);

/// Copies a regular file (0600, directories made) and hashes what was copied. The copy appears
/// under its name only when whole and durable: written as `<to>.part`, synced, renamed. Links are
/// not followed in the last part of `from`. Blocking. Errors: not_found, read_only, full, io.
result<file_digest> copy_file(const std::string& from, const std::string& to);

/// Makes what was written to `path` durable.
result<nothing> sync_file(const std::string& path);

} // namespace switchboard::storage
