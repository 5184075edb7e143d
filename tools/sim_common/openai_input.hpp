#pragma once

#include "tools/sim_common/openai_core.hpp"
#include "tools/sim_common/openai_vad.hpp"

#include <functional>
#include <optional>
#include <string>

namespace sim::openai {

/// The input audio buffer of a session: what the caller says, its turns, its transcription.
class input_audio {
public:
  explicit input_audio(core& shared) : core_(shared) {}

  /// Called when the caller begins to speak, after speech_started is sent.
  std::function<void()> on_speech;
  /// Called when VAD has committed a turn.
  std::function<void()> on_turn;

  void append(const std::string& base64, const std::string& cause);
  void commit(const std::string& cause);
  void clear();

  /// Takes over the session's format and turn detection.
  void reconfigure();

  /// idle_timeout_ms has passed: commits what was heard since the model last spoke.
  void commit_idle();

  bool speaking() const noexcept { return vad_.speaking(); }
  int64_t position_ms() const noexcept { return vad_.position_ms(); }
  /// All audio heard, if the options ask for it.
  const samples& heard() const noexcept { return heard_; }

private:
  void apply(const vad_event& event);
  void commit_item(samples sound, bool silent);
  void drop_before(int64_t at_ms);
  samples take_until(int64_t at_ms);
  int64_t buffer_start_ms() const;
  void transcribe(const item_ptr& spoken);
  void send_transcript(const item_ptr& spoken, const script_turn& turn);
  json logprobs_of(const std::string& token);
  std::string current_item();

  core& core_;
  audio_decoder decoder_;
  energy_vad vad_;
  std::optional<vad_settings> settings_;
  samples buffer_; ///< Uncommitted audio, its end is position_ms().
  samples heard_;
  std::string pending_item_; ///< Id announced by speech_started.
};

} // namespace sim::openai
