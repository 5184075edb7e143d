#pragma once

#include <chrono>
#include <cstddef>

/// Numbers of the lines (media threads and the http thread).
namespace switchboard::defaults::line {

/// How often sockets look at their deadlines and legs pass journal facts on. Deadlines are seconds,
/// so 100 ms is exact enough; and it is half of the 200 ms of audio that a crash may cost.
constexpr std::chrono::milliseconds tick{100};

/// Messages that one pinned actor handles before sockets and other actors get their turn.
constexpr size_t throughput_max = 64;

/// How long teardown waits for the pinned actors before it gives up on them.
constexpr std::chrono::milliseconds teardown_deadline{10'000};

} // namespace switchboard::defaults::line
