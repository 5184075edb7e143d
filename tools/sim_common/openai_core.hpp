#pragma once

#include "tools/sim_common/openai_conversation.hpp"
#include "tools/sim_common/openai_json.hpp"
#include "tools/sim_common/openai_script.hpp"
#include "tools/sim_common/openai_timeline.hpp"
#include "tools/sim_common/openai_wire.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace sim::openai {

enum class dialect { ga, beta };

/// How one session behaves. Times in ms.
struct session_options {
  int number = 1; ///< Counted from 1 over the life of the simulator.
  std::string model = "gpt-realtime-2.1";
  dialect spoken = dialect::ga;
  int64_t epoch_s = 0;               ///< Unix time of the session's start.
  int64_t expiry_ms = 3'600'000;     ///< The service ends a session after 60 minutes.
  int64_t setup_ms = 0;              ///< Until session.created.
  int64_t think_ms = 300;            ///< From response.created to the first output.
  int64_t transcript_delay_ms = 700; ///< From the end of a turn to its transcription.
  int64_t error_delay_ms = 0;        ///< Errors may come later than replies to newer events.
  double speed = 4.0;                ///< Audio leaves this much faster than it plays.
  bool out_of_quota = false;         ///< insufficient_quota right after session.created.
  bool keep_audio = false;           ///< Keep all audio heard, for a WAV.
};

/// What the parts of one session share.
struct core {
  core(session_options chosen, std::shared_ptr<const script> played)
      : options(std::move(chosen)), lines(std::move(played)), out(options.number) {}

  /// Sends an error event, late if the options say so. @param cause The client's event_id.
  void fail(const api_error& error, const std::string& cause, int64_t delay_ms = 0);

  session_options options;
  std::shared_ptr<const script> lines;
  timeline time;
  wire out;
  json config; ///< The session object.
  conversation talk;
  bool voice_used = false; ///< The model has spoken: its voice can no longer change.
  json report = json::object();
};

} // namespace sim::openai
