#pragma once

#include "storage/records.hpp"
#include "storage/storage_error.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace switchboard::storage {

struct import_request {
  std::string source;          ///< the old system's SQLite file; never changed
  std::string recordings_from; ///< folder of its recordings; empty = as its rows say
  std::string database_path;   ///< ours; created and migrated if need be
  std::string storage_path;    ///< where recordings are copied to
};

/// What became of one table's rows.
struct import_counts {
  int64_t inserted = 0;
  int64_t present = 0;                    ///< were imported before, left as they are
  std::map<std::string, int64_t> skipped; ///< by reason
};

struct import_report {
  import_counts calls, recordings, transcripts, analytics, metadata;
  int64_t calls_cut_off = 0; ///< `active` for ever in the old system: now failed
  int64_t files_copied = 0;
  int64_t files_present = 0;
  std::vector<std::string> files_missing; ///< `recording ID: path: reason`; their rows are kept

  /// Everything that the source holds is here.
  bool complete() const;
};

/// Takes over the calls of the system that came before (tables Call, Recording, Transcript,
/// Analytics, CallMetadata, written by Prisma) with their ids and instants, and copies their
/// recordings to
/// `<date>/<callId>.wav` (a second one: `-2`). Idempotent: rows with an id that is known stay as
/// they are, files that were missing are looked for again. Blocking; the caller holds the data
/// directory's lock. What was done stays if it fails half-way.
/// @returns not_found, corrupt (not such a database), busy (the source changed meanwhile), full,
/// ...
result<import_report> import_prisma(const import_request&);

} // namespace switchboard::storage
