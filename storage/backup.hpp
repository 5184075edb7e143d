#pragma once

#include "storage/storage_error.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace switchboard::storage {

struct backup_request {
  std::string database_path;
  std::string storage_path; ///< root of recordings
  std::string directory;    ///< where the backup goes: new, or empty
};

struct backup_report {
  uint64_t recordings = 0;
  uint64_t journals = 0;
  int64_t bytes = 0;                ///< of all files
  std::vector<std::string> missing; ///< recordings that rows name and the disk does not have
};

/// Copies the database as it is at one moment, while a server may be writing to it, then the
/// recordings and journals of the calls in that copy. In the end it lies in `directory` as in a
/// data directory: `switchboard.db`, `recordings/<date>/...`, and a manifest with the SHA-256 of
/// each file, which comes last: a backup without one was not finished. Nothing here is written but
/// to `directory`. A journal of a call that goes on is copied as far as it was written. Blocking.
/// @returns bad_argument (the directory is not empty), not_found (no database), newer_schema, full,
/// ...
result<backup_report> make_backup(const backup_request&);

/// Reads a backup through and compares every file with the manifest.
/// @returns the number of files; not_found (no manifest: unfinished), corrupt (the first that
/// differs).
result<uint64_t> verify_backup(const std::string& directory);

} // namespace switchboard::storage
