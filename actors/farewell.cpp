#include "actors/farewell.hpp"

#include "conf/defaults/tools.hpp"

namespace switchboard::actors {

namespace limits = defaults::tools;

void farewell::begin(monotonic now, bool words_due) {
  if (begun_)
    return; // the first reason counts
  begun_ = now;
  words_due_ = words_due;
}

bool farewell::over(monotonic now, const agent_activity& agent) {
  if (!begun_)
    return false;
  if (now >= *begun_ + limits::goodbye_max)
    return true;
  if (words_due_ && (agent.audible || agent.speech_due))
    words_due_ = !agent.audible; // being asked for is not being said
  if (words_due_)
    return now >= *begun_ + limits::goodbye_start_max;
  if (agent.speech_due) {
    all_sent_.reset();
    return false;
  }
  if (!agent.audible)
    return true;
  if (!all_sent_)
    all_sent_ = now + agent.queued + limits::goodbye_marks_max;
  return now >= *all_sent_;
}

} // namespace switchboard::actors
