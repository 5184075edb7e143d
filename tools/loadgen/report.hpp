#pragma once

#include "tools/loadgen/run.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace sim::load {

/// All figures of a run, durations in ms, memory in kB (1,000 bytes).
nlohmann::json report_json(const options& how, const tally& told, const load_spread& lateness,
                           const outcome& what);
/// The same for people.
std::string report_text(const nlohmann::json& report);

} // namespace sim::load
