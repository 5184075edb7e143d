#include "actors/call_actor.hpp"
#include "actors/session_setup.hpp"
#include "conf/defaults/model.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

namespace switchboard::actors {

namespace limits = defaults::model;

/// The model sessions of a call: the one it talks to, and for a while near its end the next one.

/// The first session may have been opened at the webhook already.
caf::actor call_actor::spawn_model_leg() {
  model_ready_ = false;
  auto leg =
      services_->warm.empty() ? caf::actor{} : services_->warm[setup_.line]->take(setup_.call_id);
  if (!leg)
    leg = open_session({});
  send(leg, atom::takeover_v, next_session_start());
  return leg;
}

/// @param opener is told (standby) when the session waits to be taken over; may be invalid.
caf::actor call_actor::open_session(caf::actor opener) {
  model_leg_setup setup;
  setup.call_id = setup_.call_id;
  setup.connector = services_->connectors[setup_.line];
  setup.settings = settings_for(*services_->config, setup_.facts);
  setup.opener = std::move(opener);
  return spawn_openai_leg(home_system(), where(), std::move(setup));
}

session_start call_actor::next_session_start() {
  session_start start;
  start.call = caf::actor_cast<caf::actor>(this);
  start.context = context_;
  start.greeting = setup_.facts.profile->greeting;
  return start;
}

void call_actor::on_model_up(uint64_t left_ms) {
  children_.healthy(model_leg);
  model_ready_ = was_ready_ = true;
  rollover_.session_live(line_now(), std::chrono::milliseconds{left_ms});
  if (filling_)
    send(children_.child(carrier_leg), atom::filler_v, false);
  filling_ = false;
  happened(call_event::model_ready, "model session ready");
}

/// The session that the call talks to is gone. If the next one is open already it takes its place,
/// and the caller does not wait.
void call_actor::on_model_down() {
  model_ready_ = false;
  model_away_since_ = line_now();
  if (was_ready_)
    happened(call_event::model_lost, "the model session ended");
  const bool ending = state_ == call_state::ending || state_ == call_state::ended;
  if (!next_ready_ || ending)
    return;
  count_model_reconnect();
  promote_next(next_session_start());
}

void call_actor::count_model_reconnect() {
  ++context_->figures.model_restarts;
  const auto why = std::exchange(context_->model_lost_by, model_leg_died);
  ++at(services_->node->metrics.model_reconnects, why);
}

/// With the caller waiting in silence for longer than a moment, something is to be heard.
void call_actor::fill_the_gap(monotonic now) {
  const bool waits = state_ == call_state::connecting && !model_ready_;
  if (!waits || filling_ || !services_->config->gap_tone ||
      now < model_away_since_ + limits::filler_after || !children_.alive(carrier_leg))
    return;
  filling_ = true;
  send(children_.child(carrier_leg), atom::filler_v, true);
}

// -- the planned change to the next session
// -----------------------------------------------------------

void call_actor::roll_over(monotonic now) {
  if (state_ != call_state::live)
    return;
  const auto step = rollover_.at(now);
  if (step == rollover_step::none)
    return;
  if (!children_.alive(next_model)) {
    if (rollover_.may_open(now))
      children_.start(next_model);
    return;
  }
  const bool between_turns = context_->session_quiet && context_->talk.settled();
  const bool quiet = between_turns && !context_->bridge.agent_audible();
  const bool due = step == rollover_step::now || quiet ||
                   (step == rollover_step::between_turns && between_turns);
  if (!next_ready_ || !due)
    return;
  auto start = next_session_start();
  start.greeting.clear();
  start.answers = !between_turns; // else nobody waits for an answer
  log::info("call", "changing to the next model session",
            {{"call_id", setup_.call_id}, {"quiet", quiet}});
  send(children_.child(model_leg), atom::finish_v); // closed with 1000, waited for as `next_model`
  promote_next(std::move(start));
}

void call_actor::promote_next(session_start start) {
  next_ready_ = false;
  children_.promote(next_model, model_leg);
  send(children_.child(model_leg), atom::takeover_v, std::move(start));
}

void call_actor::next_session_failed() {
  next_ready_ = false;
  rollover_.opening_failed(line_now());
}

} // namespace switchboard::actors
