#include "actors/call_actor.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

namespace switchboard::actors {

namespace {

constexpr const char* goodbye_words =
    "The call has to end now. Tell the caller so in one short, friendly sentence and say goodbye.";

} // namespace

agent_activity call_actor::agent() const {
  agent_activity now;
  now.audible = context_->bridge.agent_audible();
  now.speech_due = model_ready_ && context_->answer_due;
  now.queued = std::chrono::milliseconds{context_->bridge.agent_queued_ms()};
  return now;
}

/// Begins the end of the call: what the agent says is heard out, then the stream is closed.
/// @param last_words what the agent is told to say before; empty = it has said it.
void call_actor::part(const std::string& why, next_step then, const std::string& last_words) {
  if (farewell_.under_way())
    return;
  const bool asked = !last_words.empty() && model_ready_ && children_.alive(model_leg);
  farewell_.begin(line_now(), asked);
  parting_why_ = why;
  parting_then_ = std::move(then);
  context_->parting = true;
  log::info("call", "the call is about to end", {{"call_id", setup_.call_id}, {"why", why}});
  if (asked)
    send(children_.child(model_leg), atom::say_v, last_words);
}

void call_actor::go_on_parting(monotonic now) {
  const bool running = state_ == call_state::connecting || state_ == call_state::live;
  if (!running || (!farewell_.under_way() && dtmf_call_.call_id.empty()))
    return; // as nearly always
  if (farewell_.over(now, agent())) {
    sequel_ = parting_then_;
    happened(call_event::hang_up, parting_why_);
    return;
  }
  const auto doing = agent();
  if (!dtmf_call_.call_id.empty() && !parked_ && !doing.audible && !doing.speech_due &&
      children_.alive(carrier_leg)) {
    parked_ = true;
    send(children_.child(carrier_leg), atom::park_v);
  }
}

void call_actor::watch_limits(monotonic now) {
  const bool running = state_ == call_state::connecting || state_ == call_state::live;
  if (!running && state_ != call_state::recovering)
    return;
  call_moment moment;
  moment.model_live = model_ready_ && running; // a stream that is away is nobody's silence
  moment.agent_audible = context_->bridge.agent_audible();
  moment.caller_speaking = context_->caller_speaking;
  moment.answer_due = context_->answer_due;
  moment.tools_running = context_->tools_running;
  const auto hit = limits_.check(now, moment);
  if (hit == limit_hit::none)
    return;
  if (hit == limit_hit::model_silence)
    happened(call_event::model_given_up, to_string(hit));
  else
    part(to_string(hit), {after_stream::hang_up, {}}, goodbye_words);
}

} // namespace switchboard::actors
