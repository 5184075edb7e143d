#pragma once

#include "tools/sim_common/openai_json.hpp"
#include "tools/sim_common/openai_vad.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace sim::openai {

/// Checks a parsed client event: its type, its keys, the types of its values. (What depends on the
/// state of the conversation is checked where the event is handled.)
/// @returns The first problem, or nothing.
std::optional<api_error> check_client_event(const json& event);

/// The session object of session.created: server VAD with 200 ms, 24 kHz PCM both ways.
json default_session(const std::string& id, const std::string& model, int64_t expires_at_s);

/// Applies a checked session.update: only fields that are present change. A turn_detection of
/// another type starts from that type's defaults.
void merge_session(json& session, const json& update);

/// @returns The VAD settings of the session, or nothing when turn_detection is null.
/// semantic_vad becomes a silence of 0.4 s (high), 0.8 s (medium, auto) or 1.6 s (low).
std::optional<vad_settings> vad_of(const json& session);

} // namespace sim::openai
