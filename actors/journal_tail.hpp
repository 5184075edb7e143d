#pragma once

#include "actors/append_ticket.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace switchboard::actors {

/// What is in no file and never will be.
struct journal_loss {
  size_t bytes = 0;
  int64_t ms = 0; ///< how long the facts took to happen
};

/// A journal's path, shared by all appends to it.
using journal_path_ptr = std::shared_ptr<const std::string>;

/// What a disk writer is asked to write at once.
struct journal_append {
  append_ticket_ptr ticket;
  journal_path_ptr journal_path; ///< never null
};
using journal_appends = std::vector<journal_append>;

/// The end of a call's journal that is not in its file yet: facts that wait for the disk writer,
/// and those on their way to it. One append is on its way at a time, with everything that waits;
/// one that fails is made again after a pause, in the same order, so that nothing is missing,
/// double or out of place in the file. Bounded by defaults::call::recorder_bytes_max. Belongs to
/// one actor, which tells it the time.
class journal_tail {
public:
  /// The system's clock, which is virtual in tests.
  using monotonic = append_ticket::monotonic;
  enum class news : uint8_t {
    none,
    written,
    resumed, ///< written, after a failure
    failed,  ///< an append, the first since the last that was written
    late     ///< past our patience and not to be taken back: waited for
  };

  /// @param now the facts that come have happened since.
  explicit journal_tail(monotonic now) : facts_until_(now) {}

  /// @returns the loss: all of it when there is no room.
  journal_loss add(record_batch batch, monotonic now);
  /// What became of the append on its way.
  news look(monotonic now);
  /// The append to make now, if there is one; its path is for the caller to fill in.
  std::optional<journal_append> next(monotonic now);
  /// Nothing more is tried.
  journal_loss give_up();

  bool empty() const { return waiting_.empty(); }
  bool on_way() const { return ticket_ != nullptr; }
  bool late() const { return late_; }
  bool failing() const { return failing_; }
  size_t bytes() const { return bytes_; }
  /// How long the oldest facts of the last append that was written had waited.
  std::chrono::milliseconds waited() const { return waited_; }

private:
  news written();
  news failed(monotonic now);

  struct waiting_batch {
    record_batch batch;
    monotonic since;
    monotonic after; // its facts happened after this
  };
  std::deque<waiting_batch> waiting_;
  size_t bytes_ = 0;
  append_ticket_ptr ticket_; // of the append on its way; null: there is none
  size_t on_way_batches_ = 0, on_way_bytes_ = 0;
  monotonic on_way_since_{};
  bool late_ = false;    // of that append
  bool failing_ = false; // nothing was written since an append failed
  monotonic retry_at_{};
  monotonic facts_until_; // what happened until then has come
  std::chrono::milliseconds waited_{0};
};

} // namespace switchboard::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::journal_appends)
