#pragma once

#include "conf/defaults/agent.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace switchboard::conf {

/// Whether the caller may interrupt the agent by speaking.
enum class barge_in : uint8_t {
  on,
  off_during_greeting, ///< the greeting is heard whole, then as `on`
  off,                 ///< the agent is always heard out
};

/// What a caller gets when there is no room for the call.
enum class when_full : uint8_t {
  apology,     ///< the call is answered, an apology is spoken
  reject_busy, ///< not answered: the caller hears a busy tone, and the call costs nothing
};

/// A function of the model that is served by somebody's web server.
struct http_tool {
  std::string name; ///< letters, digits, _ and -, at most 64: the model's rule
  std::string description;
  std::string parameters_json; ///< a JSON Schema object
  std::string url;             ///< https://..., or http://... outside production
  std::string secret;          ///< secret; signs the request; empty = unsigned
  uint32_t timeout_ms = defaults::agent::tool_timeout_ms;
  bool idempotent = false; ///< may be sent again when its answer got lost
};

/// Somebody the agent may transfer a call to. Only these, whatever the model asks for.
struct transfer_target {
  std::string name;
  std::string number; ///< E.164
};

/// Bounds of a call, in seconds; 0 = none. At a bound the agent says goodbye before the call ends.
struct agent_limits {
  uint32_t call_s = defaults::agent::call_s;
  uint32_t idle_caller_s = defaults::agent::idle_caller_s;     ///< nobody speaks, the caller's turn
  uint32_t model_silence_s = defaults::agent::model_silence_s; ///< the model owes an answer
  uint32_t model_s = defaults::agent::model_s;                 ///< time with a model session
};

/// How one agent answers. Read-only once made; a call keeps the one it began with.
struct agent_profile {
  std::string name; ///< `agent` of the Call row
  std::string instructions;
  std::string greeting; ///< what it is told to open the call with; empty = it waits for the caller
  std::string voice;
  std::string language; ///< ISO 639-1; empty = the transcription finds out
  std::string transcription_model;
  bool end_call = false;                  ///< the model may hang up
  bool send_dtmf = false;                 ///< the model may press keys
  bool pause_recording = false;           ///< the model may pause the recording, and resume it
  std::vector<transfer_target> transfers; ///< not empty: the model may transfer the call
  std::vector<http_tool> tools;
  agent_limits limits;
  barge_in interruptions = barge_in::on;
  bool record = true;
  when_full at_capacity = when_full::apology;
  std::string consent;         ///< spoken by the carrier before anything is heard or recorded
  std::string fallback_number; ///< called when the model fails for good; empty = an apology
};
using agent_profile_ptr = std::shared_ptr<const agent_profile>;

} // namespace switchboard::conf
