#pragma once

#include <chrono>
#include <cstdint>

/// Numbers of the registry.
namespace switchboard::defaults::registry {

/// How long a ticket may wait for its stream. Twilio opens the stream within a second or two of the
/// TwiML; a minute covers a `<Say>` before it and a slow network.
constexpr std::chrono::seconds ticket_lifetime{60};
/// A granted stream whose call actor does not report itself within this time has failed.
constexpr std::chrono::seconds launch_deadline{10};
/// How often admissions are looked over.
constexpr std::chrono::seconds housekeeping{1};
/// Calls per line when nothing is configured: half of a core with TLS to the model and both sides
/// always talking (2.4 ms of CPU a call-second, docs/performance.md), so that the limit protects
/// and does not hinder. A line that is late all the same refuses new calls by itself.
constexpr uint32_t calls_per_line = 200;
/// Descriptors that one call needs: media socket, model socket, and its share of a journal.
constexpr uint32_t descriptors_per_call = 3;
/// Descriptors kept back for the listener, API clients, SSE, database and files.
constexpr uint32_t descriptors_reserved = 512;
/// Ends of calls that are kept while the database does not take them: every call of an hour on the
/// largest node. Past it the next start ends the row (recovery).
constexpr size_t ends_waiting_max = 10'000;
/// How long after a failed try the next one is made.
constexpr std::chrono::seconds end_retry{5};
/// How long the registry waits for a call's answer before it answers for it.
constexpr std::chrono::seconds call_timeout{2};

} // namespace switchboard::defaults::registry
