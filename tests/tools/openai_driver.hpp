#pragma once

#include "tools/sim_common/base64.hpp"
#include "tools/sim_common/openai_session.hpp"

#include <cmath>
#include <memory>
#include <string>
#include <vector>

namespace sim::openai {

/// Drives a session in virtual time, as a client would, and keeps what it sends.
class driver {
public:
  explicit driver(const std::string& script_text = "{}", session_options options = {})
      : lines_(std::make_shared<const script>(
            parse_script(script_text, [](const std::string&) { return samples(8000, 1000); }))),
        session_(std::move(options), lines_) {
    run(0);
  }

  void send(const json& event) { send_text(event.dump()); }
  void send_text(const std::string& text) {
    session_.feed_text(text, now_);
    collect();
  }
  void send_binary() {
    session_.feed_binary(now_);
    collect();
  }

  /// Lets time pass.
  void run(int64_t ms) {
    now_ += ms;
    session_.advance(now_);
    collect();
  }

  /// mu-law both ways, server VAD with 500 ms, transcription on; `more` is merged into the session.
  void configure(const json& more = json::object()) {
    json update = {{"type", "realtime"}};
    update["audio"]["input"] = {
        {"format", {{"type", "audio/pcmu"}}},
        {"transcription", {{"model", "gpt-4o-mini-transcribe"}}},
        {"turn_detection", {{"type", "server_vad"}, {"silence_duration_ms", 500}}}};
    update["audio"]["output"]["format"]["type"] = "audio/pcmu";
    update.merge_patch(more);
    send({{"type", "session.update"}, {"session", update}});
  }

  /// Appends mu-law audio in frames of 20 ms while time passes: a tone, or silence.
  void speak(int ms) { append(ms, 8000); }
  void hush(int ms) { append(ms, 0); }

  /// One turn of the caller, with the silence that ends it.
  void turn() {
    speak(400);
    hush(600);
  }

  std::vector<json> of(const std::string& type) const {
    std::vector<json> out;
    for (const auto& event : events)
      if (event.at("type") == type)
        out.push_back(event);
    return out;
  }
  size_t count(const std::string& type) const { return of(type).size(); }
  /// The last event of the type, or null.
  json last(const std::string& type) const {
    const auto all = of(type);
    return all.empty() ? json() : all.back();
  }
  /// A value of that event, by JSON pointer; null if there is none.
  json at(const std::string& type, const std::string& pointer) const {
    return last(type).value(json::json_pointer(pointer), json());
  }
  std::string last_error() const {
    const auto code = at("error", "/error/code");
    return code.is_string() ? code.get<std::string>() : "";
  }
  /// Place of the first event of the type, or -1.
  int place(const std::string& type) const {
    for (size_t i = 0; i < events.size(); ++i)
      if (events[i].at("type") == type)
        return static_cast<int>(i);
    return -1;
  }
  /// The item that the last audio response spoke.
  std::string spoken_item() const { return last("response.output_audio.delta")["item_id"]; }

  std::vector<json> events;
  int close_code = 0;
  std::string close_reason;
  session& machine() { return session_; }
  int64_t now() const { return now_; }

private:
  void append(int ms, int amplitude) {
    for (int at = 0; at < ms; at += 20) {
      samples tone(160);
      for (size_t i = 0; i < tone.size(); ++i)
        tone[i] = static_cast<int16_t>(amplitude * std::sin(0.3 * static_cast<double>(i)));
      send({{"type", "input_audio_buffer.append"},
            {"audio", encode_base64(encode_audio(codec::pcmu, tone, 0, tone.size()))}});
      run(20);
    }
  }

  void collect() {
    for (auto& each : session_.take()) {
      if (each.what == output::kind::event) {
        events.push_back(std::move(each.event));
      } else {
        close_code = each.close_code;
        close_reason = each.close_reason;
      }
    }
  }

  std::shared_ptr<const script> lines_;
  session session_;
  int64_t now_ = 0;
};

} // namespace sim::openai
