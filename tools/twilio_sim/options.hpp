#pragma once

#include "tools/sim_common/twilio_caller_audio.hpp"
#include "tools/sim_common/twilio_signature.hpp"
#include "tools/sim_common/twilio_turns.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sim {

/// A stretch of the call's media time, in ms.
struct time_span {
  int64_t at_ms = 0;
  int64_t length_ms = 0;

  bool holds(int64_t ms) const { return ms >= at_ms && ms < at_ms + length_ms; }
};

/// Audio that the caller says at a fixed time.
struct timed_clip {
  int64_t at_ms = 0;
  audio_clip clip;
};

/// Digits that the caller presses from a fixed time on.
struct timed_digits {
  int64_t at_ms = 0;
  std::string digits;
};

/// An utterance of a caller who takes turns.
struct scripted_turn {
  std::string file;
  audio_clip clip;
  std::optional<int64_t> interrupt_ms;
};

/// What the caller says, does and keeps.
struct caller_options {
  std::vector<timed_clip> clips;
  std::vector<scripted_turn> turns;
  turn_rules rules;
  std::vector<timed_digits> dtmf;
  std::optional<int64_t> hang_up_after_ms; ///< since the first stream started, or the answer
  int64_t duration_max_ms = 600000;
  std::string heard_file; ///< %d becomes the call's number
  std::string said_file;
};

/// What goes wrong on purpose. Times are the call's media time.
struct fault_options {
  std::vector<time_span> gaps;
  std::vector<time_span> bursts;
  int64_t late_marks_ms = 0;
  std::optional<int64_t> abrupt_close_ms;
  bool vanish = false; ///< after the abrupt close the carrier is never heard of again
  std::optional<int64_t> silent_after_ms;
  bool no_start = false;
  bool bad_ticket = false;
  bool bad_signature = false;
  bool bad_stream_signature = false;
  bool duplicate_webhook = false;
};

/// In which order the server learns that a call is over: `stop` on the stream, the stream's close,
/// the status callback. On a stream nothing comes after its close; a carrier whose connection
/// breaks says no stop at all.
enum class end_order : uint8_t {
  stop_close_report,
  stop_report_close,
  report_stop_close,
  close_report,
  report_close
};

/// What a run must end like for exit code 0.
enum class expectation { success, refused, rejected };

struct options {
  std::string url;
  std::string ca_file;    ///< authorities to trust over TLS; empty: the system's
  std::string public_url; ///< base that is signed; empty: that of `url`
  std::string account_sid;
  std::string auth_token;
  std::string from;
  std::string to;
  form_params extra_params;
  int calls = 1;
  int64_t stagger_ms = 20;
  int64_t wait_server_ms = 0;
  int64_t retry_ms = 0; ///< a request that finds nobody is made again for so long
  std::string status_callback;
  std::vector<std::string> status_events;
  bool shuffle_callbacks = false;
  end_order end_as = end_order::stop_close_report;
  bool stream_callbacks = true;
  bool shuffle_stream_callbacks = false;
  std::optional<uint16_t> rest_port; ///< 0: any
  std::string rest_port_file;
  int64_t linger_ms = 0;
  std::optional<int64_t> second_stream_ms;
  caller_options caller;
  fault_options faults;
  expectation expected = expectation::success;
  std::string report_file;
  bool quiet = false;

  bool sign_only = false; ///< the subcommand `sign`
  std::string sign_url;
  form_params sign_params;
};

/// Reads the command line, files included. On a usage error, or for --help, it prints and ends the
/// process as CLI11 does (exit code above 100 for an error).
options parse_options(int argc, char** argv);

} // namespace sim
