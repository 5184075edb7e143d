#include "actors/registry_state.hpp"
#include "actors/wall_clock.hpp"
#include "conf/defaults/call.hpp"
#include "conf/log.hpp"

#include <algorithm>
#include <utility>

namespace switchboard::actors {

void registry_state::begin_call(const call_facts& facts) {
  const auto known = interrupted.find(facts.call_sid);
  if (known == interrupted.end()) {
    create_row(facts);
    return;
  }
  const auto row = std::move(known->second);
  interrupted.erase(known);
  --node->recovering;
  take_over(facts, row);
}

/// A call that was taken over and did not live again.
void registry_state::hand_back(const std::string& call_id) {
  ++node->recovering;
  caf::anon_send(settings.recovery, atom::finish_v, call_id);
}

/// The carrier brought a call back: its row goes on, with what was said so far.
void registry_state::take_over(call_facts facts, const storage::call_row& row) {
  facts.profile = settings.profiles->of(facts.to);
  auto& entry = table.add(row.id, std::move(facts));
  entry.started_wall_ms = row.start_time;
  entry.started =
      now() - std::chrono::milliseconds{std::max<int64_t>(0, wall_now_ms() - row.start_time)};
  entry.taken_over = true;
  count();
  log::info("registry", "call taken over", {{"call_id", row.id}, {"call_sid", row.call_sid}});
  self->request(settings.recovery, caf::duration{defaults::call::past_timeout}, atom::past_v,
                row.id)
      .then(
          [this, row](const storage::call_past_ptr& past) {
            if (auto* known = table.by_id(row.id))
              known->past = past;
            row_created(row.call_sid, row);
          },
          [this, row](const caf::error& why) { row_failed(row.call_sid, why); });
}

void registry_state::give_up(const std::string& call_sid) {
  const auto found = interrupted.find(call_sid);
  if (found == interrupted.end())
    return;
  caf::anon_send(settings.recovery, atom::finish_v, found->second.id);
  interrupted.erase(found);
}

void registry_state::give_up_all() {
  for (auto& [sid, row] : std::exchange(interrupted, {}))
    caf::anon_send(settings.recovery, atom::finish_v, row.id);
}

} // namespace switchboard::actors
