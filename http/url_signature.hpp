#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Signed recording URLs: an `<audio>` element can play them without a header. Pure; any thread.
namespace switchboard::http {

enum class url_verdict { ok, malformed, bad_signature, expired };

const char* to_string(url_verdict);

/// `/api/calls/<id>/recording?expires=<epoch s>&signature=<base64url HMAC-SHA256>`. The expiry is
/// at least an hour away and on a full hour, so that a row rendered twice gives the same URL and
/// its ETag holds.
/// @param key     URL_SIGNING_KEY
/// @param call_id goes into the path percent-encoded.
std::string recording_url(std::string_view key, std::string_view call_id, int64_t now_s);

/// @param call_id   of the path, decoded.
/// @param expires   the query's value, as given. @param signature likewise.
url_verdict check_recording_url(std::string_view key, std::string_view call_id,
                                std::string_view expires, std::string_view signature,
                                int64_t now_s);

} // namespace switchboard::http
