#include "actors/call_limits.hpp"

namespace switchboard::actors {

call_limits::call_limits(const conf::agent_limits& bounds, monotonic started)
    : bounds_(bounds),
      started_(started),
      checked_(started),
      active_(started),
      owed_since_(started) {}

bool call_limits::past(uint32_t bound_s, monotonic since, monotonic now) const {
  return bound_s > 0 && now - since >= std::chrono::seconds{bound_s};
}

limit_hit call_limits::check(monotonic now, const call_moment& moment) {
  if (moment.model_live)
    model_ += now - checked_;
  checked_ = now;
  const bool busy =
      moment.agent_audible || moment.caller_speaking || moment.answer_due || moment.tools_running;
  if (busy || !moment.model_live) // a session that is away is the model's fault, not the caller's
    active_ = now;
  const bool owed = moment.model_live && moment.answer_due && !moment.agent_audible &&
                    !moment.caller_speaking && !moment.tools_running;
  if (!owed)
    owed_since_ = now;
  if (reported_)
    return limit_hit::none;
  limit_hit hit = limit_hit::none;
  if (past(bounds_.call_s, started_, now))
    hit = limit_hit::call;
  else if (past(bounds_.model_s, monotonic{}, monotonic{} + model_))
    hit = limit_hit::model_time;
  else if (past(bounds_.model_silence_s, owed_since_, now))
    hit = limit_hit::model_silence;
  else if (past(bounds_.idle_caller_s, active_, now))
    hit = limit_hit::idle_caller;
  reported_ = hit != limit_hit::none;
  return hit;
}

const char* to_string(limit_hit hit) {
  switch (hit) {
  case limit_hit::none:
    return "none";
  case limit_hit::call:
    return "the call's longest duration is reached";
  case limit_hit::idle_caller:
    return "nobody has spoken for too long";
  case limit_hit::model_silence:
    return "the model does not answer";
  case limit_hit::model_time:
    return "the call's time with the model is used up";
  }
  return "unknown";
}

} // namespace switchboard::actors
