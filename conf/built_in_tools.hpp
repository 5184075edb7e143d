#pragma once

#include "conf/agent_profile.hpp"

#include <optional>
#include <string>
#include <vector>

namespace switchboard::conf {

/// A tool as the model is told of it.
struct tool_declaration {
  std::string name, description, parameters_json;
};

/// The tools of a profile, built-in ones first: end_call, send_dtmf,
/// pause_recording with resume_recording, transfer_call.
std::vector<tool_declaration> tools_of(const agent_profile& profile);

/// A text member of the model's arguments. Nothing if it is not one, or they are not JSON.
std::optional<std::string> text_argument(const std::string& arguments_json, const char* name);

/// Whether a function of this name is ours.
bool is_built_in_tool(const std::string& name);

/// Whether the carrier can press these: 1 to 32 of 0-9 * # w (a pause of half a second) W (one).
bool is_dtmf(const std::string& digits);

} // namespace switchboard::conf
