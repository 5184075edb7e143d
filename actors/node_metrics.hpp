#pragma once

#include "actors/call_state.hpp"
#include "actors/histogram.hpp"
#include "actors/link_close.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace switchboard::actors {

using counter = std::atomic<uint64_t>;

/// What became of a call that asked to be taken.
enum class admission_result : uint8_t { accepted, full, overloaded, draining, database, disk };
constexpr std::array<const char*, 6> admission_names = {"accepted", "full",     "overloaded",
                                                        "draining", "database", "disk"};
constexpr size_t call_states = static_cast<size_t>(call_state::ended) + 1;
constexpr size_t link_ends = static_cast<size_t>(link_end::protocol_error) + 1;
/// Why a media stream gave place to another one: an end of its socket, or the carrier's next stream
/// came while it was there.
constexpr size_t carrier_replaced = link_ends;
constexpr size_t carrier_reasons = carrier_replaced + 1;
/// Why a model session was lost: an end of its socket; or the model said so, it was of no use (not
/// configured in time, or its responses failed again and again), or its leg died.
constexpr size_t model_said_so = link_ends;
constexpr size_t model_useless = link_ends + 1;
constexpr size_t model_leg_died = link_ends + 2;
constexpr size_t model_reasons = model_leg_died + 1;

/// The reason as /metrics shows it.
inline const char* carrier_reason_name(size_t reason) {
  return reason < link_ends ? to_string(static_cast<link_end>(reason)) : "replaced";
}
inline const char* model_reason_name(size_t reason) {
  constexpr const char* beyond[] = {"error_event", "useless", "leg_died"};
  return reason < link_ends ? to_string(static_cast<link_end>(reason)) : beyond[reason - link_ends];
}

/// Figures of one line. Written on its thread, read by /metrics.
struct line_metrics {
  counter caller_frames{0};     ///< media messages of carriers
  counter agent_audio_bytes{0}; ///< PCMU sent to carriers: 8,000 a second
  /// How much later than possible a caller's audio went on to the model, us (audio/arrival_delay).
  histogram frame_delay{defaults::metrics::media_delay_us};
  /// How late the line's tick came, us: what a frame waits that arrives at a busy line.
  histogram lateness{defaults::metrics::media_delay_us};
};

/// Figures of the node: told by the actor named, read by /metrics, never reset. Control path only;
/// what happens per frame is in line_metrics.
struct node_metrics {
  // -- calls: registry, call actors
  std::array<counter, admission_names.size()> admissions{};
  std::array<std::atomic<int64_t>, call_states> calls_in{}; ///< call actors by their state
  counter calls_completed{0};
  counter calls_failed{0};
  histogram turn_latency{defaults::metrics::turn_latency_ms}; ///< ms, as the caller hears it
  counter interruptions{0};
  // -- connections: legs
  std::array<counter, model_reasons> model_lost{};
  std::array<counter, link_ends> carrier_lost{};
  std::array<counter, model_reasons> model_reconnects{}; ///< by what was lost before
  std::array<counter, carrier_reasons> carrier_reconnects{};
  // -- recording: recorders
  histogram journal_lag{defaults::metrics::journal_lag_ms}; ///< ms from hand-over to written
  std::atomic<int64_t> journal_waiting_bytes{0};
  // -- database: writer
  histogram commit_time{defaults::metrics::commit_us}; ///< us of one transaction
  histogram batch_writes{defaults::metrics::batch_writes};
  std::atomic<uint64_t> database_queue{0}; ///< writes that waited at the last commit
  counter database_failures{0};
  // -- readers: jobs that wait or are at work
  std::atomic<int64_t> database_reads{0};
  std::atomic<int64_t> disk_reads{0};
  // -- actors that are brought back: kept_alive
  counter actors_restarted{0};
};

template <class Enum, size_t N>
counter& at(std::array<counter, N>& counters, Enum which) {
  return counters[static_cast<size_t>(which)];
}

} // namespace switchboard::actors
