#include "actors/actor_error.hpp"
#include "actors/registry_state.hpp"
#include "actors/row_end.hpp"
#include "conf/defaults/registry.hpp"
#include "conf/log.hpp"

namespace switchboard::actors {

namespace limits = defaults::registry;

namespace {

bool is_terminal(const std::string& status) {
  return status == "completed" || status == "busy" || status == "failed" || status == "no-answer" ||
         status == "canceled";
}

} // namespace

// -- ends
// --------------------------------------------------------------------------------------------

caf::result<bool> registry_state::callback(const status_callback& report) {
  auto* entry = table.by_sid(report.call_sid);
  if (entry == nullptr) {
    const bool known = interrupted.count(report.call_sid) > 0;
    if (known && is_terminal(report.status))
      give_up(report.call_sid);
    return known;
  }
  const bool older = report.sequence && *report.sequence < entry->last_sequence;
  if (report.sequence && !older)
    entry->last_sequence = *report.sequence;
  if (!is_terminal(report.status)) // a terminal state stands whenever it arrives
    return true;
  const auto status =
      report.status == "completed" ? storage::call_status::completed : storage::call_status::failed;
  auto live_call = calls.find(entry->call_id);
  if (live_call != calls.end())
    caf::anon_send(live_call->second, atom::gone_v, std::string{"carrier: " + report.status});
  else if (entry->phase == call_phase::creating)
    entry->early_end = status; // written as soon as there is a row
  else
    end_without_actor(entry->call_id, status, false);
  return true;
}

caf::result<bool> registry_state::hang_up(const std::string& call_id) {
  auto* entry = table.by_id(call_id);
  for (auto& [sid, row] : interrupted)
    if (row.id == call_id) {
      give_up(std::string{sid});
      return true;
    }
  if (entry == nullptr)
    return make_error(actor_error::not_found);
  auto live_call = calls.find(call_id);
  if (live_call != calls.end())
    caf::anon_send(live_call->second, atom::finish_v, std::string{"hung up by the API"});
  else
    end_without_actor(call_id, storage::call_status::failed, true);
  return true;
}

/// @param call_id a copy: the entry that it may come from is forgotten here.
/// @param at_carrier the carrier may still hold the call: no socket will end it, so a request does.
void registry_state::end_without_actor(std::string call_id, storage::call_status status,
                                       bool at_carrier) {
  auto* entry = table.by_id(call_id);
  if (entry == nullptr)
    return;
  if (at_carrier && settings.outbound)
    caf::anon_send(settings.outbound, atom::hangup_v, entry->facts.call_sid);
  // The journal of such a call knows better when it ended, and is not sealed yet.
  if (entry->taken_over && entry->phase != call_phase::live) {
    forget(call_id);
    hand_back(call_id);
    return;
  }
  storage::call_update end;
  end.status = status;
  const auto lasted_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(now() - entry->started).count();
  end.end_time = entry->started_wall_ms + lasted_ms;
  end.duration_s = lasted_ms / 1000;
  forget(call_id);
  write_end(call_id, end);
}

void registry_state::write_end(const std::string& call_id, const storage::call_update& end) {
  write_call_end(self, writer, feed, call_id, end, [this, call_id, end](bool written) {
    if (!written)
      keep_end(call_id, end);
  });
}

/// The database does not take the end now: a row that stays `active` would be wrong for ever.
void registry_state::keep_end(const std::string& call_id, const storage::call_update& end) {
  if (kept_ends.size() >= limits::ends_waiting_max) {
    log::error("registry", "too many ends wait; the next start writes this one",
               {{"call_id", call_id}});
    ++ends_lost;
  } else {
    kept_ends.insert_or_assign(call_id, end);
    next_end_try = now() + limits::end_retry;
  }
  node->ends_waiting = kept_ends.size() + ends_lost;
}

/// One that fails stops the others for a while: they would fail as well.
void registry_state::write_kept_ends() {
  if (end_on_way || kept_ends.empty() || (now() < next_end_try && !node->draining))
    return;
  end_on_way = true;
  const auto call_id = kept_ends.begin()->first;
  write_call_end(self, writer, feed, call_id, kept_ends.begin()->second,
                 [this, call_id](bool written) {
                   end_on_way = false;
                   if (!written) {
                     next_end_try = now() + limits::end_retry;
                     return;
                   }
                   kept_ends.erase(call_id);
                   node->ends_waiting = kept_ends.size() + ends_lost;
                   write_kept_ends();
                 });
}

void registry_state::forget(const std::string& call_id) {
  calls.erase(call_id);
  const auto* entry = table.by_id(call_id);
  if (settings.prewarmer != nullptr && entry != nullptr && entry->line)
    settings.prewarmer->drop(*entry->line, call_id);
  table.remove(call_id);
  count();
}

void registry_state::on_down(const caf::down_msg& down) {
  for (auto& [id, call] : calls) {
    if (call.address() != down.source)
      continue;
    const auto call_id = id;
    log::error("registry", "call actor died",
               {{"call_id", call_id}, {"why", caf::to_string(down.reason)}});
    end_without_actor(call_id, storage::call_status::failed, true);
    return;
  }
}

void registry_state::drain(bool end_now) {
  node->draining = true;
  if (!end_now)
    return;
  for (auto& [id, call] : calls)
    caf::anon_send(call, atom::finish_v, std::string{"the node is going down"});
  for (auto& id : table.ids())
    if (calls.count(id) == 0)
      end_without_actor(id, storage::call_status::failed, true);
  give_up_all();
}

void registry_state::look_over() {
  for (auto& id : table.overdue(now())) {
    auto live_call = calls.find(id);
    if (live_call != calls.end()) { // it ends itself at its bound; this one does not live any more
      log::error("registry", "call past its bound", {{"call_id", id}});
      table.by_id(id)->deadline = monotonic::max();
      self->send_exit(live_call->second, caf::exit_reason::kill);
      continue; // on_down() ends it
    }
    log::warn("registry", "no stream came for the call", {{"call_id", id}});
    end_without_actor(id, storage::call_status::failed, true);
  }
  if (!interrupted.empty() && now() >= resume_until)
    give_up_all();
  write_kept_ends();
  self->delayed_send(self, limits::housekeeping, atom::expire_v);
}

} // namespace switchboard::actors
