#include "tools/sim_common/openai_audio.hpp"

#include "tools/sim_common/audio_file.hpp"

#include <algorithm>

namespace sim::openai {

namespace {

constexpr size_t bytes_per_group = 6; // three 16-bit samples of 24 kHz make one of 8 kHz

int16_t sample_at(std::string_view bytes, size_t offset) {
  const auto low = static_cast<uint8_t>(bytes[offset]);
  const auto high = static_cast<uint8_t>(bytes[offset + 1]);
  return static_cast<int16_t>(high << 8 | low);
}

void put_sample(std::string& out, int value) {
  const auto word = static_cast<uint16_t>(static_cast<int16_t>(value));
  out += static_cast<char>(word & 0xFF);
  out += static_cast<char>(word >> 8);
}

std::string encode_pcm24k(const samples& signal, size_t begin, size_t end) {
  std::string out;
  out.reserve((end - begin) * bytes_per_group);
  for (size_t i = begin; i < end; ++i) {
    const int here = signal[i];
    const int next = i + 1 < signal.size() ? signal[i + 1] : here;
    for (int third = 0; third < 3; ++third)
      put_sample(out, here + (next - here) * third / 3);
  }
  return out;
}

} // namespace

codec codec_of(const json& format) {
  const auto type = format.value("type", std::string());
  return type == "audio/pcmu" ? codec::pcmu : type == "audio/pcma" ? codec::pcma : codec::pcm24k;
}

samples audio_decoder::feed(std::string_view bytes) {
  if (codec_ == codec::pcm24k)
    return feed_pcm(bytes);
  if (codec_ == codec::pcmu)
    return decode_ulaw(bytes);
  samples out(bytes.size());
  std::transform(bytes.begin(), bytes.end(), out.begin(),
                 [](char byte) { return linear_from_alaw(static_cast<uint8_t>(byte)); });
  return out;
}

samples audio_decoder::feed_pcm(std::string_view bytes) {
  rest_.append(bytes);
  const size_t groups = rest_.size() / bytes_per_group;
  samples out;
  out.reserve(groups);
  for (size_t i = 0; i < groups; ++i) {
    int sum = 0;
    for (size_t k = 0; k < 3; ++k)
      sum += sample_at(rest_, i * bytes_per_group + 2 * k);
    out.push_back(static_cast<int16_t>(sum / 3));
  }
  rest_.erase(0, groups * bytes_per_group);
  return out;
}

std::string encode_audio(codec kind, const samples& signal, size_t begin, size_t end) {
  end = std::min(end, signal.size());
  begin = std::min(begin, end);
  if (kind == codec::pcm24k)
    return encode_pcm24k(signal, begin, end);
  if (kind == codec::pcmu)
    return encode_ulaw(signal.data() + begin, end - begin);
  std::string out;
  for (size_t i = begin; i < end; ++i)
    out += static_cast<char>(alaw_from_linear(signal[i]));
  return out;
}

uint8_t alaw_from_linear(int16_t sample) noexcept {
  const bool positive = sample >= 0;
  const int magnitude = positive ? sample >> 4 : (-1 - sample) >> 4; // 11 bits
  int code = magnitude; // the two lowest segments are linear
  if (magnitude >= 32) {
    int segment = 1;
    for (int top = magnitude >> 5; top != 0; top >>= 1)
      ++segment;
    code = segment << 4 | (magnitude >> (segment - 1) & 15);
  }
  return static_cast<uint8_t>((positive ? code | 0x80 : code) ^ 0x55);
}

int16_t linear_from_alaw(uint8_t code) noexcept {
  const int bits = code ^ 0x55;
  const int segment = bits >> 4 & 7;
  const int step = bits & 15;
  const int magnitude = segment == 0 ? (step << 4) + 8 : ((step << 4) + 0x108) << (segment - 1);
  return static_cast<int16_t>((bits & 0x80) != 0 ? magnitude : -magnitude);
}

} // namespace sim::openai
