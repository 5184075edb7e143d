#pragma once

#include <cstddef>

namespace switchboard::defaults::log {

constexpr size_t queue_lines_max = 8192; // some seconds of a busy node; about 300 B each
constexpr int write_wait_ms_max = 500;   // stderr takes nothing for this long: lines are dropped
// A pipe that polls writable takes this much without blocking (PIPE_BUF, pipe(7)).
constexpr size_t write_bytes_max = 4096;

} // namespace switchboard::defaults::log
