#include "tests/golden/conversation_world.hpp"

namespace switchboard::test {

using audio::test::carrier_model;

conversation_world::conversation_world(const std::string& id, uint64_t seed,
                                       uint64_t forward_max_ms, uint64_t echo_max_ms)
    : chance_(static_cast<uint32_t>(seed)),
      forward_max_ms_(forward_max_ms),
      echo_max_ms_(echo_max_ms),
      buffer_(std::make_unique<carrier_model>(chance_, forward_max_ms, echo_max_ms)) {
  storage::call_row known; // the registry takes its id over: no random one, no random jitter
  known.id = id;
  known.call_sid = "CA1";
  rows->calls[id] = known;
  conf::http_tool find;
  find.name = "find";
  auto profile = *profiles->get()->fallback;
  profile.tools = {find};
  use_profile(profile);
  tools_hold = true;
  begin();
  seen_wire_ = wire;
}

void conversation_world::frame(const std::function<void()>& happen) {
  take_echoes();
  carrier_frame();
  const bool streamed = carrier_listens();
  if (happen)
    happen();
  settle();
  if (now_ms_ % 100 == 0) // the line's tick
    tick();
  see_carrier();
  see_model();
  see_feed();
  answer_closes();
  if (streamed && !carrier_listens())
    stop_playing();
  advance_time(std::chrono::milliseconds{frame_ms});
  settle();
  now_ms_ += frame_ms;
}

// -- the carrier
// -------------------------------------------------------------------------------------

void conversation_world::take_echoes() {
  for (auto& echo : buffer_->run_until(now_ms_))
    if (auto* sink = at_carrier())
      sink->on_mark_echo(echo.name);
  settle();
}

void conversation_world::carrier_frame() {
  auto* sink = at_carrier();
  if (sink == nullptr || now_ms_ < stream_began_ms_ + frame_ms || frames_lost)
    return;
  const audio::byte_buffer frame(frame_ms * 8, caller_speaks ? 0x10 : 0xFF);
  sink->on_caller_audio(now_ms_ - stream_began_ms_ - frame_ms, frame);
  sink->on_carrier_read_end();
}

void conversation_world::carrier_returns() {
  see_carrier();
  stop_playing();
  come_back();
  stream_began_ms_ = now_ms_;
}

/// The stream is over: what is still buffered is never heard.
void conversation_world::stop_playing() {
  for (auto& item : items_)
    heard_before_[item] = heard_ms(item) * 8;
  buffer_ = std::make_unique<carrier_model>(chance_, forward_max_ms_, echo_max_ms_);
}

void conversation_world::see_carrier() {
  if (seen_wire_ != wire) {
    seen_wire_ = wire;
    seen_writes_ = seen_closes_ = 0;
  }
  std::string item;
  uint64_t bytes = 0;
  const auto flush = [&] {
    if (bytes > 0)
      note("carrier audio " + item + " " + std::to_string(bytes / 8) + " ms");
    bytes = 0;
  };
  for (; seen_writes_ < wire->writes.size(); ++seen_writes_) {
    const auto& write = wire->writes[seen_writes_];
    if (write.kind == carrier_write::mark) {
      buffer_->send_mark(write.name, now_ms_);
      continue;
    }
    if (write.kind == carrier_write::clear) {
      flush();
      buffer_->send_clear(now_ms_);
      note("carrier clear");
      continue;
    }
    const size_t index = write.value - 1u;
    const std::string of = index < items_.size() ? items_[index] : "clip";
    if (of != item)
      flush();
    item = of;
    bytes += write.bytes;
    buffer_->send_audio(write.value, sent_bytes_[of], write.bytes, now_ms_);
    sent_bytes_[of] += write.bytes;
  }
  flush();
}

uint64_t conversation_world::heard_ms(const std::string& item) {
  return (heard_before_[item] + buffer_->heard_bytes(value_of(item))) / 8;
}

uint64_t conversation_world::sent_ms(const std::string& item) const {
  const auto found = sent_bytes_.find(item);
  return found == sent_bytes_.end() ? 0 : found->second / 8;
}

uint32_t conversation_world::value_of(const std::string& item) {
  auto found = std::find(items_.begin(), items_.end(), item);
  if (found == items_.end())
    found = items_.insert(items_.end(), item);
  return static_cast<uint32_t>(found - items_.begin()) + 1;
}

// -- the model
// ---------------------------------------------------------------------------------------

void conversation_world::tell(const model_event& event) {
  if (!model_listens())
    return;
  at_model().sink->on_model_event(event);
  if (model_listens())
    at_model().sink->on_model_read_end();
}

void conversation_world::tell(type what, const std::string& item, const std::string& response,
                              const std::string& text) {
  model_event event;
  event.type = what;
  event.item_id = item;
  event.response_id = response;
  event.text = text;
  event.session_id = "sess";
  tell(event);
}

void conversation_world::model_audio(const std::string& response, const std::string& item,
                                     uint64_t ms) {
  const auto value = static_cast<uint8_t>(value_of(item));
  for (uint64_t done = 0; done < ms; done += 100) {
    model_event event;
    event.type = type::audio_delta;
    event.item_id = item;
    event.response_id = response;
    event.audio.assign(std::min<uint64_t>(100, ms - done) * 8, value);
    tell(event);
  }
}

void conversation_world::speech(type what, const std::string& item, uint64_t session_ms) {
  model_event event;
  event.type = what;
  event.item_id = item;
  (what == type::speech_started ? event.audio_start_ms : event.audio_end_ms) =
      static_cast<int64_t>(session_ms);
  tell(event);
}

void conversation_world::transcript(const std::string& item, const std::string& text,
                                    double confidence) {
  model_event event;
  event.type = type::transcription_completed;
  event.item_id = item;
  event.text = text;
  event.confidence = confidence;
  tell(event);
}

void conversation_world::see_model() {
  seen_sessions_.resize(model.sessions.size());
  for (size_t i = 0; i < seen_sessions_.size(); ++i) {
    auto& record = *model.sessions[i];
    auto& seen = seen_sessions_[i];
    const std::string who = i == 0 ? "model " : "model#" + std::to_string(i + 1) + " ";
    for (; seen.writes < record.writes.size(); ++seen.writes) {
      const auto text = describe(record.writes[seen.writes]);
      if (!text.empty())
        note(who + text);
    }
    if (seen.closes < record.closes)
      note(who + "close");
  }
}

std::string conversation_world::describe(const model_record::write& write) {
  if (write.what == "append")
    return {}; // one a frame; who wants to know asks appended()
  if (auto* message = std::get_if<create_message>(&write.command))
    return "message " + message->role + " \"" + message->text + "\"";
  if (auto* response = std::get_if<create_response>(&write.command);
      response != nullptr && response->out_of_band_text)
    return "ask out of band: " + response->metadata_kind;
  if (auto* response = std::get_if<create_response>(&write.command))
    return response->instructions.empty() ? "respond"
                                          : "respond \"" + response->instructions + "\"";
  if (auto* made = std::get_if<create_function_call>(&write.command))
    return "call " + made->call_id + " " + made->name + " " + made->arguments_json;
  if (auto* output = std::get_if<create_function_output>(&write.command))
    return "output " + output->call_id + " " + output->output;
  if (auto* cut = std::get_if<truncate_item>(&write.command)) {
    const auto heard = heard_ms(cut->item_id);
    truncation_errors_ms.push_back(static_cast<int64_t>(cut->audio_end_ms) -
                                   static_cast<int64_t>(heard));
    return "truncate " + cut->item_id + " " + std::to_string(cut->audio_end_ms) + " (heard " +
           std::to_string(heard) + ")";
  }
  return write.what;
}

// -- everyone else
// -----------------------------------------------------------------------------------

void conversation_world::see_feed() {
  for (; seen_events_ < events->all.size(); ++seen_events_) {
    const auto text = describe(events->all[seen_events_]);
    if (!text.empty())
      note("feed " + text);
  }
}

std::string conversation_world::describe(const feed_event& event) const {
  char span[64];
  if (auto* turn = std::get_if<storage::transcript_row>(&event.data)) {
    std::snprintf(span, sizeof span, " v%d %.2f-%.2f \"", static_cast<int>(turn->version),
                  turn->start_time_s, turn->end_time_s.value_or(0));
    return std::string{"transcript "} + storage::to_string(turn->who) + span + turn->text + "\"" +
           (turn->removed ? " removed" : "");
  }
  if (auto* failed = std::get_if<feed_error>(&event.data))
    return "error " + failed->code;
  if (event.type == feed_type::recording_saved)
    return "recording_saved";
  if (auto* row = std::get_if<storage::call_row>(&event.data))
    return event.type == feed_type::call_ended
               ? std::string{"call_ended "} + storage::to_string(row->status)
               : std::string{};
  return {};
}

void conversation_world::answer_closes() {
  if (wire->closes > seen_closes_) {
    seen_closes_ = wire->closes;
    note("carrier close");
    if (carrier_answers)
      carrier_closes();
  }
  for (size_t i = 0; i < seen_sessions_.size(); ++i) {
    auto& record = *model.sessions[i];
    if (record.closes == seen_sessions_[i].closes)
      continue;
    seen_sessions_[i].closes = record.closes;
    if (model_answers && record.sink != nullptr) {
      enter<openai_leg>(record.sink);
      record.sink->on_model_closed(closed(link_end::closed_by_us));
      settle();
    }
  }
}

} // namespace switchboard::test
