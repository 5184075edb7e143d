#include "tools/sim_common/audio_file.hpp"

#include <sndfile.h>

#include <memory>
#include <stdexcept>

namespace sim {

namespace {

constexpr int telephone_rate = 8000;
constexpr int ulaw_bias = 0x84;  // 33 of the 14-bit scale, shifted to 16 bits
constexpr int ulaw_clip = 32635; // the largest magnitude that stays below 2^15 with the bias

struct file_closer {
  void operator()(SNDFILE* x) const { sf_close(x); }
};
using file_ptr = std::unique_ptr<SNDFILE, file_closer>;

[[noreturn]] void fail(const std::string& path, const std::string& why) {
  throw std::runtime_error(path + ": " + why);
}

std::vector<int16_t> mono_of(const std::vector<int16_t>& interleaved, int channels) {
  std::vector<int16_t> mono(interleaved.size() / static_cast<size_t>(channels));
  for (size_t i = 0; i < mono.size(); ++i) {
    int sum = 0;
    for (int c = 0; c < channels; ++c) {
      sum += interleaved[i * static_cast<size_t>(channels) + static_cast<size_t>(c)];
    }
    mono[i] = static_cast<int16_t>(sum / channels);
  }
  return mono;
}

/// Averages each group of `factor` samples: a crude low-pass, enough for speech.
std::vector<int16_t> averaged_down(const std::vector<int16_t>& in, size_t factor) {
  std::vector<int16_t> out(in.size() / factor);
  for (size_t i = 0; i < out.size(); ++i) {
    int sum = 0;
    for (size_t k = 0; k < factor; ++k) {
      sum += in[i * factor + k];
    }
    out[i] = static_cast<int16_t>(sum / static_cast<int>(factor));
  }
  return out;
}

} // namespace

std::vector<int16_t> load_wav_8k_mono(const std::string& path) {
  SF_INFO info{};
  file_ptr file{sf_open(path.c_str(), SFM_READ, &info)};
  if (!file) {
    fail(path, sf_strerror(nullptr));
  }
  if ((info.format & SF_FORMAT_SUBMASK) != SF_FORMAT_PCM_16) {
    fail(path, "not 16-bit PCM");
  }
  if (info.samplerate % telephone_rate != 0 || info.samplerate > 3 * telephone_rate) {
    fail(path, "rate " + std::to_string(info.samplerate) + " is none of 8000, 16000, 24000");
  }
  std::vector<int16_t> all(static_cast<size_t>(info.frames) * static_cast<size_t>(info.channels));
  auto frames = sf_readf_short(file.get(), all.data(), info.frames);
  if (frames < 0) {
    fail(path, "cannot be read");
  }
  all.resize(static_cast<size_t>(frames) * static_cast<size_t>(info.channels));
  return averaged_down(mono_of(all, info.channels),
                       static_cast<size_t>(info.samplerate / telephone_rate));
}

void save_wav(const std::string& path, const std::vector<int16_t>& interleaved, int rate,
              int channels) {
  SF_INFO info{};
  info.samplerate = rate;
  info.channels = channels;
  info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
  file_ptr file{sf_open(path.c_str(), SFM_WRITE, &info)};
  if (!file) {
    fail(path, sf_strerror(nullptr));
  }
  auto frames = static_cast<sf_count_t>(interleaved.size() / static_cast<size_t>(channels));
  if (sf_writef_short(file.get(), interleaved.data(), frames) != frames) {
    fail(path, "cannot be written");
  }
}

uint8_t ulaw_from_linear(int16_t sample) noexcept {
  int magnitude = sample < 0 ? -static_cast<int>(sample) : sample;
  const int sign = sample < 0 ? 0x80 : 0;
  if (magnitude > ulaw_clip) {
    magnitude = ulaw_clip;
  }
  magnitude += ulaw_bias;
  int segment = 7;
  for (int mask = 0x4000; (magnitude & mask) == 0 && segment > 0; mask >>= 1) {
    --segment;
  }
  const int step = (magnitude >> (segment + 3)) & 0x0F;
  return static_cast<uint8_t>(~(sign | (segment << 4) | step));
}

int16_t linear_from_ulaw(uint8_t code) noexcept {
  const int bits = ~code & 0xFF;
  const int magnitude = ((((bits & 0x0F) << 3) + ulaw_bias) << ((bits >> 4) & 7)) - ulaw_bias;
  return static_cast<int16_t>((bits & 0x80) != 0 ? -magnitude : magnitude);
}

std::string encode_ulaw(const int16_t* samples, size_t count) {
  std::string out(count, '\0');
  for (size_t i = 0; i < count; ++i) {
    out[i] = static_cast<char>(ulaw_from_linear(samples[i]));
  }
  return out;
}

std::vector<int16_t> decode_ulaw(std::string_view codes) {
  std::vector<int16_t> out(codes.size());
  for (size_t i = 0; i < codes.size(); ++i) {
    out[i] = linear_from_ulaw(static_cast<uint8_t>(codes[i]));
  }
  return out;
}

} // namespace sim
