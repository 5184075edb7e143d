#include "actors/openai_leg.hpp"

#include "actors/atoms.hpp"
#include "actors/model_failure.hpp"
#include "actors/wall_clock.hpp"
#include "conf/defaults/call.hpp"
#include "conf/defaults/model.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

namespace switchboard::actors {

namespace limits = defaults::model;

namespace {
constexpr uint16_t close_normal = 1000; // RFC 6455 section 7.4.1

model_error error_of(const model_event& event) {
  return {event.error_type, event.error_code, event.error_param, event.error_message};
}
} // namespace

openai_leg::openai_leg(caf::actor_config& cfg, line* where, model_leg_setup setup)
    : line_actor(cfg, where), setup_(std::move(setup)), codec_(setup_.settings.pcmu) {}

caf::behavior openai_leg::make_behavior() {
  set_exit_handler([this](caf::exit_msg& stop) { quit(std::move(stop.reason)); });
  send_later(limits::configure_deadline, atom::deadline_v);
  if (setup_.unclaimed_max.count() > 0)
    send_later(setup_.unclaimed_max, atom::expire_v);
  link_ = setup_.connector->connect(this);
  return {
      [this](atom::takeover, const session_start& start) { take_over(start); },
      [this](atom::toolout, const tool_exchange& used, bool answer) {
        on_tool_output(used, answer);
        return true;
      },
      [this](atom::say, const std::string& instructions) { say(instructions); },
      [this](atom::digits, const std::string& digits) { on_digits(digits); },
      [this](atom::finish) { finish(); },
      [this](atom::review, const caf::actor& reader) { begin_review(reader); },
      [this](atom::review) {
        end_review();
        finish();
      },
      [this](atom::expire) {
        if (context_ == nullptr)
          finish();
      },
      [this](atom::stopped, uint8_t why, const std::string& detail) {
        const auto code = static_cast<actor_error>(why);
        if (code == actor_error::none)
          quit();
        else
          quit(make_error(code, detail));
      },
      [this](atom::deadline) {
        if (!configured_)
          lose(model_useless, actor_error::model_lost, "the session was not configured in time");
      },
  };
}

void openai_leg::release() {
  leave_call();
  release_review();
  link_.reset();
  call_ = nullptr; // the call holds us, too
  setup_.opener = nullptr;
  start_ = {};
}

/// The call goes on without this session: what the caller has been sent of an unfinished item is
/// all there will be of it, and the ids of the session mean nothing any more. At once when the
/// session is told to finish, since another one may be live before this one's socket is closed.
void openai_leg::leave_call() {
  if (!live_ || left_)
    return;
  left_ = true;
  context_->bridge.leave_model(this);
  for (auto& open : open_items_)
    context_->bridge.agent_item_done(open.first);
  open_items_.clear();
  context_->bridge.agent_read_end();
  const uint64_t now = now_ms();
  record_tools();
  context_->talk.session_over(now);
  context_->journal.session_stopped(now, ending_ || reader_ ? "finished" : "lost");
}

/// Ends the actor from wherever we are: callbacks of the socket run outside of any message handler,
/// where quit() has no effect.
void openai_leg::end_with(actor_error why, const std::string& detail) {
  if (ending_)
    return;
  ending_ = true;
  send(this, atom::stopped_v, static_cast<uint8_t>(why), detail);
}

/// end_with() of a session that is lost, counted by its reason (node_metrics).
void openai_leg::lose(size_t reason, actor_error why, const std::string& detail) {
  if (ending_)
    return;
  if (context_) {
    context_->model_lost_by = reason;
    if (context_->node)
      ++at(context_->node->metrics.model_lost, reason);
  }
  end_with(why, detail);
}

void openai_leg::finish() {
  if (ending_)
    return;
  ending_ = true;
  leave_call();
  if (link_ == nullptr) {
    quit();
    return;
  }
  link_->close(close_normal, "call ended");
  send_later(defaults::call::ending_deadline, atom::stopped_v, uint8_t{0}, std::string{});
}

// -- the session
// -------------------------------------------------------------------------------------

void openai_leg::on_model_open() {}

void openai_leg::on_model_closed(const link_close& why) {
  if (review_) { // nobody misses the session but the review
    end_review();
    ending_ = true;
  }
  if (ending_) {
    send(this, atom::stopped_v, uint8_t{0}, std::string{});
    return;
  }
  const bool fatal = judge_close(why) == model_failure::fatal;
  log::warn("openai_leg", "model session ended",
            {{"call_id", setup_.call_id},
             {"end", to_string(why.end)},
             {"close_code", static_cast<int>(why.close_code)},
             {"http_status", why.http_status},
             {"detail", why.detail}});
  lose(static_cast<size_t>(why.end), fatal ? actor_error::model_fatal : actor_error::model_lost,
       to_string(why.end));
}

void openai_leg::on_model_event(const model_event& event) {
  if (review_) {
    on_review_event(event);
    return;
  }
  if (ending_)
    return;
  switch (event.type) {
  case model_event_type::session_created:
    on_session_created(event);
    return;
  case model_event_type::session_updated:
    on_session_updated();
    return;
  case model_event_type::error:
    on_error(event);
    return;
  default:
    break;
  }
  if (!live_)
    return;
  switch (event.type) {
  case model_event_type::audio_delta:
    on_audio(event);
    return; // the hot one
  case model_event_type::speech_started:
  case model_event_type::speech_stopped:
  case model_event_type::committed:
  case model_event_type::transcription_completed:
  case model_event_type::transcription_failed:
    on_caller_event(event);
    break;
  case model_event_type::response_done:
    on_response_done(event);
    break;
  default:
    on_agent_event(event);
    break;
  }
  ask_for_response();
}

void openai_leg::on_model_read_end() {
  if (live_ && !left_)
    context_->bridge.agent_read_end();
}

void openai_leg::on_session_created(const model_event& event) {
  session_id_ = event.session_id.empty() ? "session" : event.session_id;
  const int64_t left = event.expires_at_s * 1000 - wall_now_ms();
  if (event.expires_at_s > 0 && left > 0)
    expires_ = line_now() + std::chrono::milliseconds{left};
  update_event_id_ = link_->send(update_session{setup_.settings});
  link_->flush();
}

void openai_leg::on_session_updated() {
  if (configured_)
    return;
  configured_ = true;
  if (context_ != nullptr)
    go_live();
  else if (setup_.opener)
    send(setup_.opener, atom::standby_v);
}

void openai_leg::take_over(const session_start& start) {
  if (ending_ || context_ != nullptr)
    return;
  start_ = start;
  call_ = start.call;
  context_ = start.context;
  if (configured_)
    go_live();
}

void openai_leg::go_live() {
  live_ = true;
  live_since_ms_ = now_ms();
  context_->journal.session_started(live_since_ms_, session_id_);
  const bool resumed = replay_history();
  greet_or_answer(!resumed);
  context_->greeted = context_->greeted || resumed;
  guard_greeting();
  context_->bridge.set_model(this); // brings what the caller said meanwhile
  ask_for_response();
  link_->flush();
  log::info("openai_leg", "model session ready",
            {{"call_id", setup_.call_id}, {"session", session_id_}});
  send(call_, atom::modelup_v, left_ms());
}

/// Tells the session what was said before: as far as it was heard by now, and not when the session
/// began to open. @returns whether anything was.
bool openai_leg::replay_history() {
  const auto said = context_->talk.history();
  for (auto& line : said) {
    if (line.tool) {
      link_->send(
          create_function_call{line.tool->call_id, line.tool->name, line.tool->arguments_json});
      link_->send(create_function_output{line.tool->call_id, line.tool->output});
    } else {
      link_->send(
          create_message{line.who == storage::speaker::user ? "user" : "assistant", line.text, {}});
    }
  }
  return !said.empty();
}

/// Decides what the session says first. When the caller has spoken already, the server answers that
/// by itself, and a response of ours begun before would be cut off by it: then ours waits, and the
/// wish to greet stands in the conversation, for whichever response comes.
/// @param first nothing was said in the call yet.
void openai_leg::greet_or_answer(bool first) {
  const bool greets = first && !start_.greeting.empty();
  const bool answers = start_.answers && context_->talk.answer_is_due();
  if (!greets && !answers)
    return;
  create_response request;
  if (greets)
    request.instructions = "Greet the caller: " + start_.greeting;
  if (context_->bridge.kept_is_voiced()) {
    if (greets)
      link_->send(create_message{"system", std::exchange(request.instructions, {}), {}});
    responses_.hold_until(live_since_ms_ + limits::late_speech_settle_ms);
  }
  responses_.want(response_need::any_answer, std::move(request), live_since_ms_);
}

void openai_leg::on_tick() {
  if (!talks())
    return;
  append_silence(continuity_.on_tick(now_ms(), responses_.caller_speaking()));
  guard_greeting();
  ask_for_response();
  link_->flush();
}

void openai_leg::on_error(const model_event& event) {
  const auto error = error_of(event);
  auto verdict = judge_error(error);
  const bool conflict = event.error_code == "conversation_already_has_active_response";
  if (live_ && verdict != model_failure::fatal &&
      responses_.on_refused(event.error_event_id, conflict, now_ms()))
    ask_for_response();
  if (verdict == model_failure::ignore)
    return;
  // Without its update the session would misread our audio, and another one would refuse it too.
  const bool our_setup_failed =
      !configured_ && !update_event_id_.empty() && event.error_event_id == update_event_id_;
  if (our_setup_failed && verdict == model_failure::report)
    verdict = passes_by_itself(error) ? model_failure::lost : model_failure::fatal;
  log::warn("openai_leg", "model error",
            {{"call_id", setup_.call_id},
             {"type", event.error_type},
             {"code", event.error_code},
             {"param", event.error_param},
             {"event_id", event.error_event_id}});
  if (verdict == model_failure::fatal)
    lose(model_said_so, actor_error::model_fatal, event.error_code);
  else if (verdict == model_failure::lost)
    lose(model_said_so, actor_error::model_lost, event.error_code);
}

uint64_t openai_leg::left_ms() const {
  const auto now = line_now();
  if (expires_ == monotonic{} || expires_ <= now)
    return 0;
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(expires_ - now).count());
}

caf::actor spawn_openai_leg(caf::actor_system& system, line* where, model_leg_setup setup) {
  return spawn_on<openai_leg>(system, where, std::move(setup));
}

} // namespace switchboard::actors
