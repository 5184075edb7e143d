#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sim {

/// Decoded form parameters in the order in which they are sent. Names may repeat.
using form_params = std::vector<std::pair<std::string, std::string>>;

/// The text that Twilio signs: the URL, then each parameter's name and value without separators,
/// sorted by name bytewise. A repeated name contributes its distinct values, sorted, as the
/// vendor's own library does.
/// Source: https://www.twilio.com/docs/usage/security (Validating requests).
std::string twilio_signed_text(std::string_view url, const form_params& params);

/// The value of `X-Twilio-Signature`: base64 of the HMAC-SHA1 of `twilio_signed_text`.
/// @param auth_token The Auth Token of the account that owns the call.
/// @param url The full URL as configured; nothing is re-encoded.
/// @param params The body's parameters; none for GET, JSON bodies and WebSocket upgrades.
std::string twilio_signature(std::string_view auth_token, std::string_view url,
                             const form_params& params);

/// Encodes parameters as `application/x-www-form-urlencoded` (UTF-8, a blank becomes `+`).
std::string form_encode(const form_params& params);

/// Decodes a form body. A malformed percent sequence is kept as it stands.
form_params form_decode(std::string_view body);

/// The value of the first parameter called `name`, or null.
const std::string* form_find(const form_params& params, std::string_view name);

} // namespace sim
