#include "tools/sim_common/openai_input.hpp"

#include "tools/sim_common/base64.hpp"
#include "tools/sim_common/openai_shapes.hpp"
#include "tools/sim_common/openai_speech.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace sim::openai {

namespace {

constexpr size_t most_append_bytes = 15 * 1024 * 1024;
constexpr int64_t least_commit_ms = 100;
/// commit errors were seen 0.8 to 1 s late, when newer events were long answered.
constexpr int64_t commit_error_delay_ms = 800;
/// Without VAD nothing else bounds the buffer.
constexpr int64_t most_buffer_ms = 300'000;
constexpr int64_t word_interval_ms = 30;
constexpr int quiet_peak = 300;

bool is_quiet(const samples& sound) {
  return std::all_of(sound.begin(), sound.end(),
                     [](int16_t sample) { return std::abs(sample) < quiet_peak; });
}

json usage_of(const item& spoken, const std::string& model, const std::string& transcript) {
  if (model == "whisper-1")
    return {{"type", "duration"}, {"seconds", (spoken.sound_ms() + 999) / 1000}};
  const int64_t heard = spoken.sound_ms() / 100;
  const auto written = static_cast<int64_t>(transcript.size() / 4 + 1);
  json usage = {{"type", "tokens"}, {"total_tokens", heard + written}, {"input_tokens", heard}};
  usage["input_token_details"] = {{"text_tokens", 0}, {"audio_tokens", heard}};
  usage["output_tokens"] = written;
  return usage;
}

} // namespace

void input_audio::append(const std::string& base64, const std::string& cause) {
  const auto bytes = decode_base64(base64);
  if (!bytes) {
    core_.fail({"invalid_value", "Invalid 'audio'. Expected base64-encoded audio bytes.", "audio"},
               cause);
    return;
  }
  if (bytes->size() > most_append_bytes) {
    core_.fail({"invalid_value", "Invalid 'audio'. Maximum 15 MiB per event.", "audio"}, cause);
    return;
  }
  const auto audio = decoder_.feed(*bytes);
  if (core_.options.keep_audio)
    heard_.insert(heard_.end(), audio.begin(), audio.end());
  buffer_.insert(buffer_.end(), audio.begin(), audio.end());
  const auto events = vad_.feed(audio);
  if (!settings_) {
    drop_before(position_ms() - most_buffer_ms);
    return;
  }
  for (const auto& event : events)
    apply(event);
  if (!vad_.speaking())
    drop_before(position_ms() - settings_->prefix_padding_ms - 1000);
}

void input_audio::apply(const vad_event& event) {
  auto& segments = core_.report["speech"];
  if (event.what == vad_event::kind::started) {
    drop_before(event.at_ms);
    core_.time.cancel("idle");
    segments.push_back({{"startMs", event.at_ms}, {"endMs", nullptr}});
    core_.out.send({{"type", "input_audio_buffer.speech_started"},
                    {"audio_start_ms", event.at_ms},
                    {"item_id", current_item()}});
    on_speech();
    return;
  }
  if (pending_item_.empty())
    return; // committed or cleared in mid-speech
  segments.back()["endMs"] = event.at_ms;
  core_.out.send({{"type", "input_audio_buffer.speech_stopped"},
                  {"audio_end_ms", event.at_ms},
                  {"item_id", current_item()}});
  commit_item(take_until(event.at_ms), false);
  on_turn();
}

std::string input_audio::current_item() {
  if (pending_item_.empty())
    pending_item_ = core_.out.new_id("item");
  return pending_item_;
}

void input_audio::commit(const std::string& cause) {
  const auto ms = static_cast<int64_t>(buffer_.size() / samples_per_ms);
  if (ms < least_commit_ms) {
    char have[32];
    std::snprintf(have, sizeof have, "%.2f", static_cast<double>(buffer_.size()) / samples_per_ms);
    core_.fail({"input_audio_buffer_commit_empty",
                std::string("Error committing input audio buffer: buffer too small. Expected at "
                            "least 100ms of audio, but buffer only has ") +
                    have + "ms of audio.",
                ""},
               cause, commit_error_delay_ms);
    return;
  }
  auto sound = take_until(position_ms());
  const bool silent = is_quiet(sound);
  vad_.reset();
  commit_item(std::move(sound), silent);
}

void input_audio::commit_idle() {
  core_.out.send({{"type", "input_audio_buffer.timeout_triggered"},
                  {"audio_start_ms", buffer_start_ms()},
                  {"audio_end_ms", position_ms()},
                  {"item_id", current_item()}});
  commit_item(take_until(position_ms()), true);
  on_turn();
}

