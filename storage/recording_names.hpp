#pragma once

#include "storage/records.hpp"

#include <string>
#include <vector>

/// How the files of calls are named below the storage path: `<date>/<callId>.journal`, `.wav`; what
/// belongs to a call starts with its id. Pure but for the last one.
namespace switchboard::storage {

/// `2026-11-22` of an instant, UTC.
std::string recording_date(wall_ms instant);

/// Whether a folder below the storage path is one of ours: `YYYY-MM-DD`.
bool is_recording_date(const std::string& name);

/// Whether a call's id can be part of a file's name: letters, digits, `-` and `_`, at most 64.
bool is_file_id(const std::string& call_id);

/// A relative path that stays below its root: not empty, not absolute, no `..`, no NUL.
bool is_confined(const std::string& path);

/// The id that a file's name starts with (`<callId>.journal` and the like); empty if it has none.
std::string call_id_of(const std::string& file_name);

/// The dated folders below the storage path, sorted; none if it cannot be read. Blocking.
std::vector<std::string> recording_dates(const std::string& storage_path);

} // namespace switchboard::storage
