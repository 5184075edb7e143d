#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace sim::openai {

/// A fault switch that cannot be read; the message says what is allowed.
struct fault_error : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// Which connections a fault meets, counted from 1: "3", "2-4", "5+" or "*" (every one).
struct fault_sessions {
  int first = 1;
  int last = 0; ///< 0 = no end.

  bool meets(int number) const noexcept { return number >= first && (last == 0 || number <= last); }
};

/// @throws fault_error
fault_sessions parse_sessions(const std::string& text);

/// One fault: "SESSIONS:VALUE[:CODE]"; a lone "VALUE" meets every session.
struct fault {
  fault_sessions sessions;
  double value = 0; ///< Seconds, milliseconds or a status, as the switch says.
  int code = 0;
};

/// @param fields Numbers behind the sessions: 1 or 2.
/// @throws fault_error
fault parse_fault(const std::string& text, int fields);

/// The faults of all sessions, as given on the command line.
struct fault_plan {
  std::vector<fault> drop_after;      ///< Seconds after session.updated: TCP connection cut.
  std::vector<fault> close_after;     ///< Likewise: close frame with a code.
  std::vector<fault> garbage;         ///< Likewise: a text frame that is no JSON, and a binary one.
  std::vector<fault> stall;           ///< Likewise: neither reads nor writes any more.
  std::vector<fault> slow;            ///< Every event this many ms later.
  std::vector<fault> http_status;     ///< Upgrade answered with this status.
  std::vector<fault_sessions> refuse; ///< Closed at accept.
  std::vector<fault_sessions> silent; ///< Accepted by TCP, never answered.
  std::vector<fault_sessions> quota;  ///< insufficient_quota after session.created.
};

/// @returns The first fault of the list that meets this session.
std::optional<fault> fault_for(const std::vector<fault>& faults, int session);
bool any_meets(const std::vector<fault_sessions>& list, int session);

} // namespace sim::openai
