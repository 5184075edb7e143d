#pragma once

#include <chrono>

namespace switchboard::actors {

/// Lets the calling thread give way to others of this nice value or less: where a core is wanted
/// by both, those have most of it, and its own waking up interrupts nobody (SCHED_BATCH), so that
/// threads that hand messages to each other take many at a time: with 200 calls that halved the
/// process's context switches. Linux keeps both per thread, and no privilege is needed. Calls come
/// first: the lines have 0 and are never batch (ARCHITECTURE.md, "Overload"). A thread that cannot
/// is told of in the log and works on.
/// @param nice 0 to 19. @param who the thread, for the log.
void give_way(int nice, const char* who);

/// Has the calling thread run as soon as it wakes up, where another thread of longer slices has the
/// core: it asks Linux (6.12 and later; others ignore it) for slices of this length, and a thread
/// with a shorter one need not wait for the end of another's. For the lines, whose turns are short:
/// a frame must not wait for some milliseconds of an API request. No privilege is needed, and the
/// thread's share of the core stays what it was.
/// Source: sched_setattr(2), sched_runtime of SCHED_OTHER.
/// @param who the thread, for the log.
void run_promptly(std::chrono::microseconds slice, const char* who);

/// Has the calling thread run before all threads of normal priority, whatever they do: real-time
/// scheduling at its lowest priority (SCHED_RR, 1). Linux allows it to root, to CAP_SYS_NICE, and
/// below RLIMIT_RTPRIO (systemd: LimitRTPRIO=1). Threads that it starts are normal ones. A thread
/// whose policy was chosen by somebody else is left alone. For the lines while they keep up: one
/// that does not must give the others their share (run_fairly()).
/// @returns whether it does.
bool run_first();

/// Takes run_first() back: the thread is a normal one, that runs promptly.
void run_fairly(std::chrono::microseconds slice, const char* who);

/// The length of slice that the calling thread asked for; 0 if Linux does not tell.
std::chrono::microseconds own_slice();

} // namespace switchboard::actors
