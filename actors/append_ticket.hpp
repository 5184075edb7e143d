#pragma once

#include <caf/allowed_unsafe_message_type.hpp>

#include <atomic>
#include <cstdint>
#include <memory>

namespace switchboard::actors {

/// One append to a journal as its two sides know it. An append that a slow disk finishes after the
/// recorder lost patience must not be written again: until the disk writer takes it, the recorder
/// may take it back; from then on it waits to be told. Thread-safe.
class append_ticket {
public:
  enum class state : uint8_t { waiting, taken, written, failed, taken_back };

  /// Disk writer, before it writes. @returns false if the recorder has taken it back.
  bool take() { return change(state::waiting, state::taken); }
  /// Disk writer, when it knows. (A failed append leaves nothing behind in the journal.)
  void settle(bool written) { state_ = written ? state::written : state::failed; }
  /// Recorder, out of patience. @returns true if the append will never be written.
  bool take_back() { return change(state::waiting, state::taken_back); }
  state now() const { return state_; }

private:
  bool change(state from, state to) { return state_.compare_exchange_strong(from, to); }
  std::atomic<state> state_{state::waiting};
};
using append_ticket_ptr = std::shared_ptr<append_ticket>;

} // namespace switchboard::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::append_ticket_ptr)
