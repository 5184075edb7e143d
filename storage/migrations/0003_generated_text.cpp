#include "storage/migrations/migrations.hpp"

namespace switchboard::storage::migrations {

// What the model generated of a turn, beside what of it was heard. Not searched and not in the API:
// nobody was told of it on the phone.
const char* const v0003_generated_text = R"sql(
ALTER TABLE transcripts ADD COLUMN generated_text TEXT;
)sql";

} // namespace switchboard::storage::migrations
