#include "audio/g711.hpp"

#include <array>

namespace switchboard::audio {

namespace {

constexpr int ulaw_bias = 33;     // G.711: added so that segment ends are powers of two
constexpr int ulaw_clip = 0x1FFF; // largest biased magnitude of 14-bit input
constexpr size_t ulaw_inputs = 1 << 14;
constexpr size_t alaw_inputs = 1 << 12; // 13-bit input, whose lowest bit A-law does not see

constexpr int16_t expand_ulaw(uint8_t code) {
  const int inverted = ~code & 0xFF;
  const int exponent = (inverted >> 4) & 7;
  const int mantissa = inverted & 0x0F;
  const int step = 4 << (exponent + 1);
  const int magnitude = (0x80 << exponent) + step * mantissa + step / 2 - 4 * ulaw_bias;
  return static_cast<int16_t>(code < 0x80 ? -magnitude : magnitude);
}

/// @param value the sample's 14 most significant bits, signed.
constexpr uint8_t compress_ulaw(int value) {
  const int ones_complement = value < 0 ? ~value : value;
  int magnitude = ones_complement + ulaw_bias;
  magnitude = magnitude > ulaw_clip ? ulaw_clip : magnitude;
  int segment = 1;
  for (int rest = magnitude >> 6; rest != 0; rest >>= 1) {
    ++segment;
  }
  const int high = 8 - segment;
  const int low = 0x0F - ((magnitude >> segment) & 0x0F);
  return static_cast<uint8_t>((high << 4) | low | (value >= 0 ? 0x80 : 0));
}

constexpr int16_t expand_alaw(uint8_t code) {
  const int bits = (code ^ 0x55) & 0x7F; // A-law inverts every other bit
  const int exponent = bits >> 4;
  int mantissa = bits & 0x0F;
  mantissa += exponent > 0 ? 16 : 0;
  mantissa = (mantissa << 4) + 8; // the middle of the interval
  mantissa <<= exponent > 1 ? exponent - 1 : 0;
  return static_cast<int16_t>(code > 127 ? mantissa : -mantissa);
}

/// @param value the sample's 12 most significant bits, signed.
constexpr uint8_t compress_alaw(int value) {
  int bits = value < 0 ? ~value : value;
  if (bits > 15) {
    int exponent = 1;
    while (bits > 31) {
      bits >>= 1;
      ++exponent;
    }
    bits = bits - 16 + (exponent << 4);
  }
  return static_cast<uint8_t>((bits | (value >= 0 ? 0x80 : 0)) ^ 0x55);
}

template <int16_t (*Expand)(uint8_t)>
constexpr std::array<int16_t, 256> decode_table() {
  std::array<int16_t, 256> table{};
  for (size_t i = 0; i < table.size(); ++i) {
    table[i] = Expand(static_cast<uint8_t>(i));
  }
  return table;
}

/// Indexed by the top bits of the sample as an unsigned number: no branch and no sign to look at.
template <size_t Inputs, uint8_t (*Compress)(int)>
constexpr std::array<uint8_t, Inputs> encode_table() {
  std::array<uint8_t, Inputs> table{};
  for (size_t i = 0; i < Inputs; ++i) {
    const int value = static_cast<int>(i) - (i >= Inputs / 2 ? static_cast<int>(Inputs) : 0);
    table[i] = Compress(value);
  }
  return table;
}

constexpr auto ulaw_samples = decode_table<expand_ulaw>();
constexpr auto alaw_samples = decode_table<expand_alaw>();
constexpr auto ulaw_codes = encode_table<ulaw_inputs, compress_ulaw>();
constexpr auto alaw_codes = encode_table<alaw_inputs, compress_alaw>();

} // namespace

int16_t ulaw_decode(uint8_t code) {
  return ulaw_samples[code];
}

uint8_t ulaw_encode(int16_t sample) {
  return ulaw_codes[static_cast<uint16_t>(sample) >> 2];
}

int16_t alaw_decode(uint8_t code) {
  return alaw_samples[code];
}

uint8_t alaw_encode(int16_t sample) {
  return alaw_codes[static_cast<uint16_t>(sample) >> 4];
}

void ulaw_decode(byte_view codes, int16_t* out) {
  for (size_t i = 0; i < codes.size; ++i) {
    out[i] = ulaw_samples[codes.data[i]];
  }
}

void ulaw_encode(const int16_t* samples, size_t count, uint8_t* out) {
  for (size_t i = 0; i < count; ++i) {
    out[i] = ulaw_encode(samples[i]);
  }
}

void alaw_decode(byte_view codes, int16_t* out) {
  for (size_t i = 0; i < codes.size; ++i) {
    out[i] = alaw_samples[codes.data[i]];
  }
}

void alaw_encode(const int16_t* samples, size_t count, uint8_t* out) {
  for (size_t i = 0; i < count; ++i) {
    out[i] = alaw_encode(samples[i]);
  }
}

} // namespace switchboard::audio
