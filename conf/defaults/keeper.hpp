#pragma once

#include <chrono>
#include <cstdint>

/// Numbers of what removes old and erased calls.
namespace switchboard::defaults::keeper {

/// How often it looks for calls and journals past their retention, which is counted in days and
/// hours, and for erasures that could not be finished.
constexpr std::chrono::milliseconds interval{600'000};
/// Calls that one query of the retention names, and unfinished erasures of one round: some 10 kB.
constexpr int64_t batch_max = 100;
/// The files of an erased call are looked for again for so long: sealing a long recording, which
/// may have been under way, takes minutes at most (a four-hour call on a slow disk).
constexpr std::chrono::milliseconds second_look{3'600'000};
/// Pause between two steps of taking erased words out of the search index: the writer belongs to
/// calls.
constexpr std::chrono::milliseconds forget_pause{100};
/// How long a query may take; nobody waits for it.
constexpr std::chrono::milliseconds query_timeout{30'000};

} // namespace switchboard::defaults::keeper
