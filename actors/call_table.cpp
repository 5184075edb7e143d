#include "actors/call_table.hpp"

#include <algorithm>

namespace switchboard::actors {

call_entry* call_table::by_id(const std::string& call_id) {
  auto found = by_id_.find(call_id);
  return found == by_id_.end() ? nullptr : &found->second;
}

call_entry* call_table::by_sid(const std::string& call_sid) {
  auto found = id_of_sid_.find(call_sid);
  return found == id_of_sid_.end() ? nullptr : by_id(found->second);
}

call_entry& call_table::add(std::string call_id, call_facts facts) {
  id_of_sid_[facts.call_sid] = call_id;
  auto& entry = by_id_[call_id];
  entry.call_id = std::move(call_id);
  entry.facts = std::move(facts);
  return entry;
}

call_entry& call_table::rename(call_entry& old, const std::string& call_id) {
  if (old.call_id == call_id)
    return old;
  auto moved = std::move(old);
  by_id_.erase(moved.call_id);
  id_of_sid_[moved.facts.call_sid] = call_id;
  moved.call_id = call_id;
  return by_id_[call_id] = std::move(moved);
}

void call_table::remove(const std::string& call_id) {
  auto* entry = by_id(call_id);
  if (entry == nullptr)
    return;
  if (entry->line)
    --load_[*entry->line];
  id_of_sid_.erase(entry->facts.call_sid);
  by_id_.erase(call_id);
}

void call_table::renew_ticket(call_entry& entry, std::string fresh_nonce, int64_t now_s,
                              int64_t lifetime_s) {
  const bool good = !entry.nonce.empty() && !entry.nonce_used && entry.nonce_expires_at_s > now_s;
  if (good)
    return;
  entry.nonce = std::move(fresh_nonce);
  entry.nonce_used = false;
  entry.nonce_expires_at_s = now_s + lifetime_s;
}

claim_verdict call_table::use_ticket(const std::string& call_sid, const std::string& nonce,
                                     int64_t now_s) {
  auto* entry = by_sid(call_sid);
  if (entry == nullptr)
    return claim_verdict::unknown_call;
  if (nonce.empty() || nonce != entry->nonce || entry->nonce_expires_at_s <= now_s)
    return claim_verdict::wrong_nonce;
  if (entry->nonce_used)
    return claim_verdict::used_nonce;
  entry->nonce_used = true;
  return claim_verdict::ok;
}

uint32_t call_table::assign_line(call_entry& entry, const std::function<bool(size_t)>& is_late) {
  if (!entry.line) {
    const auto weight = [&](size_t line) { // any line that keeps up goes before any that does not
      return std::make_pair(is_late && is_late(line), load_[line]);
    };
    uint32_t best = 0;
    for (uint32_t line = 1; line < load_.size(); ++line)
      if (weight(line) < weight(best))
        best = line;
    entry.line = best;
    ++load_[best];
  }
  return *entry.line;
}

std::vector<std::string> call_table::overdue(monotonic now) const {
  std::vector<std::string> result;
  for (auto& [id, entry] : by_id_) {
    const bool waits = entry.phase != call_phase::creating;
    if (waits && entry.deadline <= now)
      result.push_back(id);
  }
  return result;
}

std::vector<std::string> call_table::ids() const {
  std::vector<std::string> result;
  for (auto& [id, entry] : by_id_)
    result.push_back(id);
  return result;
}

} // namespace switchboard::actors
