#include "storage/migrations/migrations.hpp"

namespace switchboard::storage::migrations {

// An intent outlives the rows that it removes: no reference to calls. After the erasure it stays
// for a while, because a recorder that was still at work may put a file back.
const char* const v0004_erasures = R"sql(
CREATE TABLE erasures (
  call_id      TEXT PRIMARY KEY,
  requested_by TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  start_time   INTEGER NOT NULL,
  erased_at    INTEGER
);
CREATE INDEX erasures_by_end ON erasures (erased_at);
)sql";

} // namespace switchboard::storage::migrations
