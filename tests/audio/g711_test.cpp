#define CAF_SUITE g711
#define FAIL CAF_FAIL
#include "audio/g711.hpp"
#include "tests/audio/temp_dir.hpp"

#include <sndfile.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <numeric>

#include <caf/test/dsl.hpp>

using namespace switchboard::audio;

namespace {

// The compression rules as ITU-T G.191 states them, by arithmetic on each sample.
uint8_t reference_ulaw(int16_t sample) {
  int magnitude = (sample < 0 ? (~sample >> 2) : (sample >> 2)) + 33;
  magnitude = std::min(magnitude, 0x1FFF);
  int segment = 1;
  for (int i = magnitude >> 6; i != 0; i >>= 1) {
    ++segment;
  }
  const int code = ((8 - segment) << 4) | (0xF - ((magnitude >> segment) & 0xF));
  return static_cast<uint8_t>(sample >= 0 ? code | 0x80 : code);
}

uint8_t reference_alaw(int16_t sample) {
  int ix = sample < 0 ? (~sample) >> 4 : sample >> 4;
  if (ix > 15) {
    int exponent = 1;
    while (ix > 16 + 15) {
      ix >>= 1;
      ++exponent;
    }
    ix -= 16;
    ix += exponent << 4;
  }
  return static_cast<uint8_t>((sample >= 0 ? ix | 0x80 : ix) ^ 0x55);
}

std::vector<int16_t> all_samples() {
  std::vector<int16_t> samples(65536);
  std::iota(samples.begin(), samples.end(), static_cast<int16_t>(-32768));
  return samples;
}

byte_buffer all_codes() {
  byte_buffer codes(256);
  std::iota(codes.begin(), codes.end(), uint8_t{0});
  return codes;
}

size_t mismatches(size_t count, const std::function<bool(size_t)>& equal) {
  size_t bad = 0;
  for (size_t i = 0; i < count; ++i) {
    bad += equal(i) ? 0 : 1;
  }
  return bad;
}

// libsndfile as an independent codec: headerless files of the companded format.
std::vector<int16_t> sndfile_decode(int subtype, const byte_buffer& codes) {
  test::temp_dir dir;
  const auto path = dir.file("codes.raw");
  FILE* file = std::fopen(path.c_str(), "wb");
  std::fwrite(codes.data(), 1, codes.size(), file);
  std::fclose(file);
  SF_INFO info{};
  info.samplerate = 8000;
  info.channels = 1;
  info.format = SF_FORMAT_RAW | subtype;
  SNDFILE* snd = sf_open(path.c_str(), SFM_READ, &info);
  CAF_REQUIRE(snd != nullptr);
  std::vector<int16_t> samples(codes.size());
  CAF_REQUIRE_EQUAL(sf_read_short(snd, samples.data(), static_cast<sf_count_t>(samples.size())),
                    static_cast<sf_count_t>(samples.size()));
  sf_close(snd);
  return samples;
}

byte_buffer sndfile_encode(int subtype, const std::vector<int16_t>& samples) {
  test::temp_dir dir;
  const auto path = dir.file("codes.raw");
  SF_INFO info{};
  info.samplerate = 8000;
  info.channels = 1;
  info.format = SF_FORMAT_RAW | subtype;
  SNDFILE* snd = sf_open(path.c_str(), SFM_WRITE, &info);
  CAF_REQUIRE(snd != nullptr);
  sf_write_short(snd, samples.data(), static_cast<sf_count_t>(samples.size()));
  sf_close(snd);
  byte_buffer codes(samples.size());
  FILE* file = std::fopen(path.c_str(), "rb");
  CAF_REQUIRE_EQUAL(std::fread(codes.data(), 1, codes.size(), file), codes.size());
  std::fclose(file);
  return codes;
}

} // namespace

CAF_TEST(known code words have the values of the Recommendation) {
  CAF_CHECK_EQUAL(ulaw_decode(0x00), -32124);
  CAF_CHECK_EQUAL(ulaw_decode(0x80), 32124);
  CAF_CHECK_EQUAL(ulaw_decode(0xFF), 0);
  CAF_CHECK_EQUAL(ulaw_decode(0x7F), 0);
  CAF_CHECK_EQUAL(ulaw_encode(0), ulaw_silence);
  CAF_CHECK_EQUAL(ulaw_encode(-1), 0x7F);
  CAF_CHECK_EQUAL(ulaw_encode(32767), 0x80);
  CAF_CHECK_EQUAL(ulaw_encode(-32768), 0x00);
  CAF_CHECK_EQUAL(alaw_decode(0xD5), 8);
  CAF_CHECK_EQUAL(alaw_decode(0x55), -8);
  CAF_CHECK_EQUAL(alaw_decode(0xAA), 32256);
  CAF_CHECK_EQUAL(alaw_encode(0), alaw_silence);
  CAF_CHECK_EQUAL(alaw_encode(32767), 0xAA);
  CAF_CHECK_EQUAL(alaw_encode(-32768), 0x2A);
}

