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

/// What any thread may ask about this node without asking an actor (/health, /ready, admission).
/// Each value has one writer, named here.
struct node_state {
  const std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  std::atomic<uint32_t> active_calls{0};          ///< registry: admitted and not ended
  std::atomic<bool> draining{false};              ///< main, on SIGTERM
  std::atomic<bool> listening{false};             ///< http server
  std::atomic<bool> database_ok{true};            ///< database writer
  row_versions versions;                          ///< database writer: what its commits changed
  std::atomic<bool> recording_ok{true};           ///< disk writers
  std::atomic<uint32_t> recorders{0};             ///< recorders: alive, sealing included
  std::atomic<uint32_t> event_clients{0};         ///< http server: clients of the event stream
  std::atomic<uint64_t> event_clients_dropped{0}; ///< http server: did not keep up
  std::atomic<uint64_t> frames_in{0};             ///< twilio legs, once per call at its end
  /// Each line, by its tick: it does not keep up. New calls go elsewhere (overload_watch).
  std::array<std::atomic<bool>, defaults::conf::lines_max> line_late{};
  std::atomic<uint64_t> journal_lost_bytes{0}; ///< recorders: could not be written within the bound
  node_metrics metrics;
};
using node_state_ptr = std::shared_ptr<node_state>;

} // namespace switchboard::actors
