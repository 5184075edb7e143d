#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Numbers of the process.
namespace switchboard::defaults::node {

/// Threads of CAF's scheduler: control actors only, so few are enough; two, so that one long
/// handler does not stop the others.
constexpr size_t scheduler_threads = 2;
/// Messages that one scheduled actor handles before another gets its turn.
constexpr size_t scheduler_throughput_max = 64;

/// Nice value of all threads but the lines': CAF's (recorders, journals, database) and the http
/// thread. A line that competes with one of them for a core gets three quarters of it.
constexpr int helper_nice = 5;

/// After the drain: how long ended calls may take to store their ends and seal their recordings.
constexpr std::chrono::seconds finish_deadline{60};
/// How often a waiting shutdown looks whether it is done.
constexpr std::chrono::milliseconds shutdown_poll{20};
/// How long control actors may take to end.
constexpr std::chrono::seconds control_deadline{10};

/// An actor that must always be there and died is brought back after so long; doubled each time, up
/// to the longest, while it dies again within the time after which it counts as well.
constexpr std::chrono::milliseconds revive_pause_first{100};
constexpr std::chrono::milliseconds revive_pause_max{30'000};
constexpr std::chrono::milliseconds revive_forgiven_after{60'000};

/// How often free space is looked at: 200 calls that all end write some 25 MB in that time.
constexpr std::chrono::milliseconds storage_look_interval{2'000};
/// There is room again when this much more than the mark is free, in percent of it: a mark that is
/// crossed with each erased file would let calls in and out by turns.
constexpr uint64_t storage_room_percent = 110;
constexpr uint64_t bytes_per_mb = 1024 * 1024;

/// Bytes of the key that signs recording URLs (HMAC-SHA256: as long as its output).
constexpr size_t url_key_bytes = 32;

} // namespace switchboard::defaults::node
