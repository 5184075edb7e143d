#include "tests/simulation/recorded_call.hpp"

#include "audio/g711.hpp"
#include "storage/journal.hpp"

#include <algorithm>

namespace switchboard::test {

using namespace std::chrono_literals;
using audio::test::carrier_model;

namespace {

constexpr uint64_t bytes_per_ms = 8;
constexpr uint64_t second_ms = 1'000;
constexpr uint64_t delta_ms = 100; // what models send at once
constexpr size_t click_bytes = 16; // 2 ms
constexpr int click_level = 20'000;
constexpr int seen_level = 10'000;
/// What was played so shortly before a cut is known only if its mark was: one mark interval, and
/// the echo's way.
constexpr uint64_t unsure_ms = 600;

audio::byte_buffer sound(uint64_t ms, bool clicks) {
  audio::byte_buffer out(ms * bytes_per_ms, audio::ulaw_silence);
  if (clicks)
    std::fill_n(out.begin(), click_bytes, audio::ulaw_encode(click_level));
  return out;
}

} // namespace

recorded_call::recorded_call(uint64_t seed, uint64_t forward_max_ms, uint64_t echo_max_ms)
    : random_(static_cast<uint32_t>(seed)),
      forward_max_ms_(forward_max_ms),
      echo_max_ms_(echo_max_ms),
      buffer_(std::make_unique<carrier_model>(random_, forward_max_ms, echo_max_ms)) {
  config.gap_tone = false; // what is sent is what the model said and nothing else
  begin();
  seen_wire_ = wire;
  configure();
}

void recorded_call::step() {
  if (returns_at_ms_ != 0 && now_ms_ >= returns_at_ms_) {
    returns_at_ms_ = 0;
    come_back();
    stream_began_ms_ = now_ms_;
  }
  caller_speaks();
  carrier_delivers();
  model_speaks();
  settle();
  if (now_ms_ % 100 == 0)
    tick();
  carrier_takes();
  advance_time(std::chrono::milliseconds{frame_ms});
  settle();
  now_ms_ += frame_ms;
}

// -- the caller's side
// -------------------------------------------------------------------------------

/// A frame is whole when its last sample was spoken: it is of the 20 ms before now.
void recorded_call::caller_speaks() {
  if (returns_at_ms_ != 0 || now_ms_ < stream_began_ms_ + frame_ms)
    return;
  const uint64_t spoken_ms = now_ms_ - frame_ms;
  if (spoken_ms < lost_until_ms_)
    return;
  on_way_.push_back({spoken_ms, sound(frame_ms, spoken_ms % second_ms == 0)});
}

/// Echoes and audio come over one connection: a stall holds both up.
void recorded_call::carrier_delivers() {
  for (auto& echo : buffer_->run_until(now_ms_))
    echoes_on_way_.push_back(std::move(echo));
  auto* sink = at_carrier();
  if (sink == nullptr || now_ms_ < stalled_until_ms_)
    return;
  for (; !echoes_on_way_.empty(); echoes_on_way_.pop_front())
    sink->on_mark_echo(echoes_on_way_.front().name);
  if (on_way_.empty())
    return;
  for (; !on_way_.empty(); on_way_.pop_front()) {
    const auto& arrived = on_way_.front();
    if (arrived.spoken_ms % second_ms == 0)
      caller_clicks_.push_back(arrived.spoken_ms);
    sink->on_caller_audio(arrived.spoken_ms - stream_began_ms_, arrived.pcmu);
  }
  sink->on_carrier_read_end();
}

// -- the agent's side
// --------------------------------------------------------------------------------

void recorded_call::answer(uint64_t ms, uint64_t speed) {
  to_say_ms_ = ms / delta_ms * delta_ms;
  item_said_ms_ = 0;
  speed_ = speed;
  credit_ms_ = delta_ms; // the first is there at once
  at_model().tell(type::response_created, {}, "r" + std::to_string(++items_));
}

void recorded_call::model_speaks() {
  for (; to_say_ms_ > 0 && credit_ms_ >= delta_ms; credit_ms_ -= delta_ms)
    say_delta();
  credit_ms_ += frame_ms * speed_;
}

void recorded_call::say_delta() {
  const auto response = "r" + std::to_string(items_);
  const auto item = "i" + std::to_string(items_);
  model_event event;
  event.type = type::audio_delta;
  event.response_id = response;
  event.item_id = item;
  const bool clicks = item_said_ms_ % second_ms == 0;
  if (clicks)
    agent_click_bytes_.push_back(said_bytes_);
  event.audio = sound(delta_ms, clicks);
  said_bytes_ += event.audio.size();
  at_model().sink->on_model_event(event);
  at_model().sink->on_model_read_end();
  item_said_ms_ += delta_ms;
  to_say_ms_ -= delta_ms;
  if (to_say_ms_ == 0) {
    at_model().tell(type::audio_done, item, response);
    at_model().tell(type::response_done, {}, response);
  }
}

void recorded_call::interrupt() {
  const auto response = "r" + std::to_string(items_);
  model_event speech;
  speech.type = type::speech_started;
  speech.item_id = "u" + std::to_string(items_) + "-" + std::to_string(now_ms_);
  speech.audio_start_ms = static_cast<int64_t>(now_ms_);
  at_model().sink->on_model_event(speech);
  speech.type = type::speech_stopped;
  speech.audio_end_ms = static_cast<int64_t>(now_ms_);
  at_model().sink->on_model_event(speech);
  if (to_say_ms_ > 0)
    at_model().tell(type::response_done, {}, response);
  to_say_ms_ = 0; // a model that is interrupted says no more of it
  settle();
  carrier_takes();
}

/// What was written to the carrier is all that the model said, in order.
void recorded_call::carrier_takes() {
  if (seen_wire_ != wire) {
    seen_wire_ = wire;
    seen_writes_ = 0;
  }
  for (; seen_writes_ < wire->writes.size(); ++seen_writes_) {
    const auto& write = wire->writes[seen_writes_];
    if (write.kind == carrier_write::mark) {
      buffer_->send_mark(write.name, now_ms_);
    } else if (write.kind == carrier_write::clear) {
      buffer_->send_clear(now_ms_);
      cuts_ms_.push_back(now_ms_);
    } else {
      buffer_->send_audio(0, sent_bytes_, write.bytes, now_ms_);
      sent_bytes_ += write.bytes;
    }
  }
}

// -- ends
// --------------------------------------------------------------------------------------------

void recorded_call::lose_stream(uint64_t ms) {
  carrier_takes();
  stop_playing();
  on_way_.clear();
  carrier_closes(link_end::lost);
  returns_at_ms_ = now_ms_ + ms;
}

void recorded_call::stop_playing() {
  buffer_->run_until(now_ms_);
  const auto& played = buffer_->history();
  history_.insert(history_.end(), played.begin(), played.end());
  buffer_ = std::make_unique<carrier_model>(random_, forward_max_ms_, echo_max_ms_);
  echoes_on_way_.clear();
  cuts_ms_.push_back(now_ms_);
}

storage::result<storage::recording_row> recorded_call::finish() {
  carrier_takes();
  stop_playing();
  caller_hangs_up();
  carrier_closes();
  for (int i = 0; i < 50 && !ended->has_value(); ++i)
    pass(100ms);
  pass(1'000ms);
  audio::byte_buffer file;
  storage::append_journal_header(file);
  const auto& records = disk_log->journals.begin()->second;
  file.insert(file.end(), records.begin(), records.end());
  write_file(root_ / "call.journal", file);
  storage::seal_request wanted;
  wanted.journal_path = root_ / "call.journal";
  wanted.storage_path = root_.path();
  wanted.wav_path = "call.wav";
  wanted.call_id = call_id;
  auto row = storage::seal_recording(wanted);
  std::string why;
  if (auto read = audio::read_wav(root_ / "call.wav", why))
    clip_ = std::move(*read);
  return row;
}

std::vector<uint64_t> recorded_call::agent_clicks(bool sure) const {
  std::vector<uint64_t> out;
  for (const auto at : agent_click_bytes_)
    for (const auto& piece : history_) {
      if (at < piece.offset || at >= piece.offset + piece.bytes)
        continue; // its first byte is in one piece only
      const auto played_ms = (piece.at_bytes + at - piece.offset) / bytes_per_ms;
      if (!sure || !close_to_a_cut(played_ms))
        out.push_back(played_ms);
    }
  std::sort(out.begin(), out.end());
  return out;
}

bool recorded_call::close_to_a_cut(uint64_t at_ms) const {
  return std::any_of(cuts_ms_.begin(), cuts_ms_.end(), [&](uint64_t cut_ms) {
    return cut_ms + forward_max_ms_ + frame_ms >= at_ms && cut_ms <= at_ms + unsure_ms;
  });
}

std::vector<uint64_t> recorded_call::recorded_clicks(size_t side) const {
  constexpr uint64_t frames_per_ms = 16;
  std::vector<uint64_t> out;
  const auto channels = static_cast<size_t>(clip_.info.channels);
  for (size_t i = 0; i < clip_.info.frames; ++i)
    if (std::abs(static_cast<int>(clip_.samples[i * channels + side])) > seen_level) {
      out.push_back(i / frames_per_ms);
      i += 100 * frames_per_ms; // the rest of the click
    }
  return out;
}

} // namespace switchboard::test
