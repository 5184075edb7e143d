#include "actors/model_failure.hpp"
#include "actors/openai_leg.hpp"
#include "audio/g711.hpp"
#include "conf/defaults/audio.hpp"
#include "conf/defaults/call.hpp"
#include "conf/log.hpp"
#include "conf/memory_trail.hpp"

#include <caf/all.hpp>

#include <algorithm>

namespace switchboard::actors {

namespace {

uint64_t session_ms(int64_t ms) {
  return static_cast<uint64_t>(std::max<int64_t>(0, ms));
}

const audio::byte_buffer& silence_piece() {
  static const audio::byte_buffer piece(defaults::call::append_bytes_max, audio::ulaw_silence);
  return piece;
}

} // namespace

// -- the caller
// --------------------------------------------------------------------------------------

void openai_leg::on_caller_audio(uint64_t at_ms, audio::byte_view pcmu) {
  if (ending_)
    return;
  // By the beat, which is near enough: a stall is looked for on ticks, and told by 100s of ms.
  append_silence(continuity_.before(at_ms, pcmu.size / audio::ulaw_bytes_per_ms,
                                    context_->media_ms(line_beat())));
  append(at_ms, pcmu);
  link_->flush();
}

void openai_leg::append(uint64_t at_ms, audio::byte_view pcmu) {
  touched_until(&context_, &responses_);
  touched(&codec_, sizeof(void*)); // PCMU passes through: its first member is all it looks at
  while (pcmu.size > 0) {
    const auto piece = pcmu.subview(0, defaults::call::append_bytes_max);
    const uint64_t length_ms = piece.size / audio::ulaw_bytes_per_ms;
    session_time_.on_appended(at_ms, length_ms);
    const auto bytes = codec_.to_model(piece);
    if (bytes.size > 0)
      link_->append_audio(bytes);
    at_ms += length_ms;
    pcmu = pcmu.subview(piece.size);
  }
}

void openai_leg::append_silence(const audio::silence_fill& fill) {
  const audio::byte_view piece{silence_piece()};
  uint64_t at_ms = fill.at_ms;
  for (uint64_t left = fill.length_ms * audio::ulaw_bytes_per_ms; left > 0;) {
    const auto part = piece.subview(0, static_cast<size_t>(left));
    append(at_ms, part);
    at_ms += part.size / audio::ulaw_bytes_per_ms;
    left -= part.size;
  }
}

void openai_leg::on_caller_event(const model_event& event) {
  switch (event.type) {
  case model_event_type::speech_started:
    on_speech_started(event);
    return;
  case model_event_type::speech_stopped:
    on_speech_stopped(event);
    return;
  case model_event_type::committed:
    context_->talk.caller_item_follows(event.item_id, event.previous_item_id, now_ms());
    return;
  case model_event_type::transcription_completed:
    context_->talk.caller_transcript(event.item_id, event.text, event.confidence, now_ms());
    return;
  default: // transcription_failed: the turn was spoken, its words are unknown
    context_->talk.caller_transcript(event.item_id, {}, std::nullopt, now_ms());
    return;
  }
}

void openai_leg::on_speech_started(const model_event& event) {
  speech_started_ms_ = session_time_.to_call_ms(session_ms(event.audio_start_ms));
  context_->talk.caller_speech_started(event.item_id, speech_started_ms_);
  context_->figures.timing.speech_started();
  responses_.caller_speaks();
  interruption what;
  what.at_ms = speech_started_ms_;
  // `audio_start_ms` lies before the speech, by the padding.
  const auto padding = static_cast<uint64_t>(setup_.settings.vad_prefix_padding_ms);
  what.overdue = speech_started_ms_ + padding < live_since_ms_;
  if (!may_be_interrupted())
    return;
  const auto cut = context_->bridge.interrupt(what);
  if (!what.overdue || !cut.discarded_items.empty())
    responses_.interrupt(); // the server cancels it; what is on its way is stale
  truncate(cut);
}

void openai_leg::on_speech_stopped(const model_event& event) {
  const uint64_t stopped = session_time_.to_call_ms(session_ms(event.audio_end_ms));
  context_->talk.caller_speech_stopped(event.item_id, stopped);
  context_->figures.timing.turn_ended(now_ms());
  if (stopped > speech_started_ms_)
    context_->figures.caller_talk_ms += stopped - speech_started_ms_;
  responses_.caller_stopped(now_ms());
}

// -- the agent
// ---------------------------------------------------------------------------------------

void openai_leg::on_audio(const model_event& event) {
  touched_until(&context_, &setup_);
  touched(&codec_, sizeof(void*));
  if (!responses_.audible(event.response_id))
    return;
  if (open_items_.find(event.item_id) == nullptr) {
    open_items_.add(event.item_id, {});
    spoken_items_.push_back(event.item_id);
    if (spoken_items_.size() > defaults::audio::items_remembered_max)
      spoken_items_.pop_front();
  }
  const auto pcmu = codec_.from_model(event.audio);
  if (pcmu.size == 0)
    return;
  if (context_->figures.timing.awaits_audio())
    context_->figures.timing.audio_came(now_ms());
  context_->bridge.agent_audio(event.item_id, pcmu);
}

void openai_leg::on_agent_event(const model_event& event) {
  const bool audible = responses_.audible(event.response_id);
  switch (event.type) {
  case model_event_type::response_created:
    responses_.on_created(event.response_id, event.out_of_band || !event.metadata_kind.empty(),
                          now_ms());
    if (!responses_.is_silent(event.response_id))
      context_->figures.timing.response_created(now_ms());
    return;
  case model_event_type::audio_transcript_delta:
    if (audible)
      context_->talk.agent_text(event.item_id, event.text, now_ms());
    return;
  case model_event_type::audio_transcript_done:
    if (audible)
      context_->talk.agent_text_done(event.item_id, event.text, now_ms());
    return;
  case model_event_type::audio_done:
    on_audio_done(event);
    return;
  case model_event_type::output_item_done:
    on_function_call(event);
    return;
  default:
    return;
  }
}

void openai_leg::on_audio_done(const model_event& event) {
  if (!open_items_.erase(event.item_id))
    return;
  const auto tail = codec_.end_of_item();
  if (!responses_.audible(event.response_id)) // of what was interrupted no more text is taken
    context_->talk.agent_text_done(event.item_id, {}, now_ms());
  else if (tail.size > 0)
    context_->bridge.agent_audio(event.item_id, tail);
  context_->bridge.agent_item_done(event.item_id);
}

void openai_leg::on_response_done(const model_event& event) {
  if (event.usage)
    context_->figures.count(*event.usage);
  // A cancelled response may end without the done events of its items.
  if (!responses_.is_silent(event.response_id)) {
    for (auto& open : open_items_) {
      context_->bridge.agent_item_done(open.first);
      context_->talk.agent_text_done(open.first, {}, now_ms());
    }
    open_items_.clear();
  }
  const bool failed = event.status == response_status::failed;
  const model_error error{event.error_type, event.error_code, event.error_param,
                          event.error_message};
  if (failed)
    on_error(event);
  if (!failed || !passes_by_itself(error))
    responses_.on_done(event.response_id);
  else if (!responses_.on_failed(event.response_id, now_ms()))
    lose(model_useless, actor_error::model_lost, "responses fail again and again");
  run_tools(event.response_id);
}

void openai_leg::truncate(const audio::cut_result& cut) {
  bool any = false;
  for (auto& item : cut.truncations) {
    const bool known =
        std::find(spoken_items_.begin(), spoken_items_.end(), item.item_id) != spoken_items_.end();
    if (known)
      link_->send(truncate_item{item.item_id, item.audio_end_ms});
    any |= known;
  }
  if (any)
    link_->flush();
}

// -- responses
// ---------------------------------------------------------------------------------------

void openai_leg::want_response(response_need why, create_response request) {
  responses_.want(why, std::move(request), now_ms());
  ask_for_response();
}

/// Sends the response.create that is due, if any, and tells the call how quiet it is here.
void openai_leg::ask_for_response() {
  if (ending_ || !live_)
    return;
  if (auto request = responses_.next(now_ms())) {
    responses_.sent(link_->send(*request), now_ms());
    link_->flush();
  }
  context_->caller_speaking = responses_.caller_speaking();
  context_->answer_due = !responses_.idle();
  context_->tools_running = !tools_.idle();
  context_->session_quiet = !context_->answer_due && !context_->caller_speaking && tools_.idle();
}

} // namespace switchboard::actors
