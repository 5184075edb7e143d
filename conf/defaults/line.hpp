#pragma once

#include <chrono>
#include <cstddef>

/// Numbers of the lines (media threads and the http thread).
namespace switchboard::defaults::line {

/// How often sockets look at their deadlines and legs pass journal facts on. Deadlines are seconds,
/// so 100 ms is exact enough; and it is half of the 200 ms of audio that a crash may cost.
constexpr std::chrono::milliseconds tick{100};
/// A tick is taken in so many parts, each for its share of the calls: all of 200 calls in one turn
/// took the line up to 7 ms, for which frames had to wait.
constexpr size_t tick_parts = 10;
/// How often the clock of a line with calls beats: one part of a tick. (The http thread's: a tick.)
constexpr std::chrono::milliseconds beat = tick / tick_parts;

/// Journal facts leave the line on every so many beats: disk writers are woken half as often, for
/// twice as much, and the 200 ms that a crash may cost have room for 20.
constexpr unsigned beats_per_flush = 2;

/// What the memory of a call is laid out by: x86-64 and most of ARM.
constexpr size_t cache_line_bytes = 64;

/// Places that a frame's way through a call is remembered by (memory_trail): it has about twenty.
/// With them, a socket's entry in its poller is four lines.
constexpr size_t trail_places_max = 26;
/// Lines of one place: 4 KiB, several times the largest object.
constexpr size_t trail_lines_max = 64;

/// Slices of the core that a line asks Linux for: the shortest there are. A line's turn takes less,
/// and other threads have some milliseconds.
constexpr std::chrono::microseconds slice{100};

/// A beat this late means that frames wait as long: half a frame's time, beyond which delay grows
/// from frame to frame.
constexpr std::chrono::microseconds late_after{10'000};
/// The line is overloaded when so many of its last beats (a second of them) were late: the median
/// frame waits, not one in a while.
constexpr size_t overload_beats = 100;
constexpr size_t overload_late_beats = 50;
/// For so many of them one late beat may count: two stalls within a second are an overload.
constexpr size_t stall_beats_max = overload_late_beats / 2;
/// It is well again when so many beats (two seconds) brought at most so many late ones. More than
/// it takes to be overloaded, so that admission does not flutter.
constexpr size_t recovery_beats = 200;
constexpr size_t recovery_late_beats_max = 20;

/// Jobs that were left for a beat and are run by it: as many answers of the database take a line
/// some 0.3 ms. After a time without a database those of all calls come at once.
constexpr size_t unhurried_jobs_max = 64;

/// Messages that one pinned actor handles before sockets and other actors get their turn.
constexpr size_t throughput_max = 64;

/// How long teardown waits for the pinned actors before it gives up on them.
constexpr std::chrono::milliseconds teardown_deadline{10'000};

/// Huge pages for the heap of a line: it begins with this many bytes of address space (300 calls
/// have about 12 MB). Beyond them it grows by small pages, which Linux may join later; it is not
/// looked for beyond what glibc gives a thread's heap.
constexpr size_t heap_step_bytes = 16 * 1024 * 1024;
constexpr size_t heap_resident_bytes = 8 * 1024 * 1024; // from the start; about 200 calls
constexpr size_t heap_bytes_max = 64 * 1024 * 1024;
constexpr size_t own_mapping_bytes = 1024 * 1024; // allocations above it get a mapping of their own
constexpr size_t heap_probe_bytes = 64;           // any that comes from the heap

} // namespace switchboard::defaults::line
