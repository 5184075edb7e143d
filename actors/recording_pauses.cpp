#include "actors/recording_pauses.hpp"

#include "conf/defaults/call.hpp"

#include <algorithm>

namespace switchboard::actors {

bool recording_pauses::pause(uint64_t now_ms) {
  if (paused())
    return false;
  if (pauses_.size() < defaults::call::recording_pauses_max)
    pauses_.push_back({now_ms, std::nullopt});
  else
    pauses_.back().end_ms.reset(); // rather too much is left out than too little
  return true;
}

bool recording_pauses::resume(uint64_t now_ms) {
  if (!paused())
    return false;
  pauses_.back().end_ms = now_ms;
  return true;
}

bool recording_pauses::touches(uint64_t start_ms, std::optional<uint64_t> end_ms) const {
  return std::any_of(pauses_.begin(), pauses_.end(), [&](const span& pause) {
    return (!end_ms || *end_ms > pause.start_ms) && (!pause.end_ms || start_ms < *pause.end_ms);
  });
}

uint64_t recording_pauses::total_ms(uint64_t now_ms) const {
  uint64_t sum = 0;
  for (auto& pause : pauses_)
    sum += pause.end_ms.value_or(std::max(now_ms, pause.start_ms)) - pause.start_ms;
  return sum;
}

} // namespace switchboard::actors
