#include "actors/overload_watch.hpp"

#include "conf/defaults/line.hpp"

#include <algorithm>
#include <bitset>

namespace switchboard::actors {

namespace limits = defaults::line;

namespace {

size_t late_ticks(uint32_t history, unsigned ticks) {
  return std::bitset<32>{history & ((uint32_t{1} << ticks) - 1)}.count();
}

} // namespace

bool overload_watch::on_tick(std::chrono::microseconds lateness) {
  const bool late = lateness > limits::late_after;
  const auto displaced = static_cast<unsigned>(lateness / limits::tick);
  const unsigned counts = 1 + std::min(late ? displaced : 0u, limits::overload_ticks - 1);
  for (unsigned i = 0; i < counts; ++i)
    history_ = history_ << 1 | (late ? 1u : 0u);
  const bool was = overloaded_;
  if (late_ticks(history_, limits::overload_ticks) >= limits::overload_late_ticks)
    overloaded_ = true;
  else if (late_ticks(history_, limits::recovery_ticks) <= limits::recovery_late_ticks_max)
    overloaded_ = false;
  return overloaded_ != was;
}

} // namespace switchboard::actors
