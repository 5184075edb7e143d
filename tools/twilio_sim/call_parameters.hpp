#pragma once

#include "tools/sim_common/twilio_signature.hpp"
#include "tools/twilio_sim/options.hpp"

#include <string>

namespace sim {

/// The parameters that every request about a call carries.
/// Source: https://www.twilio.com/docs/voice/twiml (Twilio's request to your application).
form_params call_parameters(const options& config, const std::string& call_sid,
                            const std::string& call_status);

/// What a status callback carries besides.
/// @param sequence Order in which the events fired.
/// @param duration_s Of an ended call; negative for other events.
/// Source: https://www.twilio.com/docs/voice/api/call-resource (StatusCallback).
form_params status_parameters(const std::string& call_status, int sequence, double duration_s);

/// A sid: two letters and 32 random hexadecimal digits.
std::string make_sid(const char* prefix);

/// Now in UTC, as in `Sun, 22 Nov 2026 10:00:00 +0000`.
std::string rfc2822_now();

/// Now in UTC, as in `2026-11-22T10:00:00.123Z`.
std::string iso8601_now();

} // namespace sim
