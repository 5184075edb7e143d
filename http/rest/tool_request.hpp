#pragma once

#include "actors/outbound_actor.hpp"
#include "http/rest/web_client.hpp"

#include <cstdint>
#include <string>

namespace switchboard::conf {
struct config;
}

/// What is sent to HTTP tools and to the carrier's REST API, and what their answers mean
/// (docs/tools.md). Pure; any thread.
namespace switchboard::http {

/// Whether a text is one JSON object of at most defaults::outbound::arguments_bytes_max bytes.
bool is_json_object(const std::string& text);

/// The request for one use of a tool, signed if it has a secret.
/// @pre the arguments are a JSON object.
web_request tool_request(const actors::tool_order& order, int64_t now_s, bool allow_private);

/// What the model is told of a tool's answer: its body if all went well, an error otherwise.
actors::tool_outcome tool_outcome_of(const web_answer& answer);

/// The value of X-Switchboard-Signature: `v1=` and the HMAC-SHA256 over `<timestamp>.<body>` in
/// hex.
std::string tool_signature(const std::string& secret, int64_t now_s, const std::string& body);

/// The carrier's `Calls` update that ends a call. Its URL is empty if the sid cannot be one.
web_request hang_up_request(const conf::config& config, const std::string& call_sid);

/// Whether the call is over at the carrier: ended now, ended before (21220), or unknown (404).
bool is_hung_up(const web_answer& answer);

} // namespace switchboard::http