void input_audio::commit_item(samples sound, bool silent) {
  auto spoken = std::make_shared<item>();
  const auto id = current_item();
  pending_item_.clear();
  spoken->shape = {{"id", id}, {"object", "realtime.item"}, {"type", "message"}};
  spoken->shape["status"] = "completed";
  spoken->shape["role"] = "user";
  spoken->shape["content"] = json::array({{{"type", "input_audio"}, {"transcript", nullptr}}});
  spoken->sound = std::move(sound);
  spoken->silent = silent;
  const auto previous = core_.talk.append(spoken);
  core_.out.send(
      {{"type", "input_audio_buffer.committed"}, {"previous_item_id", previous}, {"item_id", id}});
  for (const char* type : {"conversation.item.added", "conversation.item.done"})
    core_.out.send({{"type", type}, {"previous_item_id", previous}, {"item", spoken->shape}});
  core_.report["items"].push_back(
      {{"id", id}, {"role", "user"}, {"audioMs", spoken->sound_ms()}, {"silent", silent}});
  if (!core_.config["audio"]["input"]["transcription"].is_null())
    transcribe(spoken);
}

void input_audio::transcribe(const item_ptr& spoken) {
  static const script_turn nothing{};
  const auto& turn = spoken->silent ? nothing : turn_at(*core_.lines, core_.talk.user_turns());
  const int64_t delay = turn.hears_after_ms.value_or(core_.options.transcript_delay_ms);
  core_.time.after(delay, "transcription",
                   [this, spoken, &turn] { send_transcript(spoken, turn); });
}

void input_audio::send_transcript(const item_ptr& spoken, const script_turn& turn) {
  const std::string stem = "conversation.item.input_audio_transcription.";
  const json about = {{"item_id", spoken->id()}, {"content_index", 0}};
  if (turn.transcription_fails) {
    json event = {{"type", stem + "failed"}};
    event.update(about);
    event["error"] = {{"type", "transcription_error"},
                      {"code", "audio_unintelligible"},
                      {"message", "The audio could not be transcribed."},
                      {"param", nullptr}};
    core_.out.send(std::move(event));
    return;
  }
  const auto& include = core_.config["include"];
  const bool scored = include.is_array() && !include.empty();
  json all = json::array();
  int64_t at = 0;
  for (const auto& word : split_words(turn.hears)) {
    json event = {{"type", stem + "delta"}};
    event.update(about);
    event["delta"] = word;
    if (scored) {
      event["logprobs"] = logprobs_of(word);
      all.push_back(event["logprobs"][0]);
    }
    event["obfuscation"] = core_.out.obfuscation();
    core_.time.after(at, "transcription", [this, event] { core_.out.send(event); });
    at += word_interval_ms;
  }
  const auto& settings = core_.config["audio"]["input"]["transcription"];
  const auto model = settings.is_object() ? settings.value("model", "whisper-1") : "whisper-1";
  json event = {{"type", stem + "completed"}};
  event.update(about);
  event["transcript"] = turn.hears;
  event["usage"] = usage_of(*spoken, model, turn.hears);
  if (scored)
    event["logprobs"] = all;
  core_.time.after(at, "transcription", [this, event, spoken] {
    spoken->shape["content"][0]["transcript"] = event["transcript"];
    core_.out.send(event);
  });
}

json input_audio::logprobs_of(const std::string& token) {
  json bytes = json::array();
  for (const char c : token)
    bytes.push_back(static_cast<unsigned char>(c));
  const double logprob = -core_.out.random(1, 200) / 1000.0;
  return json::array({{{"token", token}, {"logprob", logprob}, {"bytes", bytes}}});
}

void input_audio::clear() {
  buffer_.clear();
  pending_item_.clear();
  vad_.reset();
  core_.out.send({{"type", "input_audio_buffer.cleared"}});
}

void input_audio::reconfigure() {
  const auto kind = codec_of(core_.config["audio"]["input"]["format"]);
  if (kind != decoder_.kind())
    decoder_ = audio_decoder(kind);
  const bool was_on = settings_.has_value();
  settings_ = vad_of(core_.config);
  if (settings_)
    vad_.configure(*settings_);
  if (was_on != settings_.has_value()) {
    vad_.reset();
    pending_item_.clear();
  }
}

int64_t input_audio::buffer_start_ms() const {
  return position_ms() - static_cast<int64_t>(buffer_.size() / samples_per_ms);
}

void input_audio::drop_before(int64_t at_ms) {
  const int64_t drop = std::max<int64_t>(0, at_ms - buffer_start_ms()) * int64_t{samples_per_ms};
  const auto count = std::min(static_cast<size_t>(drop), buffer_.size());
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(count));
}

samples input_audio::take_until(int64_t at_ms) {
  const int64_t wanted = std::max<int64_t>(0, at_ms - buffer_start_ms()) * int64_t{samples_per_ms};
  const auto count =
      static_cast<std::ptrdiff_t>(std::min(static_cast<size_t>(wanted), buffer_.size()));
  samples out(buffer_.begin(), buffer_.begin() + count);
  buffer_.erase(buffer_.begin(), buffer_.begin() + count);
  return out;
}

} // namespace sim::openai
