#define CAF_SUITE openai_vad
#define FAIL CAF_FAIL
#include "tools/sim_common/audio_file.hpp"
#include "tools/sim_common/openai_vad.hpp"

#include <cmath>

#include <caf/test/dsl.hpp>

using namespace sim::openai;

namespace {

samples tone(int ms, double amplitude) {
  samples out(static_cast<size_t>(ms) * samples_per_ms);
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<int16_t>(amplitude * std::sin(0.3 * static_cast<double>(i)));
  return out;
}

std::vector<vad_event> feed_all(energy_vad& vad, std::initializer_list<samples> parts) {
  std::vector<vad_event> out;
  for (const auto& part : parts)
    for (const auto& event : vad.feed(part))
      out.push_back(event);
  return out;
}

vad_settings settings(double threshold, int prefix, int silence) {
  vad_settings out;
  out.threshold = threshold;
  out.prefix_padding_ms = prefix;
  out.silence_duration_ms = silence;
  return out;
}

} // namespace

CAF_TEST(a turn starts with its padding and stops after the silence) {
  energy_vad vad;
  vad.configure(settings(0.5, 300, 500));
  const auto events = feed_all(vad, {tone(1000, 0), tone(600, 8000), tone(1000, 0)});
  CAF_REQUIRE_EQUAL(events.size(), 2u);
  CAF_CHECK(events[0].what == vad_event::kind::started);
  CAF_CHECK_EQUAL(events[0].at_ms, 700);
  CAF_CHECK(events[1].what == vad_event::kind::stopped);
  CAF_CHECK_EQUAL(events[1].at_ms, 2100);
  CAF_CHECK(!vad.speaking());
}

CAF_TEST(padding never reaches before the session or into the previous turn) {
  energy_vad vad;
  vad.configure(settings(0.5, 300, 200));
  const auto events = feed_all(vad, {tone(200, 8000), tone(300, 0), tone(200, 8000), tone(300, 0)});
  CAF_REQUIRE_EQUAL(events.size(), 4u);
  CAF_CHECK_EQUAL(events[0].at_ms, 0);
  CAF_CHECK_EQUAL(events[1].at_ms, 400);
  CAF_CHECK_EQUAL(events[2].at_ms, 400);
}

CAF_TEST(clicks and quiet are no speech and the threshold decides what quiet is) {
  energy_vad vad;
  vad.configure(settings(0.5, 300, 500));
  CAF_CHECK(feed_all(vad, {tone(40, 8000), tone(500, 0), tone(500, 300)}).empty());
  vad.configure(settings(0.1, 300, 500));
  CAF_CHECK_EQUAL(feed_all(vad, {tone(500, 300)}).size(), 1u);
}

CAF_TEST(without audio the turn never ends) {
  energy_vad vad;
  vad.configure(settings(0.5, 300, 500));
  CAF_CHECK_EQUAL(feed_all(vad, {tone(400, 8000)}).size(), 1u);
  CAF_CHECK(feed_all(vad, {samples{}, samples{}}).empty());
  CAF_CHECK(vad.speaking());
  CAF_CHECK_EQUAL(vad.position_ms(), 400);
}

CAF_TEST(chunk borders change nothing) {
  energy_vad whole;
  energy_vad cut;
  auto audio = tone(300, 0);
  for (const auto& part : {tone(500, 8000), tone(700, 0), tone(333, 8000), tone(801, 0)})
    audio.insert(audio.end(), part.begin(), part.end());
  const auto expected = whole.feed(audio);
  std::vector<vad_event> got;
  for (size_t i = 0; i < audio.size(); i += 137) {
    const auto end = std::min(i + 137, audio.size());
    for (const auto& event : cut.feed(samples(audio.begin() + static_cast<std::ptrdiff_t>(i),
                                              audio.begin() + static_cast<std::ptrdiff_t>(end))))
      got.push_back(event);
  }
  CAF_REQUIRE_EQUAL(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i)
    CAF_CHECK_EQUAL(got[i].at_ms, expected[i].at_ms);
}

CAF_TEST(each line of the caller is one turn even with the default silence) {
  for (const char* name : {"caller_1", "caller_2", "caller_3"}) {
    energy_vad vad;
    const auto audio = sim::load_wav_8k_mono(std::string("tests/data/speech/") + name + ".wav");
    const auto events = feed_all(vad, {audio, tone(600, 0)});
    CAF_CHECK_EQUAL(events.size(), 2u);
  }
}
