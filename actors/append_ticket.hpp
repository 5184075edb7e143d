#pragma once

#include "actors/messages.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace switchboard::actors {

using record_batches = std::vector<record_batch>;

/// One append to a journal as its two sides know it. Who wants it made looks at it on its next
/// tick: an answer to each of ten appends a second and call would wake a thread each time.
/// An append that a slow disk finishes after its sender lost patience must not be written again:
/// until the disk writer takes it, the sender may take it back; from then on it waits to be told.
/// What is to be appended is in it, so that nothing of what was taken back stays in the mailbox of
/// a writer that hangs. Thread-safe.
class append_ticket {
public:
  enum class state : uint8_t { waiting, taken, written, failed, taken_back };
  using monotonic = std::chrono::steady_clock::time_point;

  append_ticket() = default;
  explicit append_ticket(record_batches batches) : batches_(std::move(batches)) {}

  /// Disk writer, once it has taken it.
  const record_batches& batches() const { return batches_; }
  /// Disk writer, before it writes. @returns false if its sender has taken it back.
  bool take() { return change(state::waiting, state::taken); }
  /// Disk writer, when it knows. (A failed append leaves nothing behind in the journal.)
  void settle(bool written, monotonic at) {
    settled_at_ = at;
    state_ = written ? state::written : state::failed;
  }
  /// Sender, once it is settled.
  monotonic settled_at() const { return settled_at_; }
  /// Sender, out of patience. @returns true if the append will never be written.
  bool take_back() {
    if (!change(state::waiting, state::taken_back))
      return false;
    batches_ = {};
    return true;
  }
  state now() const { return state_; }

private:
  bool change(state from, state to) { return state_.compare_exchange_strong(from, to); }
  std::atomic<state> state_{state::waiting};
  record_batches batches_; // the writer's from take() on, the sender's from take_back() on
  monotonic settled_at_{}; // written before the state, read after it
};
using append_ticket_ptr = std::shared_ptr<append_ticket>;

/// What the sender may go by. One whose writer is gone without settling it (the sender has the
/// last handle) has failed: nobody is left who could write it.
inline append_ticket::state state_of(const append_ticket_ptr& ticket) {
  // In this order: with the last handle in hand the state is final, and not before.
  const bool forsaken = ticket.use_count() == 1;
  std::atomic_thread_fence(std::memory_order_acquire);
  const auto state = ticket->now();
  const bool open = state == append_ticket::state::waiting || state == append_ticket::state::taken;
  return forsaken && open ? append_ticket::state::failed : state;
}

} // namespace switchboard::actors
