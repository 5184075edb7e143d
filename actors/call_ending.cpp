#include "actors/call_actor.hpp"
#include "actors/row_end.hpp"
#include "conf/defaults/call.hpp"
#include "conf/defaults/tools.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

namespace switchboard::actors {

namespace limits = defaults::call;

/// The end of a call, in order: legs (so that the ledger knows what was heard), turns, figures,
/// row, event, registry; the recorder goes on by itself. Every step has a deadline.
void call_actor::end(storage::call_status status, const std::string& why) {
  end_ms_ = now_ms();
  storage::call_update row_end;
  row_end.status = status;
  row_end.end_time = call_wall_ms_ + static_cast<int64_t>(end_ms_); // whatever the clock did since
  row_end.duration_s = static_cast<int64_t>(end_ms_ / 1000);
  end_ = row_end;
  // The caller who hung up, and the call that is over at the carrier, ask nothing.
  will_be_asked_ = !carrier_over_ && children_.alive(carrier_leg);
  if (status == storage::call_status::failed)
    sequel_ = setup_.facts.profile->fallback_number.empty()
                  ? next_step{after_stream::apologize, {}}
                  : next_step{after_stream::dial, setup_.facts.profile->fallback_number};
  if (will_be_asked_)
    send_later(defaults::tools::action_max, atom::linger_v);
  end_why_ = why;
  auto& metrics = services_->node->metrics;
  ++(status == storage::call_status::completed ? metrics.calls_completed : metrics.calls_failed);
  children_.expect_end(model_leg);
  children_.expect_end(next_model);
  children_.expect_end(carrier_leg);
  take_last_analyst();
  if (review_due())
    ask_for_review();
  for (auto leg : {model_leg, next_model})
    if (children_.alive(leg))
      send(children_.child(leg), atom::finish_v);
  if (!children_.alive(carrier_leg)) {
    legs_told();
    return;
  }
  ask(children_.child(carrier_leg), limits::last_turns_deadline, atom::finish_v)
      .then([this](bool) { legs_told(); }, [this](const caf::error&) { legs_told(); });
}

void call_actor::legs_told() {
  context_->talk.call_over(end_ms_);
  pass_on_turns();
  context_->journal.call_ended(end_ms_, end_why_, end_->status == storage::call_status::failed);
  finish_recorder();
  end_parts_ = 2;
  finish_figures();
  if (!children_.alive(turns)) {
    end_part_stored();
    return;
  }
  ask(children_.child(turns), limits::last_turns_deadline, atom::finish_v)
      .then([this](bool) { end_part_stored(); },
            [this](const caf::error& why) {
              log::error("call", "the last turns are not stored yet",
                         {{"call_id", setup_.call_id}, {"why", caf::to_string(why)}});
              end_part_stored();
            });
}

/// Hands the rest of the journal over. The recorder seals on its own; the call does not wait for
/// that.
void call_actor::finish_recorder() {
  if (!feeder_ || std::exchange(recorder_told_, true))
    return;
  auto last = children_.alive(recorder) ? children_.child(recorder) : spawn_call_recorder();
  children_.let_go(recorder); // also ends a pause before a restart: it was started just now instead
  if (auto batch = context_->journal.take())
    feeder_->add(std::move(batch));
  services_->node->journal_lost_bytes += context_->journal.dropped_bytes();
  send(last, atom::finish_v, feeder_->take());
}

/// The analyst goes on alone from here: storing may take longer than the call waits, and an answer
/// of the model does.
void call_actor::take_last_analyst() {
  last_analyst_ = children_.alive(analyst) ? children_.child(analyst) : spawn_call_analyst();
  children_.let_go(analyst);
}

/// Only a session that is there is asked, and only about a caller who said something: one opened
/// for the question would cost a second call's set-up, and a model that failed the call would be
/// asked to judge it. A node that goes down does not wait for opinions.
bool call_actor::review_due() const {
  return services_->config->review_calls && !services_->node->draining && model_ready_ &&
         children_.alive(model_leg) && context_->talk.caller_spoke();
}

/// The session leaves the call and stays open until it has answered; nothing waits for it.
void call_actor::ask_for_review() {
  review_asked_ = true;
  send(children_.child(model_leg), atom::review_v, last_analyst_);
  children_.let_go(model_leg);
}

/// The last figures.
void call_actor::finish_figures() {
  auto call = snapshot(end_ms_, *end_->end_time);
  call.last = true;
  call.review_due = review_asked_;
  ask(std::exchange(last_analyst_, nullptr), limits::last_turns_deadline, atom::finish_v,
      std::move(call))
      .then([this](bool) { end_part_stored(); }, [this](const caf::error&) { end_part_stored(); });
}

void call_actor::end_part_stored() {
  if (--end_parts_ == 0)
    write_end();
}

void call_actor::write_end() {
  ++end_tries_;
  write_call_end(this, services_->writer, services_->feed, setup_.call_id, *end_,
                 [this](bool written) {
                   end_stored_ = written;
                   if (written || end_tries_ >= limits::end_write_tries)
                     happened(call_event::end_written,
                              written ? "the end is stored" : "the registry stores the end later");
                   else
                     send_later(limits::end_write_pause, atom::commit_v);
                 });
}

void call_actor::wind_up() {
  services_->node->frames_in += context_->figures.frames_in;
  log::info("call", "call ended",
            {{"call_id", setup_.call_id},
             {"duration_ms", end_ms_},
             {"why", end_why_},
             {"frames_in", context_->figures.frames_in}});
  linger_until_ = line_now() + limits::ending_deadline;
  send_later(limits::ending_deadline, atom::expire_v);
  children_.stop(turns);
  maybe_quit();
}

/// Quits when the sockets are closed and nobody is owed an answer, or when that takes too long.
/// Only in a message handler, as quit() itself.
void call_actor::maybe_quit() {
  if (state_ != call_state::ended)
    return;
  const bool patient = line_now() < linger_until_;
  if (patient && (children_.alive_count() > 0 || will_be_asked_))
    return;
  children_.stop_all();
  if (end_stored_)
    anon_send(services_->registry, atom::ended_v, setup_.call_id);
  else
    anon_send(services_->registry, atom::ended_v, setup_.call_id, *end_);
  state_ = call_state::ended;
  quit();
}

/// The carrier never asked what follows its stream: its call would go on without anybody in it.
void call_actor::hang_up_by_rest() {
  if (!will_be_asked_)
    return;
  will_be_asked_ = false;
  log::warn("call", "the carrier did not ask what follows", {{"call_id", setup_.call_id}});
  if (services_->outbound)
    caf::anon_send(services_->outbound, atom::hangup_v, setup_.facts.call_sid);
  maybe_quit();
}

} // namespace switchboard::actors
