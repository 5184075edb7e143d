#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// TwiML: what Twilio is answered with. Every value is escaped here, so callers pass what they
/// have, whoever sent it. Pure; any thread.
namespace switchboard::twilio::twiml {

struct connect_stream {
  std::string say;             ///< spoken before the stream opens; empty = nothing
  std::string digits;          ///< pressed before the stream opens; 0-9 * # w W; empty = none
  std::string url;             ///< `wss://host/streams`; no query, Twilio drops it
  std::string action;          ///< asked when the stream has ended; empty = the call ends then
  std::string status_callback; ///< told of the stream's start, stop and errors; empty = none
  /// Come back as `customParameters` of the stream's `start`. A value is cut so that it and its
  /// name stay under Twilio's 500 characters; a name that leaves no room for a value is left out.
  std::vector<std::pair<std::string, std::string>> parameters;
};

enum class reject_reason { rejected, busy };

/// Answers the call and opens a bidirectional media stream.
std::string render(const connect_stream& what);
/// Speaks and hangs up; a text over the speech providers' bound is cut.
std::string say_and_hangup(std::string_view text);
/// Refuses a call that is not answered yet, at no cost.
std::string reject(reject_reason reason);
std::string hangup();
/// Connects the caller to another number; `action` is asked how that went, then says what follows.
std::string dial(std::string_view number, std::string_view action);
/// Nothing to do: the answer to a callback, or the end of a call.
std::string empty_response();

/// Appends text as XML character data, fit for attributes too: the five characters are escaped,
/// what XML 1.0 does not allow (most control characters, U+FFFE, U+FFFF) is dropped, what is not
/// UTF-8 becomes U+FFFD.
void append_xml(std::string& out, std::string_view text);

} // namespace switchboard::twilio::twiml
