#include "actors/openai_leg.hpp"

#include "actors/atoms.hpp"
#include "actors/model_failure.hpp"
#include "actors/twilio_leg.hpp" // cut_result as a message
#include "conf/defaults/call.hpp"
#include "conf/defaults/model.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

namespace switchboard::actors {

namespace {

constexpr uint16_t close_normal = 1000; // RFC 6455 section 7.4.1
/// Out-of-band responses remembered at once; the model runs a handful at most.
constexpr size_t silent_responses_max = 64;

} // namespace

openai_leg::openai_leg(caf::actor_config& cfg, line* where, caf::actor call,
                       caf::actor carrier_leg, call_context_ptr context, model_leg_setup setup)
    : line_actor(cfg, where),
      call_(std::move(call)),
      carrier_leg_(std::move(carrier_leg)),
      context_(std::move(context)),
      setup_(std::move(setup)),
      codec_(setup_.settings.pcmu) {}

caf::behavior openai_leg::make_behavior() {
  set_exit_handler([this](caf::exit_msg& stop) { quit(std::move(stop.reason)); });
  delayed_send(this, defaults::model::configure_deadline, atom::deadline_v);
  link_ = setup_.connector->connect(this);
  return {
    [this](atom::truncate, const audio::cut_result& cut) { truncate(cut); },
    [this](atom::finish) { finish(); },
    [this](atom::stopped, uint8_t why, const std::string& detail) {
      const auto code = static_cast<actor_error>(why);
      if (code == actor_error::none)
        quit();
      else
        quit(make_error(code, detail));
    },
    [this](atom::deadline) {
      if (!configured_)
        end_with(actor_error::model_lost, "the session was not configured in time");
    },
  };
}

void openai_leg::release() {
  if (configured_)
    context_->bridge.set_model(nullptr);
  // What the caller has been sent of an unfinished item is all there will be of it.
  for (auto& item_id : open_items_)
    context_->bridge.agent_item_done(item_id);
  context_->bridge.agent_read_end();
  const uint64_t now = now_ms();
  context_->talk.session_over(now);
  if (!session_id_.empty())
    context_->journal.session_stopped(now, ending_ ? "finished" : "lost");
  link_.reset();
  call_ = nullptr; // the call holds us, too
  carrier_leg_ = nullptr;
}

/// Ends the actor from wherever we are: callbacks of the socket run outside of any message handler, where
/// quit() has no effect.
void openai_leg::end_with(actor_error why, const std::string& detail) {
  if (ending_)
    return;
  ending_ = true;
  send(this, atom::stopped_v, static_cast<uint8_t>(why), detail);
}

void openai_leg::finish() {
  if (ending_)
    return;
  if (link_ == nullptr) {
    quit();
    return;
  }
  ending_ = true;
  context_->bridge.set_model(nullptr);
  link_->close(close_normal, "call ended");
  delayed_send(this, defaults::call::ending_deadline, atom::stopped_v, uint8_t{0}, std::string{});
}

// -- the session -------------------------------------------------------------------------------------

void openai_leg::on_model_open() {}

void openai_leg::on_model_closed(const link_close& why) {
  if (ending_) {
    send(this, atom::stopped_v, uint8_t{0}, std::string{});
    return;
  }
  if (context_->node)
    ++at(context_->node->metrics.model_lost, why.end);
  const bool fatal = judge_close(why) == model_failure::fatal;
  log::warn("openai_leg", "model session ended",
            {{"call_id", context_->call_id}, {"end", to_string(why.end)},
             {"close_code", static_cast<int>(why.close_code)}, {"http_status", why.http_status},
             {"detail", why.detail}});
  end_with(fatal ? actor_error::model_fatal : actor_error::model_lost, to_string(why.end));
}

void openai_leg::on_model_event(const model_event& event) {
  if (ending_)
    return;
  switch (event.type) {
    case model_event_type::audio_delta: on_audio(event); return; // the hot one
    case model_event_type::session_created: on_session_created(event); return;
    case model_event_type::session_updated: on_session_updated(); return;
    case model_event_type::speech_started:
    case model_event_type::speech_stopped:
    case model_event_type::transcription_completed:
    case model_event_type::transcription_failed: on_caller_event(event); return;
    case model_event_type::response_done: on_response_done(event); return;
    case model_event_type::error: on_error(event); return;
    default: on_agent_event(event); return;
  }
}

void openai_leg::on_model_read_end() {
  context_->bridge.agent_read_end();
}

void openai_leg::on_session_created(const model_event& event) {
  session_id_ = event.session_id.empty() ? "session" : event.session_id;
  context_->journal.session_started(now_ms(), session_id_);
  update_event_id_ = link_->send(update_session{setup_.settings});
  link_->flush();
}

void openai_leg::on_session_updated() {
  if (configured_)
    return;
  configured_ = true;
  replay_history();
  if (setup_.history.empty() && !setup_.greeting.empty())
    link_->send(create_response{"Greet the caller: " + setup_.greeting, false, {}});
  else if (setup_.answer_due)
    link_->send(create_response{});
  context_->bridge.set_model(this); // brings what the caller said meanwhile
  link_->flush();
  log::info("openai_leg", "model session ready",
            {{"call_id", context_->call_id}, {"session", session_id_},
             {"replayed", static_cast<uint64_t>(setup_.history.size())}});
  send(call_, atom::modelup_v);
}

void openai_leg::replay_history() {
  for (auto& line : setup_.history)
    link_->send(create_message{
      line.who == storage::speaker::user ? "user" : "assistant", line.text, {}});
}

// -- the caller --------------------------------------------------------------------------------------

void openai_leg::on_caller_audio(uint64_t at_ms, audio::byte_view pcmu) {
  if (ending_)
    return;
  while (pcmu.size > 0) {
    const auto piece = pcmu.subview(0, defaults::call::append_bytes_max);
    const uint64_t length_ms = piece.size / 8;
    session_time_.on_appended(at_ms, length_ms);
    const auto bytes = codec_.to_model(piece);
    if (bytes.size > 0)
      link_->append_audio(bytes);
    at_ms += length_ms;
    pcmu = pcmu.subview(piece.size);
  }
  link_->flush();
}

void openai_leg::on_caller_event(const model_event& event) {
  const auto session_ms = [](int64_t ms) { return static_cast<uint64_t>(std::max<int64_t>(0, ms)); };
  switch (event.type) {
    case model_event_type::speech_started:
      speech_started_ms_ = session_time_.to_call_ms(session_ms(event.audio_start_ms));
      context_->talk.caller_speech_started(event.item_id, speech_started_ms_);
      interrupted_response_ = active_response_; // the server cancels it; what is on its way is stale
      send(carrier_leg_, atom::clear_v, caf::actor_cast<caf::actor>(this));
      return;
    case model_event_type::speech_stopped: {
      const uint64_t stopped = session_time_.to_call_ms(session_ms(event.audio_end_ms));
      context_->talk.caller_speech_stopped(event.item_id, stopped);
      if (stopped > speech_started_ms_)
        context_->figures.caller_talk_ms += stopped - speech_started_ms_;
      return;
    }
    case model_event_type::transcription_completed:
      context_->talk.caller_transcript(event.item_id, event.text, event.confidence, now_ms());
      return;
    default: // transcription_failed: the turn was spoken, its words are unknown
      context_->talk.caller_transcript(event.item_id, {}, std::nullopt, now_ms());
      return;
  }
}

// -- the agent ---------------------------------------------------------------------------------------

bool openai_leg::is_discarded(const model_event& event) const {
  return silent_.count(event.response_id) > 0
         || (!interrupted_response_.empty() && event.response_id == interrupted_response_);
}

void openai_leg::on_audio(const model_event& event) {
  if (!configured_ || is_discarded(event))
    return;
  open_items_.insert(event.item_id);
  const auto pcmu = codec_.from_model(event.audio);
  if (pcmu.size > 0)
    context_->bridge.agent_audio(event.item_id, pcmu);
}

void openai_leg::on_agent_event(const model_event& event) {
  switch (event.type) {
    case model_event_type::response_created:
      if (event.out_of_band && silent_.size() < silent_responses_max)
        silent_.insert(event.response_id);
      else
        active_response_ = event.response_id;
      return;
    case model_event_type::audio_transcript_delta:
      if (!is_discarded(event))
        context_->talk.agent_text(event.item_id, event.text, now_ms());
      return;
    case model_event_type::audio_transcript_done:
      if (!is_discarded(event))
        context_->talk.agent_text_done(event.item_id, event.text, now_ms());
      return;
    case model_event_type::audio_done: {
      if (open_items_.erase(event.item_id) == 0)
        return;
      const auto tail = codec_.end_of_item();
      const bool discarded = is_discarded(event);
      if (tail.size > 0 && !discarded)
        context_->bridge.agent_audio(event.item_id, tail);
      if (discarded) // of what was interrupted no more text is taken
        context_->talk.agent_text_done(event.item_id, {}, now_ms());
      context_->bridge.agent_item_done(event.item_id);
      return;
    }
    default: return;
  }
}

void openai_leg::on_response_done(const model_event& event) {
  const bool silent = silent_.erase(event.response_id) > 0;
  if (!silent && event.response_id == active_response_)
    active_response_.clear();
  // A cancelled response may end without the done events of its items.
  if (!silent)
    for (auto& item_id : open_items_) {
      context_->bridge.agent_item_done(item_id);
      context_->talk.agent_text_done(item_id, {}, now_ms());
    }
  if (!silent)
    open_items_.clear();
  if (event.usage) {
    context_->figures.total_tokens += event.usage->total_tokens;
    context_->figures.input_tokens += event.usage->input_tokens;
    context_->figures.output_tokens += event.usage->output_tokens;
  }
  if (event.status == response_status::failed)
    on_error(event);
}

void openai_leg::on_error(const model_event& event) {
  const auto verdict = judge_error(event.error_type, event.error_code, event.error_param);
  if (verdict == model_failure::ignore)
    return;
  log::warn("openai_leg", "model error",
            {{"call_id", context_->call_id}, {"type", event.error_type},
             {"code", event.error_code}, {"param", event.error_param},
             {"event_id", event.error_event_id}});
  const bool our_setup_failed =
    !configured_ && !update_event_id_.empty() && event.error_event_id == update_event_id_;
  const bool ends = our_setup_failed || verdict == model_failure::fatal
                    || verdict == model_failure::lost;
  if (ends && context_->node && !ending_)
    ++at(context_->node->metrics.model_lost, model_said_so);
  if (verdict == model_failure::fatal || our_setup_failed)
    end_with(actor_error::model_fatal, event.error_code);
  else if (verdict == model_failure::lost)
    end_with(actor_error::model_lost, event.error_code);
}

void openai_leg::truncate(const audio::cut_result& cut) {
  if (ending_ || link_ == nullptr)
    return;
  for (auto& item : cut.truncations)
    link_->send(truncate_item{item.item_id, item.audio_end_ms});
  link_->flush();
}

caf::actor spawn_openai_leg(caf::actor_system& system, line* where, caf::actor call,
                            caf::actor carrier_leg, call_context_ptr context,
                            model_leg_setup setup) {
  return spawn_on<openai_leg>(system, where, std::move(call), std::move(carrier_leg),
                              std::move(context), std::move(setup));
}

} // namespace switchboard::actors
