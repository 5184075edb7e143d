#pragma once

#include <string>
#include <string_view>

/// The rewritings of a URL that the carrier's official validator tries. Pure.
namespace switchboard::twilio {

/// Drops an explicit port; a text that is no URL stays as it is.
std::string without_port(std::string_view url);

/// Adds `:443` for https and `:80` for any other scheme (wss too: so does the official validator)
/// if the URL has no port.
std::string with_port(std::string_view url);

/// What `new URL(url).toString()` gives for http, https, ws and wss (WHATWG URL Standard): host in
/// lower case, default port dropped, `/` for an empty path, special characters percent-encoded. Dot
/// segments stay: no path of ours has any.
std::string normalised_url(std::string_view url);

/// Decodes the query and encodes it as Node's `querystring` module does.
std::string with_legacy_query(std::string_view url);

/// The URL with another scheme: "wss" for "https".
std::string with_scheme(std::string_view url, std::string_view scheme);

/// "https" of "https://host"; empty if there is none.
std::string_view scheme_of(std::string_view url);

} // namespace switchboard::twilio
