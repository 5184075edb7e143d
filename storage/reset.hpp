#pragma once

#include "storage/storage_error.hpp"

#include <cstdint>
#include <string>

namespace switchboard::storage {

struct reset_report {
  uint64_t database_files = 0;  ///< the database, its -wal and -shm, copies made before migrations
  uint64_t recording_files = 0; ///< recordings, journals, what was left half-written
  uint64_t kept_files = 0;      ///< files in dated folders that are not ours
};

/// Removes the database and every file of a call below the storage path: those in folders named by
/// a date whose name starts with a call's id. Anything else stays, whatever path was configured.
/// The lock and the signing key of the data directory stay. Blocking; the caller holds the data
/// directory's lock. Recordings go first: cut short, it is done again.
result<reset_report> reset_data(const std::string& database_path, const std::string& storage_path);

} // namespace switchboard::storage
