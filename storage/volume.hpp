#pragma once

#include <cstdint>
#include <string>

namespace switchboard::storage {

/// What can be written to the file system that a folder lies on.
struct volume_state {
  uint64_t free_bytes = 0; ///< for this user; what is reserved for root does not count
  bool writable = false;   ///< a file of a few bytes could be made and written
};

/// Looks, and tries with a file that is removed again. Blocking: only for threads of the disk.
volume_state look_at_volume(const std::string& folder);

} // namespace switchboard::storage
