#pragma once

#include "tools/sim_common/openai_json.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sim::openai {

using samples = std::vector<int16_t>; ///< 8 kHz mono, the only form audio has inside.

constexpr size_t samples_per_ms = 8;

/// What an audio format object of the session names.
enum class codec { pcmu, pcma, pcm24k };

/// @param format A validated format object, such as {"type":"audio/pcmu"}.
codec codec_of(const json& format);

/// Turns appended bytes into 8 kHz samples. A sample split between two appends is kept until its
/// rest comes.
class audio_decoder {
public:
  explicit audio_decoder(codec kind = codec::pcm24k) : codec_(kind) {}
  samples feed(std::string_view bytes);
  codec kind() const noexcept { return codec_; }

private:
  samples feed_pcm(std::string_view bytes);

  codec codec_;
  std::string rest_; ///< Less than one group of three 24 kHz samples.
};

/// @returns Samples [begin, end) of `signal` as bytes of the format. 24 kHz is interpolated, and
/// looks at `signal[end]` so that consecutive chunks join without a step.
std::string encode_audio(codec kind, const samples& signal, size_t begin, size_t end);

/// One A-law code word (ITU-T G.711, table 1a, even bits inverted).
uint8_t alaw_from_linear(int16_t sample) noexcept;

/// One A-law code word as a linear 16-bit sample.
int16_t linear_from_alaw(uint8_t code) noexcept;

} // namespace sim::openai
