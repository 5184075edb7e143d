#pragma once

#include "tools/sim_common/twilio_turns.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sim {

/// A finding with the number that Twilio's debugger uses; 0 where Twilio has none.
struct call_warning {
  int code = 0;
  std::string text;
};

/// One HTTP request of a call.
struct http_record {
  std::string kind; ///< voice, action, redirect, play, status, stream
  std::string method;
  std::string url;
  int status = 0;
  double ms = 0;
  std::string error;
};

/// One media stream of a call.
struct stream_record {
  std::string stream_sid;
  std::string url;
  bool extra = false; ///< opened besides the call's own stream
  int upgrade_status = 0;
  bool started = false; ///< `start` was sent
  uint64_t frames_sent = 0;
  uint64_t frames_received = 0;
  uint64_t bytes_sent = 0;
  uint64_t bytes_received = 0;
  uint64_t frames_dropped = 0; ///< the server read too slowly
  uint64_t marks_received = 0;
  uint64_t marks_echoed = 0;
  uint64_t marks_cleared = 0; ///< of those echoed, the ones whose audio was not played
  uint64_t clears = 0;
  uint64_t dtmf_sent = 0;
  uint64_t pings = 0;
  int64_t heard_ms = 0;
  int64_t cleared_ms = 0;
  std::vector<int64_t> heard_at_clears_ms; ///< `heard_ms` at each clear, of the first 1,000
  int64_t buffered_max_ms = 0;
  int64_t first_audio_ms = -1; ///< since the stream's start
  int64_t longest_gap_ms = 0;
  int64_t longest_underrun_ms = 0;
  int underruns = 0;
  int64_t tick_late_max_ms = 0; ///< of this program: above 20 the machine was too slow
  int64_t started_at_ms = 0;    ///< call media time
  int64_t duration_ms = 0;
  std::string ended_by; ///< server, carrier, reset, refused, error
  int close_code = 0;   ///< of the server's close frame
  std::string close_reason;
  std::string error;
};

/// Everything that is told about one call.
struct call_record {
  int number = 0;
  std::string call_sid;
  std::string from;
  std::string to;
  std::string status;   ///< Twilio's CallStatus
  std::string ended_by; ///< caller, server, rest, carrier, error
  std::string failure;  ///< empty: as planned
  bool ok = false;
  bool answered = false;
  bool refused = false;  ///< by status 4xx, upgrade refusal or close 1008
  bool rejected = false; ///< by TwiML that opened no stream
  std::string started_at;
  double answered_after_ms = 0;
  int64_t answer_to_first_audio_ms = -1;
  double duration_s = 0; ///< from the answer to the end
  std::vector<std::string> verbs;
  std::vector<http_record> http;
  std::vector<stream_record> streams;
  std::vector<std::string> turn_files;
  std::vector<turn_outcome> turns;
  std::vector<call_warning> warnings;
  uint64_t warnings_left_out = 0;
};

/// The report as JSON text.
std::string render_report(const std::vector<call_record>& calls);

/// One or two lines on a call for people.
std::string render_line(const call_record& call);

} // namespace sim
