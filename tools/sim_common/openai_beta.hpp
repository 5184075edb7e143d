#pragma once

#include "tools/sim_common/openai_json.hpp"

#include <vector>

namespace sim::openai {

/// A client event of the beta dialect in GA shape. What is no beta shape passes unchanged, so that
/// the checks find what is wrong with it.
json from_beta(json event);

/// A GA server event in beta shape; empty when the beta has no such event.
std::vector<json> to_beta(json event);

} // namespace sim::openai
