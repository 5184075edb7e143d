// WAV files and mu-law for the simulators.
#define CAF_SUITE twilio_audio_file
#define FAIL CAF_FAIL

#include "tools/sim_common/audio_file.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <caf/test/dsl.hpp>

using namespace sim;

namespace {

struct fixture {
  std::string folder;

  fixture() {
    char name[] = "/tmp/twilio_audio_file_XXXXXX";
    folder = mkdtemp(name);
  }
  ~fixture() { std::system(("rm -r " + folder + " || true").c_str()); }
};

/// Whether reading fails with a text that names the file.
bool refused(const std::string& path) {
  try {
    load_wav_8k_mono(path);
    return false;
  } catch (const std::runtime_error& e) {
    return std::string{e.what()}.find(path) != std::string::npos;
  }
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(audio_file_tests, fixture)

CAF_TEST(a file at 8 kHz comes back as it was written) {
  const std::vector<int16_t> samples{0, 1, -1, 32767, -32768, 1234};
  save_wav(folder + "/a.wav", samples, 8000, 1);
  CAF_CHECK(load_wav_8k_mono(folder + "/a.wav") == samples);
}

CAF_TEST(higher rates and two channels are averaged) {
  save_wav(folder + "/b.wav", {10, 20, 30, 40}, 16000, 1);
  CAF_CHECK(load_wav_8k_mono(folder + "/b.wav") == (std::vector<int16_t>{15, 35}));
  save_wav(folder + "/c.wav", {3, 6, 9, 1, 1, 1, 7}, 24000, 1);
  CAF_CHECK(load_wav_8k_mono(folder + "/c.wav") == (std::vector<int16_t>{6, 1}));
  save_wav(folder + "/d.wav", {100, 200, -100, 100}, 8000, 2);
  CAF_CHECK(load_wav_8k_mono(folder + "/d.wav") == (std::vector<int16_t>{150, 0}));
}

CAF_TEST(what is no such file is refused by name) {
  CAF_CHECK(refused(folder + "/none.wav"));
  std::ofstream{folder + "/text.wav"} << "RIFF? no.";
  CAF_CHECK(refused(folder + "/text.wav"));
  save_wav(folder + "/rate.wav", {1, 2}, 44100, 1);
  CAF_CHECK(refused(folder + "/rate.wav"));
  save_wav(folder + "/rate.wav", {1, 2}, 32000, 1);
  CAF_CHECK(refused(folder + "/rate.wav"));
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(known code words of G 711 are met) {
  CAF_CHECK_EQUAL(linear_from_ulaw(0xFF), 0);
  CAF_CHECK_EQUAL(linear_from_ulaw(0x7F), 0);
  CAF_CHECK_EQUAL(linear_from_ulaw(0x80), 32124);
  CAF_CHECK_EQUAL(linear_from_ulaw(0x00), -32124);
  CAF_CHECK_EQUAL(linear_from_ulaw(0xFE), 8);
  CAF_CHECK_EQUAL(ulaw_from_linear(0), 0xFF);
  CAF_CHECK_EQUAL(ulaw_from_linear(32767), 0x80);
  CAF_CHECK_EQUAL(ulaw_from_linear(-32768), 0x00);
}

CAF_TEST(every code word survives decoding and encoding) {
  for (int code = 0; code < 256; ++code) {
    const auto back = ulaw_from_linear(linear_from_ulaw(static_cast<uint8_t>(code)));
    CAF_CHECK_EQUAL(static_cast<int>(back), code == 0x7F ? 0xFF : code); // two zeros
  }
}

CAF_TEST(the error of a sample is at most half a step) {
  for (int sample = -32768; sample <= 32767; ++sample) {
    const auto back = linear_from_ulaw(ulaw_from_linear(static_cast<int16_t>(sample)));
    const int allowed = std::abs(sample) / 32 + 5;
    if (std::abs(back - sample) > allowed && std::abs(sample) <= 32635) {
      CAF_CHECK_EQUAL(static_cast<int>(back), sample);
    }
  }
}
