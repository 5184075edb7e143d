#pragma once

#include <chrono>
#include <cstdint>

namespace switchboard::actors {

/// Wall time in milliseconds since the Unix epoch (UTC): only for records that people read, never
/// for deadlines or media.
inline int64_t wall_now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

} // namespace switchboard::actors
