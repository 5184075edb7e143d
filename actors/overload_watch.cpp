#include "actors/overload_watch.hpp"

#include <algorithm>

namespace switchboard::actors {

namespace limits = defaults::line;

bool overload_watch::on_beat(std::chrono::microseconds lateness) {
  const bool late = lateness > limits::late_after;
  const auto displaced = static_cast<size_t>(lateness / limits::beat);
  const size_t counts = std::min(1 + (late ? displaced : 0), limits::stall_beats_max);
  for (size_t i = 0; i < counts; ++i)
    history_ = history_ << 1 | std::bitset<limits::recovery_beats>{late ? 1u : 0u};
  constexpr size_t older = limits::recovery_beats - limits::overload_beats;
  const bool was = overloaded_;
  if ((history_ << older).count() >= limits::overload_late_beats)
    overloaded_ = true;
  else if (history_.count() <= limits::recovery_late_beats_max)
    overloaded_ = false;
  return overloaded_ != was;
}

} // namespace switchboard::actors
