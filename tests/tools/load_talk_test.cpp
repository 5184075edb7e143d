#define CAF_SUITE load_talk
#define FAIL CAF_FAIL
#include "tools/sim_common/load_talk.hpp"

#include <caf/test/dsl.hpp>

using namespace sim;

namespace {
constexpr unsigned minute = 60 * 50;
}

CAF_TEST(in the worst case a frame is sent in every slot but at the change of items) {
  load_talk talk{talk_pattern::always, 3};
  unsigned frames = 0, quiet = 0, begun = 0, ended = 0;
  bool open = false;
  for (unsigned i = 0; i < 10 * minute; ++i) {
    const auto step = talk.next();
    begun += step.answer_begins;
    open = open || step.answer_begins;
    CAF_CHECK(step.frames == 0 || open);
    CAF_CHECK(!step.caller_starts);
    frames += step.frames;
    quiet += step.frames == 0;
    ended += step.answer_ends;
    open = open && !step.answer_ends;
  }
  CAF_CHECK(quiet <= 100); // the first pause
  CAF_CHECK(frames >= 10 * minute - 100);
  CAF_CHECK(begun - ended <= 1);
}

CAF_TEST(a conversation has turns in their order and answers that are cut off) {
  unsigned turns = 0, answers = 0, cuts = 0, texts = 0, frames = 0;
  for (uint32_t seed = 0; seed < 50; ++seed) {
    load_talk talk{talk_pattern::conversation, seed};
    bool speaking = false, answering = false;
    for (unsigned i = 0; i < 5 * minute; ++i) {
      const auto step = talk.next();
      if (step.caller_starts) {
        CAF_CHECK(!speaking && !answering);
        speaking = true;
        ++turns;
      }
      if (step.caller_stops) {
        CAF_CHECK(speaking);
        speaking = false;
      }
      if (step.answer_begins) {
        CAF_CHECK(!speaking && !answering);
        answering = true;
        ++answers;
      }
      CAF_CHECK(step.frames == 0 || answering);
      answering = answering && !step.answer_ends;
      cuts += step.answer_cut;
      texts += step.caller_text;
      frames += step.frames;
    }
  }
  CAF_CHECK(turns - answers <= 50);
  CAF_CHECK(turns - texts <= 50);
  CAF_CHECK(cuts > answers / 10 && cuts < answers * 3 / 10);
  const double shared = static_cast<double>(frames) / (50.0 * 5 * minute);
  CAF_CHECK(shared > 0.2 && shared < 0.7); // the agent speaks about half of the time
}

CAF_TEST(the same seed gives the same talk) {
  load_talk a{talk_pattern::conversation, 9}, b{talk_pattern::conversation, 9};
  for (unsigned i = 0; i < minute; ++i)
    CAF_CHECK_EQUAL(a.next().frames, b.next().frames);
}
