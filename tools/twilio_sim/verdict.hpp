#pragma once

#include "tools/twilio_sim/options.hpp"
#include "tools/twilio_sim/report.hpp"

namespace sim {

/// Decides whether a call that is over went as planned, and says why not: fills `ok`, `failure`
/// and `rejected` of the record. A call is as planned when its stream ran, it ended without a
/// failure, and nothing was warned of; unless a refusal or a rejection is what was expected.
/// @param said_everything The caller's script came to its end.
void judge(call_record& record, const options& config, bool said_everything);

} // namespace sim
