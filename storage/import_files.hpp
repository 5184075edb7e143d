#pragma once

#include "storage/file_copy.hpp"

#include <optional>
#include <string>
#include <vector>

namespace switchboard::storage {

struct import_report;

/// Finds the old system's recordings and copies them under our names. Blocking.
class recording_importer {
public:
  /// @param source the old database, which relative paths may lie beside.
  /// @param recordings_from where they are looked for first; empty = nowhere else.
  recording_importer(const std::string& source, std::string recordings_from,
                     std::string storage_path);

  /// Sees to it that the file of a recording lies at `file_path` below the storage path.
  /// @param old_path what the old row says. Any path at all: only a WAV is taken.
  /// @returns what lies there; nothing (and a line in the report) if the file cannot be had.
  std::optional<file_digest> take(const std::string& recording_id, const std::string& old_path,
                                  const std::string& file_path, import_report& report) const;

private:
  std::vector<std::string> places_of(const std::string& old_path) const;

  std::string source_folder_;
  std::string recordings_from_;
  std::string storage_path_;
};

} // namespace switchboard::storage
