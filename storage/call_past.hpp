#pragma once

#include "storage/journal.hpp"
#include "storage/records.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What is left of a call whose process died: read from its journal and from the database, so that
/// the call can go on or be finished. Blocking: for a detached actor or a command.
namespace switchboard::storage {

struct call_past {
  std::string call_id;
  std::string call_sid; ///< empty: the journal does not say
  std::string stem;     ///< `<date>/<call id>`: where its journal and its recording lie
  std::optional<wall_ms> started_at; ///< wall time of call media time 0
  uint64_t length_ms = 0;            ///< call media time of its last sign of life
  bool ended = false;                ///< the journal is complete: only the row's end is missing
  bool ended_failed = false;         ///< and this is how it ended
  uint64_t facts = 0;
  read_end end = read_end::complete;
  uint64_t cut_bytes = 0;            ///< behind the longest good prefix
  uint64_t last_item_ms = 0;         ///< audio sent of the assistant's last item
  std::vector<transcript_row> turns; ///< finished ones, ids `<call id>-<key>`
};
using call_past_ptr = std::shared_ptr<const call_past>;

/// Reads a journal's longest good prefix. Never trusts it: text that is no JSON is passed over.
/// @returns not_found, read_only or io when the file cannot be read.
result<call_past> read_call_past(const std::string& storage_path, const std::string& stem);

/// The number behind the call's id in a turn's id; 0 for a foreign one.
uint64_t turn_number(const std::string& call_id, const std::string& turn_id);

struct found_journal {
  std::string call_id;
  std::string stem;
};
/// Every `<date>/<call id>.journal` below the storage path. A folder that cannot be read is left
/// out.
std::vector<found_journal> find_journals(const std::string& storage_path);

/// Gives a journal that cannot be used (any more) another name beside it; it is never removed.
/// @returns the new path.
result<std::string> set_journal_aside(const std::string& journal_path);

/// What has to be written so that a call is complete.
struct recovery_plan {
  std::vector<transcript_row> turns;    ///< that the database lacks, or has not in their last state
  std::optional<analytics_row> figures; ///< `metrics` says that the call was recovered
  std::optional<call_update> end;       ///< only for a row that is still active
  bool seal = false;                    ///< there is audio, and no recording of it
};

/// Pure and idempotent: what was written already is not planned again.
/// @param past nothing if the call has no (readable) journal.
recovery_plan plan_recovery(const call_details& known, const call_past* past);

} // namespace switchboard::storage
