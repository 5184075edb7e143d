#pragma once

#include "audio/bytes.hpp"
#include "storage/storage_error.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

/// A call's journal: facts as they happen, append-only, each with a CRC (docs/journal-format.md).
/// Encoding is pure; writing is `journal_file`; reading never trusts a length.
namespace switchboard::storage {

/// Kinds of fact. The numbers are on disk: never reuse one.
enum class fact_type : uint8_t {
  call_started = 1,       ///< text: JSON {callId, callSid, streamSid...}
  stream_started = 2,     ///< text: streamSid
  stream_stopped = 3,     ///< text: why
  session_started = 4,    ///< text: model session id
  session_stopped = 5,    ///< text: why
  caller_audio = 16,      ///< PCMU bytes; at_ms is where it lies in call media time
  agent_audio = 17,       ///< PCMU bytes as sent to the carrier; item, offset_bytes
  mark_sent = 18,         ///< item, offset_bytes (position the mark stands for), text: name
  mark_echoed = 19,       ///< text: name
  cleared = 20,           ///< barge-in or hang-up: what was not heard is discarded
  item_opened = 21,       ///< item, text: the model's item id; kind in `flag` (0 model, 1 local)
  item_done = 22,         ///< item
  recording_paused = 24,  ///< audio from here on is silence, whatever was said
  recording_resumed = 25, ///< what is said is recorded again
  turn = 32,              ///< text: a finished turn as JSON
  call_ended = 48,        ///< text: why; the journal is complete
};

/// One fact. Payload views point into the caller's buffer.
struct fact {
  fact_type type{};
  uint64_t at_ms = 0;        ///< call media time
  uint32_t item = 0;         ///< playback ledger's item index, where the type has one
  uint64_t offset_bytes = 0; ///< position in the item, where the type has one
  uint8_t flag = 0;
  audio::byte_view bytes{}; ///< audio, or the text
  std::string_view text() const;
};

/// Appends the file header (magic, version) / one record to `out`.
void append_journal_header(audio::byte_buffer& out);
void append_fact(audio::byte_buffer& out, const fact&);

enum class read_end : uint8_t { complete, torn_tail, corrupt, not_a_journal, newer_version };

struct read_report {
  read_end end = read_end::complete;
  uint64_t good_bytes = 0; ///< length of the longest good prefix
  uint64_t facts = 0;
  uint64_t last_at_ms = 0;
};

/// Streams the facts of a journal in bounded memory (one record at a time, at most
/// defaults::storage::journal_record_bytes_max). `sink` answers false to stop. Never throws.
result<read_report> read_journal(const std::string& path,
                                 const std::function<bool(const fact&)>& sink);
/// The same over bytes in memory (tests, fuzzing).
read_report read_journal_bytes(audio::byte_view bytes,
                               const std::function<bool(const fact&)>& sink);

/// An open journal file. Not thread-safe; blocking: only for disk-writer threads.
class journal_file {
public:
  /// Creates directories and file (0600) with its header, or opens an existing one to append: then
  /// a torn tail is cut at the last good record first.
  static result<std::unique_ptr<journal_file>> open(const std::string& path);
  virtual ~journal_file() = default;
  /// Appends encoded records with one write. On failure what was written partly is cut off again,
  /// at once or before the next append.
  virtual result<nothing> append(audio::byte_view records) = 0;
  /// Cuts off what lies behind the first `size` bytes and, if that fails, again before the next
  /// append. A journal whose failed appends leave nothing behind has nothing to do.
  virtual result<nothing> cut(uint64_t) { return nothing{}; }
  /// Has the disk begin with what sync() would wait for. Begun for several journals before the
  /// first is synced, it spares the others most of their share in the file system's commits.
  virtual void begin_sync() {}
  virtual result<nothing> sync() = 0; ///< fdatasync
  virtual uint64_t size_bytes() const = 0;
};

} // namespace switchboard::storage