CAF_TEST(all 65536 samples encode as the reference arithmetic says) {
  const auto samples = all_samples();
  byte_buffer ulaw(samples.size());
  byte_buffer alaw(samples.size());
  ulaw_encode(samples.data(), samples.size(), ulaw.data());
  alaw_encode(samples.data(), samples.size(), alaw.data());
  CAF_CHECK_EQUAL(
      mismatches(samples.size(), [&](size_t i) { return ulaw[i] == reference_ulaw(samples[i]); }),
      0u);
  CAF_CHECK_EQUAL(
      mismatches(samples.size(), [&](size_t i) { return alaw[i] == reference_alaw(samples[i]); }),
      0u);
  CAF_CHECK_EQUAL(
      mismatches(samples.size(), [&](size_t i) { return ulaw[i] == ulaw_encode(samples[i]); }), 0u);
  CAF_CHECK_EQUAL(
      mismatches(samples.size(), [&](size_t i) { return alaw[i] == alaw_encode(samples[i]); }), 0u);
}

CAF_TEST(every code word decodes as libsndfile decodes it) {
  const auto codes = all_codes();
  std::vector<int16_t> ulaw(codes.size());
  std::vector<int16_t> alaw(codes.size());
  ulaw_decode(codes, ulaw.data());
  alaw_decode(codes, alaw.data());
  CAF_CHECK(ulaw == sndfile_decode(SF_FORMAT_ULAW, codes));
  CAF_CHECK(alaw == sndfile_decode(SF_FORMAT_ALAW, codes));
}

CAF_TEST(samples encode as libsndfile encodes them up to the sign convention) {
  const auto samples = all_samples();
  const auto ulaw = sndfile_encode(SF_FORMAT_ULAW, samples);
  const auto alaw = sndfile_encode(SF_FORMAT_ALAW, samples);
  // libsndfile negates where G.191 takes the one's complement: its code for s + 1 is ours for s <
  // -1.
  const auto at = [](size_t i) { return i < 32767 ? i + 1 : i; };
  const auto same = [&](const byte_buffer& theirs, auto ours) {
    return mismatches(samples.size(), [&](size_t i) { return ours(samples[i]) == theirs[at(i)]; });
  };
  CAF_CHECK_EQUAL(samples[32767], -1);
  CAF_CHECK_EQUAL(same(ulaw, [](int16_t s) { return ulaw_encode(s); }), 0u);
  CAF_CHECK_EQUAL(same(alaw, [](int16_t s) { return alaw_encode(s); }), 0u);
}

CAF_TEST(encoding is monotonic and off by half a step at most) {
  int previous_ulaw = -32768;
  int previous_alaw = -32768;
  size_t bad = 0;
  for (const int16_t sample : all_samples()) {
    const int ulaw = ulaw_decode(ulaw_encode(sample));
    const int alaw = alaw_decode(alaw_encode(sample));
    const int size = std::abs(int{sample});
    // Half a step is 1/32 of the (biased) value; 4 and 16 are what the codecs do not see at all.
    bad += std::abs(ulaw - sample) > (size + 4 * 33) / 32 + 4 ? 1 : 0;
    bad += std::abs(alaw - sample) > std::max(8, size / 32) + 16 ? 1 : 0;
    bad += ulaw < previous_ulaw || alaw < previous_alaw ? 1 : 0;
    previous_ulaw = ulaw;
    previous_alaw = alaw;
  }
  CAF_CHECK_EQUAL(bad, 0u);
}

CAF_TEST(a code word survives decoding and encoding but for the negative zero of mu law) {
  for (const uint8_t code : all_codes()) {
    CAF_CHECK_EQUAL(ulaw_encode(ulaw_decode(code)), code == 0x7F ? ulaw_silence : code);
    CAF_CHECK_EQUAL(alaw_encode(alaw_decode(code)), code);
  }
}
