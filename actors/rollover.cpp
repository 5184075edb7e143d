#include "actors/rollover.hpp"

#include "conf/defaults/model.hpp"

#include <algorithm>

namespace switchboard::actors {

namespace limits = defaults::model;
using std::chrono::milliseconds;

void rollover_schedule::session_live(monotonic now, milliseconds left) {
  quiet_from_ = between_from_ = force_from_ = monotonic::max();
  not_before_ = {};
  if (left <= milliseconds{0})
    return;
  const auto ends = now + left;
  quiet_from_ = ends - std::min<milliseconds>(limits::rollover_before, left / 2);
  between_from_ = ends - std::min<milliseconds>(limits::rollover_between_before, left / 10);
  force_from_ = ends - std::min<milliseconds>(limits::rollover_force_before, left / 40);
  pause_ = std::min<milliseconds>(limits::rollover_retry, left / 20);
}

void rollover_schedule::opening_failed(monotonic now) {
  not_before_ = now + pause_;
}

rollover_step rollover_schedule::at(monotonic now) const {
  if (now >= force_from_)
    return rollover_step::now;
  if (now >= between_from_)
    return rollover_step::between_turns;
  return now >= quiet_from_ ? rollover_step::when_quiet : rollover_step::none;
}

} // namespace switchboard::actors
