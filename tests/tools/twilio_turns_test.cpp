// When a scripted caller speaks, and what the line carries of it.
#define CAF_SUITE twilio_turns
#define FAIL CAF_FAIL

#include "tools/sim_common/audio_file.hpp"
#include "tools/sim_common/twilio_caller_audio.hpp"
#include "tools/sim_common/twilio_turns.hpp"

#include <caf/test/dsl.hpp>

using namespace sim;

namespace {

audio_clip clip(const char* text) {
  return std::make_shared<const std::string>(text);
}

/// Ticks every 20 ms from `from` on until something is to be done. @returns when, or -1.
int64_t next_action(turn_taker& x, int64_t from, int64_t until, turn_action wanted) {
  for (auto now = from; now < until; now += 20) {
    const auto action = x.tick(now, false);
    if (action != turn_action::none) {
      return action == wanted ? now : -1;
    }
  }
  return -1;
}

} // namespace

CAF_TEST(the caller waits until the agent has been silent for the gap) {
  turn_taker x{{{1000, {}}}, {}};
  x.agent_voice(100, 2000);
  CAF_CHECK_EQUAL(next_action(x, 0, 5000, turn_action::speak), 2900);
  CAF_CHECK_EQUAL(x.current(), 0u);
}

CAF_TEST(queued audio keeps the caller quiet) {
  turn_taker x{{{1000, {}}}, {}};
  x.agent_voice(0, 100);
  CAF_CHECK(x.tick(5000, true) == turn_action::none);
  CAF_CHECK(x.tick(5000, false) == turn_action::speak);
}

CAF_TEST(an agent that never speaks is given up) {
  turn_rules rules;
  rules.timeout_ms = 3000;
  turn_taker x{{{1000, {}}}, rules};
  CAF_CHECK_EQUAL(next_action(x, 0, 9000, turn_action::give_up), 3000);
  CAF_CHECK(x.tick(9000, false) == turn_action::none);
}

CAF_TEST(the answer is timed from the end of the utterance and then the caller hangs up) {
  turn_taker x{{{1000, {}}}, {}};
  x.agent_voice(0, 100);
  CAF_REQUIRE_EQUAL(next_action(x, 0, 5000, turn_action::speak), 1000);
  x.agent_voice(1000, 1500); // still the old sentence
  CAF_CHECK_EQUAL(x.outcomes()[0].answer_ms, -1);
  x.agent_voice(2400, 3000);
  CAF_CHECK_EQUAL(x.outcomes()[0].end_ms, 2000);
  CAF_CHECK_EQUAL(x.outcomes()[0].answer_ms, 400);
  CAF_CHECK_EQUAL(next_action(x, 2000, 9000, turn_action::hang_up), 4500);
  CAF_CHECK(x.finished());
}

CAF_TEST(an interrupting caller speaks while the agent does) {
  turn_taker x{{{500, 300}, {500, {}}}, {}};
  x.agent_voice(1000, 1020);
  CAF_CHECK_EQUAL(next_action(x, 1020, 5000, turn_action::speak), 1300);
}

CAF_TEST(line noise is no voice) {
  CAF_CHECK(!has_voice(std::string(160, '\xFF')));
  const std::vector<int16_t> soft{100, -100};
  CAF_CHECK(!has_voice(encode_ulaw(soft.data(), soft.size())));
  const std::vector<int16_t> loud{0, -3000};
  CAF_CHECK(has_voice(encode_ulaw(loud.data(), loud.size())));
}

CAF_TEST(clips lie in silence and the later one is heard) {
  caller_audio x;
  CAF_CHECK_EQUAL(x.end(), 0);
  x.say(2, clip("aaaa"));
  x.say(4, clip("bb"));
  CAF_CHECK_EQUAL(x.frame(0, 8), "\xFF\xFF"
                                 "aabb"
                                 "\xFF\xFF");
  CAF_CHECK_EQUAL(x.frame(5, 3), "b\xFF\xFF");
  CAF_CHECK_EQUAL(x.end(), 6);
}

CAF_TEST(a track fills its gaps with silence) {
  heard_track x;
  x.write(2, "ab");
  x.write(1, "c");
  x.extend(5);
  CAF_CHECK_EQUAL(x.bytes(), "\xFF"
                             "cab\xFF");
  x.write(3600LL * 8000 - 1, "xy");
  CAF_CHECK_EQUAL(x.bytes().size(), 3600u * 8000u);
}
