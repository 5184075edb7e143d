#pragma once

#include "tools/sim_common/openai_audio.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace sim::openai {

/// What the model says once: the words, and the same words as sound.
struct speech {
  std::string text;
  std::shared_ptr<const samples> sound;
};

struct tool_call {
  std::string name;
  std::string arguments; ///< JSON text, as the model would write it.
};

/// What the model does in one response.
struct script_line {
  std::optional<speech> says;
  std::vector<tool_call> calls; ///< After the speech, in the same response.
  std::optional<api_error> failure;
};

/// The model's part in the n-th turn of the caller.
struct script_turn {
  std::string hears;                 ///< What transcription reports.
  std::optional<int> hears_after_ms; ///< Instead of the session's transcription delay.
  bool transcription_fails = false;
  std::optional<speech> before; ///< Said in the response that calls tools, before them.
  std::vector<tool_call> calls;
  std::optional<speech> says;       ///< The answer; after the tools' outputs if there are any.
  std::optional<api_error> failure; ///< response.done says failed, with this error.
};

/// An answer to instructions in response.create that contain `match`.
struct script_prompt {
  std::string match;
  script_line line;
};

struct script {
  script_line greeting;
  std::vector<script_turn> turns;
  script_turn otherwise; ///< Turns beyond the last, and prompts nobody foresaw.
  std::vector<script_prompt> prompts;
  std::vector<script_prompt> out_of_band; ///< Matched against instructions and metadata.
};

/// What is wrong in a script file, with the path of the value, such as "turns[1].says.wav".
struct script_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Loads the WAV of that name (relative names: relative to the script). @throws on failure.
using wav_loader = std::function<samples(const std::string& name)>;

/// Reads a script. Speech without a "wav" gets a hum as long as its text takes to say.
/// @throws script_error naming the place of the first mistake.
script parse_script(const std::string& text, const wav_loader& load);

/// @throws script_error, also when a file cannot be read.
script load_script(const std::string& path);

/// A greeting and a polite answer to everything, for when no script is given.
script default_script();

/// What the conversation looks like when a response begins.
struct dialogue {
  size_t user_turns = 0; ///< User messages in the conversation, replayed ones included.
  bool any_assistant = false;
  bool answered = false; ///< A completed assistant message follows the last user message or output.
  bool called = false;   ///< A function call follows the last user message.
  bool tool_output = false; ///< So does a function call's output.
  std::string instructions; ///< Of the response.create, empty if none.
  /// Whether the session offers a tool of that name; unset = every tool. A turn none of whose
  /// tools is offered is answered at once, as a model without tools would.
  std::function<bool(const std::string& tool)> offers;
};

/// Decides what a response of the default conversation does.
script_line choose_line(const script& lines, const dialogue& state);

/// Decides what a response outside the conversation says.
/// @param prompt The instructions and the metadata of the response.create.
script_line choose_apart(const script& lines, const std::string& prompt);

/// @param user_turn Counted from 1.
const script_turn& turn_at(const script& lines, size_t user_turn);

} // namespace sim::openai
