#pragma once

#include "tools/sim_common/openai_script.hpp"
#include "tools/sim_common/openai_wire.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sim::openai {

/// One delta: either words or the samples [begin, end) of the speech.
struct speech_step {
  int64_t at_ms = 0; ///< After the first delta.
  std::string words;
  size_t begin = 0;
  size_t end = 0;
};

/// Cuts speech into deltas as the model sends it: audio in uneven chunks of 40 to 400 ms, faster
/// than it plays, the words somewhat ahead of their sound.
/// @param with_sound false: words only.
/// @param limit Samples after which the model runs out of tokens.
std::vector<speech_step> plan_speech(const speech& said, double speed, bool with_sound,
                                     size_t limit, wire& random);

/// Cuts text into words that keep their leading space, so that they join to the text again.
std::vector<std::string> split_words(const std::string& text);

} // namespace sim::openai
