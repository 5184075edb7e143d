#pragma once

#include "actors/atoms.hpp"
#include "conf/agent_profile.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <memory>
#include <string>

namespace switchboard::actors {

/// One use of an HTTP tool.
struct tool_order {
  std::shared_ptr<const conf::http_tool> tool;
  std::string call_id;      ///< ours
  std::string call_sid;     ///< the carrier's
  std::string from, to;     ///< numbers of the call
  std::string tool_call_id; ///< the model's, unique within its session
  std::string arguments_json;
};

/// What the model is told. An error is an output, too: it can say so and go on.
struct tool_outcome {
  bool ok = false;
  std::string output;
};

/// Makes this node's requests to other people's servers. Every request is answered within its own
/// deadline; failures are answers.
using outbound_actor = caf::typed_actor<
    // Calls an HTTP tool.
    caf::replies_to<atom::runtool, tool_order>::with<tool_outcome>,
    // Ends a call at the carrier by its REST API. True = it is over there, whoever ended it.
    caf::replies_to<atom::hangup, std::string>::with<bool>>;

} // namespace switchboard::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::tool_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::tool_outcome)
