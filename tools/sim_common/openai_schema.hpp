#pragma once

#include "tools/sim_common/openai_json.hpp"

#include <optional>
#include <string>

namespace sim::openai {

/// Checks a value against a small schema, and words the first problem as the model service does.
///
/// A schema node is an object with one of: "object" (known keys; anything else is
/// unknown_parameter), "by_type" (the known keys depend on "type"), "enum", "string", "bool",
/// "int" [min, max], "number" [min, max], "array" (of a node), "any_of" (a list of nodes), "any".
/// Beside it: "null": true allows null, "required": true makes a key of an object mandatory.
///
/// @param path Name of the value in messages, such as "session.audio.input".
/// @returns The first problem, or nothing.
std::optional<api_error> find_problem(const json& schema, const json& value,
                                      const std::string& path);

} // namespace sim::openai
