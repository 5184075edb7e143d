#pragma once

#include <cstddef>
#include <cstdint>

/// Numbers of storage/, each with its unit and its reason.
namespace switchboard::defaults::storage {

// -- journal
// ----------------------------------------------------------------------------------------
/// Longest payload of one journal record: 32 s of PCMU, far beyond one write batch (100 ms) and any
/// model delta; longer audio is split, longer text is cut.
inline constexpr size_t journal_payload_bytes_max = 256 * 1024;
/// Fixed part in front of every payload (docs/journal-format.md).
inline constexpr size_t journal_record_header_bytes = 32;
/// What a reader holds of one record at most.
inline constexpr size_t journal_record_bytes_max =
    journal_record_header_bytes + journal_payload_bytes_max;
/// Bytes a reader asks the file for at once.
inline constexpr size_t journal_read_bytes = 64 * 1024;

// -- recordings
// -------------------------------------------------------------------------------------
/// Longest recording that is sealed: a day, six times the longest call the carrier allows (4 h). A
/// journal whose times lie beyond it is not to be believed.
inline constexpr uint64_t recording_ms_max = 24ull * 60 * 60 * 1000;
/// What a dead process may not have handed to the file: recorder batch (100 ms) plus grouping.
inline constexpr int64_t unflushed_ms_max = 200;
/// Audio that is decoded, resampled and written at once. Caller audio may come this much out of
/// order in the journal and still find its place; the carrier's own disorder is below 100 ms.
inline constexpr uint64_t seal_block_ms = 1000;
/// Pieces of assistant audio that wait for their place while sealing. A piece is 32 bytes in memory
/// (the audio stays in the journal): 8 MiB. A model that runs ten minutes ahead of playback in
/// pieces of 20 ms needs 30,000. Beyond it the oldest are dropped.
inline constexpr size_t seal_pieces_max = 256 * 1024;
/// Assistant items known at once while sealing. One speaks for seconds: 8192 are hours.
inline constexpr size_t seal_items_max = 8192;
/// Bytes of the finished file that are hashed at once.
inline constexpr size_t hash_block_bytes = 256 * 1024;

// -- database
// ---------------------------------------------------------------------------------------
/// SQLite asks about the deadline after so many virtual machine steps: about 10 us of work.
inline constexpr int progress_steps = 1000;
/// Prepared statements kept per connection; the fixed ones are about 30, searches add one for each
/// combination of filters in use.
inline constexpr size_t statements_max = 128;
/// Page cache per connection, KiB. Rows are short and the operating system caches the file too.
inline constexpr int cache_kib = 4096;
/// Pages in the write-ahead log at which a commit folds it into the database (4 KiB each): a commit
/// pays for about 4 MiB of writing at most.
inline constexpr int wal_checkpoint_pages = 1000;
/// Pages of the search index that are merged at once to drop erased words: some 30 ms of the
/// writer.
inline constexpr int64_t search_merge_pages = 64;
/// How long it is remembered that a call was erased, ms: well beyond the longest that its recorder
/// may still be at work.
inline constexpr int64_t erasure_kept_ms = 24ll * 60 * 60 * 1000;
/// The write-ahead log is cut back to this after a checkpoint, bytes.
inline constexpr int64_t wal_bytes_max = 64ll * 1024 * 1024;
/// Words of a search that count; each costs one lookup in the full-text index.
inline constexpr size_t search_words_max = 16;
/// What a call costs that has to be sorted into a list, in calls that are met in its order: a look
/// into the table at another place, and the sorting.
inline constexpr double sorted_row_cost = 3;
/// Rows that an import commits at once: few enough that little is done again when it is cut short.
inline constexpr size_t import_batch_rows = 1000;
/// Sample rate of an imported recording whose row does not tell: what the old system wrote.
inline constexpr int64_t imported_rate_hz = 16000;
/// Rows of one page at most, whatever is asked (the API clamps to 100 itself).
inline constexpr int64_t page_rows_max = 1000;

} // namespace switchboard::defaults::storage
