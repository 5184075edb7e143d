#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

/// What a bidirectional `<Stream>` asks for.
struct twiml_stream {
  std::string url;
  std::string name;
  std::string status_callback;
  std::string status_callback_method = "POST";
  std::map<std::string, std::string> parameters; ///< become `start.customParameters`
};

enum class twiml_verb_kind {
  say,
  pause,
  play,
  hangup,
  reject,
  redirect,
  dial,
  connect_stream,
  unsupported, ///< a verb that TwiML has but this simulator does not act on
};

/// One verb of a document, with only the members filled that its kind uses.
struct twiml_verb {
  twiml_verb_kind kind = twiml_verb_kind::unsupported;
  std::string name;            ///< the element's name, for logs
  std::string text;            ///< words to say, URL to play or to go to, number to dial; trimmed
  std::string digits;          ///< Play
  std::string reason;          ///< Reject: `rejected` or `busy`
  std::string action;          ///< Connect, Dial
  std::string method = "POST"; ///< Redirect; Connect's and Dial's action
  double length_s = 1;         ///< Pause
  twiml_stream stream;         ///< Connect
};

/// A finding in a document, with the number that Twilio's debugger uses.
struct twiml_problem {
  int code = 0;
  std::string text;
};

struct twiml_document {
  std::vector<twiml_verb> verbs;
  std::vector<twiml_problem> warnings; ///< obeyed none the less
  std::string error;                   ///< empty: the document can be executed
  int error_code = 0;                  ///< Twilio's number for `error`
};

/// Reads a TwiML document as strictly as Twilio does. Never throws.
/// Errors: 12100 (not XML), 12200 (no `<Response>`, or a verb used wrongly), 11750 (over 64 kB),
/// 31922/31923 (stream URL), 31941 (track). Sources: https://www.twilio.com/docs/voice/twiml,
/// https://www.twilio.com/docs/api/errors.
twiml_document parse_twiml(std::string_view document);

/// How long the speech of `<Say>` takes here, in ms: 60 ms a character, at most 3 s, so that tests
/// stay short.
int virtual_speech_ms(std::string_view text);

} // namespace sim
