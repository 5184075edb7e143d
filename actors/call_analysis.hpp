#pragma once

#include "actors/messages.hpp"
#include "actors/model_link.hpp"
#include "actors/turn_timing.hpp"
#include "conf/config.hpp"
#include "storage/call_review.hpp"
#include "storage/records.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace switchboard::actors {

/// Figures of one call, told by its legs on the line.
struct call_figures {
  uint64_t frames_in = 0;
  uint64_t caller_talk_ms = 0;
  uint64_t agent_talk_ms = 0;
  uint64_t interruptions = 0;
  uint64_t model_restarts = 0;
  uint64_t streams = 0;          ///< of the carrier; more than one = it came back
  uint64_t gaps = 0, gap_ms = 0; ///< caller audio that never came
  uint64_t jitter_us = 0;        ///< of its arrival, as RFC 3550 section 6.4.1 smoothes it
  model_usage usage;             ///< summed over all responses
  turn_timing timing;

  /// Another response's tokens.
  void count(const model_usage& more);
};

/// Everything that is known of a call at one moment; on its way to the analyst.
struct call_snapshot {
  std::string call_id;
  call_facts facts;
  std::vector<std::pair<std::string, std::string>> parameters; ///< of the stream's start
  std::string language; ///< what the agent was told to expect; empty = not known
  std::optional<conf::model_prices> prices; ///< none = no cost is told
  call_figures figures;
  uint64_t dropped_audio_ms = 0; ///< the caller's, in gaps of the model
  uint64_t recording_paused_ms = 0;
  uint64_t length_ms = 0; ///< of the call until now
  storage::wall_ms taken_at = 0;
  bool last = false;       ///< the call is over
  bool review_due = false; ///< and its model session was asked about it
  std::optional<storage::call_review>
      review; ///< what it said; none = not asked, failed, or rubbish
};

/// In USD. Tokens that the usage does not tell apart are not counted.
double cost_of(const model_usage& usage, const conf::model_prices& prices);

/// The row of a snapshot; figures that were never measured are absent.
storage::analytics_row analytics_of(const call_snapshot& call);
/// The analytics row's `metrics`, a JSON object.
std::string metrics_json(const call_snapshot& call);
/// What is known of the call besides its figures.
storage::metadata_row metadata_of(const call_snapshot& call);

} // namespace switchboard::actors
