#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

/// Reads a WAV file as 8 kHz mono, the format of a telephone line.
/// @param path A PCM16 WAV of 8000, 16000 or 24000 Hz; several channels are averaged.
/// @returns Samples at 8 kHz; higher rates are averaged down over whole groups of samples.
/// @throws std::runtime_error naming the file when it cannot be opened or has another format.
std::vector<int16_t> load_wav_8k_mono(const std::string& path);

/// Writes a PCM16 WAV file.
/// @param interleaved Samples, channel by channel within each frame.
/// @param rate Frames a second.
/// @throws std::runtime_error naming the file when it cannot be written.
void save_wav(const std::string& path, const std::vector<int16_t>& interleaved, int rate,
              int channels);

/// One sample as a mu-law code word (ITU-T G.711, table 2a; computed, not looked up).
uint8_t ulaw_from_linear(int16_t sample) noexcept;

/// One mu-law code word as a linear 16-bit sample (ITU-T G.711, table 2a).
int16_t linear_from_ulaw(uint8_t code) noexcept;

/// @returns One mu-law byte for each sample.
std::string encode_ulaw(const int16_t* samples, size_t count);

/// @returns One linear sample for each mu-law byte.
std::vector<int16_t> decode_ulaw(std::string_view codes);

/// The mu-law code word of silence, as the carrier sends it.
constexpr uint8_t ulaw_silence = 0xFF;

} // namespace sim
