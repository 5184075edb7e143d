#pragma once

#include "actors/messages.hpp"
#include "actors/ticker.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace switchboard::actors {

/// Where a call stands in the eyes of the registry.
enum class call_phase : uint8_t {
  creating, ///< its row is being written
  expected, ///< admitted; its stream has not come yet
  granted,  ///< its stream was handed to a line; the call actor has not reported yet
  live,     ///< a call actor runs
};

/// One call as the registry knows it.
struct call_entry {
  std::string call_id;
  call_facts facts;
  call_phase phase = call_phase::creating;
  std::string nonce;
  bool nonce_used = false;
  int64_t nonce_expires_at_s = 0;
  std::optional<uint32_t> line;
  monotonic deadline{};       ///< of `expected`, `granted`; of `live`: past it the call is dead
  int64_t last_sequence = -1; ///< of status callbacks
  int64_t started_wall_ms = 0;
  bool taken_over = false;     ///< a dead process began it; recovery finishes it if it ends early
  storage::call_past_ptr past; ///< what that process left
  std::optional<storage::call_status> early_end; ///< the carrier ended it while it was created
};

enum class claim_verdict : uint8_t { ok, unknown_call, wrong_nonce, used_nonce };

/// The registry's bookkeeping without actors, clock or I/O: calls by id and by carrier sid,
/// bounded, tickets that are good once, lines by load.
class call_table {
public:
  call_table(size_t calls_max, size_t lines) : calls_max_(calls_max), load_(lines, 0) {}

  call_entry* by_id(const std::string& call_id);
  call_entry* by_sid(const std::string& call_sid);
  bool full() const { return by_id_.size() >= calls_max_; }
  size_t size() const { return by_id_.size(); }

  /// Adds a call in phase `creating`. @pre !full(), no entry with this id or sid.
  call_entry& add(std::string call_id, call_facts facts);
  /// Moves an entry to another id (the database knew the call by it). @returns the entry.
  call_entry& rename(call_entry&, const std::string& call_id);
  void remove(const std::string& call_id);

  /// Gives the entry a ticket if it has none that is good: the same one for a retried webhook, a
  /// new one once the old was used or has expired.
  void renew_ticket(call_entry&, std::string fresh_nonce, int64_t now_s, int64_t lifetime_s);
  /// Uses up a ticket.
  claim_verdict use_ticket(const std::string& call_sid, const std::string& nonce, int64_t now_s);

  /// The line for a call's stream: where it lives already, else the least loaded one of those that
  /// keep up, else the least loaded. @param is_late whether a line does not keep up; null = none.
  uint32_t assign_line(call_entry&, const std::function<bool(size_t)>& is_late = nullptr);
  size_t lines() const { return load_.size(); }
  uint32_t load(size_t line) const { return load_[line]; }

  /// Calls whose deadline has passed: no stream or no actor came, or the call outlives its bound.
  std::vector<std::string> overdue(monotonic now) const;
  std::vector<std::string> ids() const;

private:
  size_t calls_max_;
  std::vector<uint32_t> load_;
  std::unordered_map<std::string, call_entry> by_id_;
  std::unordered_map<std::string, std::string> id_of_sid_;
};

} // namespace switchboard::actors
