#pragma once

#include "actors/ticker.hpp"
#include "conf/agent_profile.hpp"

namespace switchboard::actors {

enum class limit_hit : uint8_t { none, call, idle_caller, model_silence, model_time };
const char* to_string(limit_hit);

/// What a call is doing at a moment.
struct call_moment {
  bool model_live = false;
  bool agent_audible = false;
  bool caller_speaking = false;
  bool answer_due = false; ///< a response is in progress or asked for
  bool tools_running = false;
};

/// Watches the bounds of one call. Pure; told the time.
class call_limits {
public:
  call_limits(const conf::agent_limits& bounds, monotonic started);
  /// @returns the first bound that is reached; each is reported once.
  limit_hit check(monotonic now, const call_moment& moment);

private:
  bool past(uint32_t bound_s, monotonic since, monotonic now) const;

  conf::agent_limits bounds_;
  monotonic started_;
  monotonic checked_;
  monotonic active_;     // somebody spoke or worked last
  monotonic owed_since_; // the model owes an answer since
  monotonic::duration model_{0};
  bool reported_ = false;
};

} // namespace switchboard::actors
