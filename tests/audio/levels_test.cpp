#define CAF_SUITE levels
#define FAIL CAF_FAIL
#include "audio/g711.hpp"
#include "audio/levels.hpp"

#include <cmath>
#include <random>
#include <vector>

#include <caf/test/dsl.hpp>

using namespace switchboard::audio;

namespace {

std::vector<int16_t> sine(double amplitude) {
  std::vector<int16_t> out;
  for (int i = 0; i < 8000; ++i) {
    out.push_back(static_cast<int16_t>(std::lround(amplitude * std::sin(i * 2 * M_PI / 80))));
  }
  return out;
}

bool near(float a, float b) {
  return std::abs(a - b) < 0.1F;
}

} // namespace

CAF_TEST(a sine has its peak and an RMS 3 dB below it) {
  const auto full = sine(32767);
  const auto l = measure_pcm(full.data(), full.size());
  CAF_CHECK(near(l.peak_dbfs, 0.0F));
  CAF_CHECK(near(l.rms_dbfs, -3.01F));
  const auto tenth = sine(3276.7);
  CAF_CHECK(near(measure_pcm(tenth.data(), tenth.size()).rms_dbfs, -23.01F));
}

CAF_TEST(mu law is measured as what it decodes to) {
  const auto samples = sine(8000);
  byte_buffer codes(samples.size());
  ulaw_encode(samples.data(), samples.size(), codes.data());
  CAF_CHECK(
      near(measure_ulaw(codes).rms_dbfs, measure_pcm(samples.data(), samples.size()).rms_dbfs));
}

CAF_TEST(the most negative sample is full scale) {
  const int16_t lowest = -32768;
  CAF_CHECK(near(measure_pcm(&lowest, 1).peak_dbfs, 0.0F));
}

CAF_TEST(silence and nothing are the floor and not voiced) {
  const byte_buffer silence(160, ulaw_silence);
  CAF_CHECK_EQUAL(measure_ulaw(silence).rms_dbfs, -96.0F);
  CAF_CHECK_EQUAL(measure_ulaw({}).peak_dbfs, -96.0F);
  CAF_CHECK(!voiced_ulaw(silence));
  CAF_CHECK(!voiced_ulaw({}));
}

CAF_TEST(speech level is voiced and line noise is not ) {
  const auto speech = sine(2500); // -25 dBFS
  const auto noise = sine(120);   // -52 dBFS
  CAF_CHECK(voiced(measure_pcm(speech.data(), speech.size())));
  CAF_CHECK(!voiced(measure_pcm(noise.data(), noise.size())));
  CAF_CHECK(voiced(measure_pcm(noise.data(), noise.size()), -60.0F));
}

CAF_TEST(what is voiced is what is measured as louder than the threshold) {
  std::mt19937 random{3};
  int loud = 0;
  for (int i = 0; i < 4000; ++i) {
    byte_buffer codes(1 + random() % 200);
    const unsigned least = random() % 128; // small codes are loud
    for (auto& code : codes) {
      code = static_cast<uint8_t>(least + random() % (128 - least) + (random() % 2) * 128);
    }
    const float threshold =
        random() % 2 == 0 ? switchboard::defaults::audio::voiced_rms_dbfs : -20.0F;
    const auto measured = measure_ulaw(codes);
    if (near(measured.rms_dbfs, threshold)) {
      continue;
    }
    CAF_REQUIRE_EQUAL(voiced_ulaw(codes, threshold), voiced(measured, threshold));
    loud += voiced(measured, threshold) ? 1 : 0;
  }
  CAF_CHECK(loud > 1000 && loud < 3900);
}
