#pragma once

#include "storage/records.hpp"

#include <cstdint>
#include <string>

namespace switchboard::storage {

struct sweep_report {
  uint64_t removed = 0;
  uint64_t failed = 0; ///< could not be removed, or a directory could not be read
};

/// Removes the journals under `storage_path` that were last written before `older_than` and whose
/// recording lies sealed beside them. A journal without its WAV is never removed: it is all there
/// is of the call. Blocking; never throws.
sweep_report sweep_journals(const std::string& storage_path, wall_ms older_than);

} // namespace switchboard::storage
