#pragma once

#include "storage/records.hpp"
#include "storage/storage_error.hpp"

#include <cstdint>
#include <string>

namespace switchboard::storage {

/// Removes every file of a call below the storage path: its recordings as the rows name them, and
/// whatever starts with its id in the folders of the day it began, the one before and the one
/// after. What is not there is no error; the folders are synced, so that nothing comes back after a
/// power cut. Blocking.
/// @returns how many files were removed; the first failure if one could not be (the rest is tried
/// all the same).
result<uint64_t> remove_call_files(const std::string& storage_path, const erasure&);

} // namespace switchboard::storage
