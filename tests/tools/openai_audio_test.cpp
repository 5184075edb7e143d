#define CAF_SUITE openai_audio
#define FAIL CAF_FAIL
#include "tools/sim_common/base64.hpp"
#include "tools/sim_common/openai_audio.hpp"

#include <cmath>

#include <caf/test/dsl.hpp>

using namespace sim::openai;

CAF_TEST(every A law code word comes back from its sample) {
  for (int code = 0; code < 256; ++code) {
    const auto sample = linear_from_alaw(static_cast<uint8_t>(code));
    CAF_CHECK_EQUAL(static_cast<int>(alaw_from_linear(sample)), code);
  }
  // ITU-T G.711 table 1a: the smallest and the largest decision values of 13 bits.
  CAF_CHECK_EQUAL(linear_from_alaw(0xD5), 8);
  CAF_CHECK_EQUAL(linear_from_alaw(0x55), -8);
  CAF_CHECK_EQUAL(linear_from_alaw(0xAA), 32256);
}

CAF_TEST(audio survives every format within its precision and split samples are joined) {
  samples tone(800);
  for (size_t i = 0; i < tone.size(); ++i)
    tone[i] = static_cast<int16_t>(10000 * std::sin(0.2 * static_cast<double>(i)));
  for (const auto kind : {codec::pcmu, codec::pcma, codec::pcm24k}) {
    const auto bytes = encode_audio(kind, tone, 0, tone.size());
    CAF_CHECK_EQUAL(bytes.size(), tone.size() * (kind == codec::pcm24k ? 6 : 1));
    audio_decoder decoder(kind);
    samples back;
    for (size_t i = 0; i < bytes.size(); i += 7)
      for (const auto sample : decoder.feed(bytes.substr(i, 7)))
        back.push_back(sample);
    CAF_REQUIRE_EQUAL(back.size(), tone.size());
    int worst = 0;
    for (size_t i = 0; i < back.size(); ++i)
      worst = std::max(worst, std::abs(back[i] - tone[i]));
    CAF_CHECK(worst < 700); // interpolation and G.711 steps
  }
}

CAF_TEST(chunks join to the same bytes as the whole) {
  samples ramp(300);
  for (size_t i = 0; i < ramp.size(); ++i)
    ramp[i] = static_cast<int16_t>(i * 50);
  const auto whole = encode_audio(codec::pcm24k, ramp, 0, 300);
  CAF_CHECK(encode_audio(codec::pcm24k, ramp, 0, 111) +
                encode_audio(codec::pcm24k, ramp, 111, 300) ==
            whole);
}

CAF_TEST(base64 reads what it writes and refuses what is none) {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    const auto decoded = sim::decode_base64(sim::encode_base64(text));
    CAF_REQUIRE(decoded.has_value());
    CAF_CHECK_EQUAL(*decoded, text);
  }
  CAF_CHECK_EQUAL(sim::encode_base64("fooba"), "Zm9vYmE="); // RFC 4648, section 10
  for (const char* bad : {"Zg", "Zg=", "Z===", "Zm9v\n", "Zm=v", "====", "Zm9*"})
    CAF_CHECK(!sim::decode_base64(bad).has_value());
}
