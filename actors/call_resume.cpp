#include "actors/call_actor.hpp"
#include "actors/wall_clock.hpp"
#include "conf/defaults/call.hpp"

#include <algorithm>

namespace switchboard::actors {

/// Takes a call up where a dead process left it: its media time goes on (the time without a process
/// is silence), its journal and its conversation are continued.
void call_actor::go_on(const storage::call_past& past) {
  call_wall_ms_ = past.started_at.value_or(call_wall_ms_);
  stem_ = past.stem.empty() ? recording_stem(setup_.call_id, call_wall_ms_) : past.stem;
  const int64_t by_wall = wall_now_ms() - call_wall_ms_;
  const auto last = static_cast<int64_t>(past.length_ms);
  const auto now_media =
      std::clamp(by_wall, last, last + static_cast<int64_t>(defaults::call::down_ms_max));
  context_->started -= std::chrono::milliseconds{now_media};
  context_->talk.go_on(past.turns, setup_.call_id);
}

} // namespace switchboard::actors
