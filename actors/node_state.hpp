#pragma once

#include "actors/node_metrics.hpp"
#include "actors/row_versions.hpp"
#include "conf/defaults/conf.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

namespace switchboard::actors {

/// What the storage watch last saw of the two volumes. Low = less than DISK_FREE_MIN_MB is free.
struct storage_health {
  std::atomic<uint64_t> recording_free_bytes{0};
  std::atomic<uint64_t> database_free_bytes{0};
  std::atomic<bool> recording_writable{true};
  std::atomic<bool> database_writable{true};
  std::atomic<bool> recording_low{false};
  std::atomic<bool> database_low{false};
  /// No new call is taken / new calls are taken but not recorded, until there is room again.
  std::atomic<bool> refusing{false};
  std::atomic<bool> not_recording{false};
};

/// What any thread may ask about this node without asking an actor (/health, /ready, admission).
/// Each value has one writer, named here.
struct node_state {
  const std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  std::atomic<uint32_t> active_calls{0};      ///< registry: admitted and not ended
  std::atomic<bool> draining{false};          ///< main, on SIGTERM
  std::atomic<bool> listening{false};         ///< http server
  std::atomic<bool> database_ok{true};        ///< database writer
  row_versions versions;                      ///< database writer: what its commits changed
  std::atomic<uint32_t> recorders{0};         ///< recorders: alive, sealing included
  std::atomic<uint32_t> reviews{0};           ///< legs and analysts at a review of an ended call
  std::atomic<uint32_t> recorders_failing{0}; ///< recorders: those that the disk fails now
  std::atomic<uint64_t> recordings_left{0};   ///< recorders: not stored; the next start does it
  std::atomic<uint64_t> ends_waiting{0};      ///< registry: ends of calls that could not be written
  /// Calls of a dead process that are neither taken up by their carrier nor finished: counted by
  /// the registry until it hands them over, then by recovery. `later` = failed, to be tried again.
  std::atomic<int64_t> recovering{0}, recovering_later{0};
  storage_health storage;                         ///< storage watch
  std::atomic<uint32_t> event_clients{0};         ///< http server: clients of the event stream
  std::atomic<uint64_t> event_clients_dropped{0}; ///< http server: did not keep up
  std::atomic<uint64_t> frames_in{0};             ///< twilio legs, once per call at its end
  /// Each line, by its tick: it does not keep up. New calls go elsewhere (overload_watch).
  std::array<std::atomic<bool>, defaults::conf::lines_max> line_late{};
  std::atomic<uint64_t> journal_lost_bytes{0}; ///< recorders: could not be written within the bound
  node_metrics metrics;

  /// Whether what is said is kept, of all calls that are to be kept.
  bool recording_ok() const {
    return recorders_failing == 0 && (storage.recording_writable || storage.not_recording);
  }
};
using node_state_ptr = std::shared_ptr<node_state>;

} // namespace switchboard::actors
