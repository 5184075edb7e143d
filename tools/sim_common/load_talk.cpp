#include "tools/sim_common/load_talk.hpp"

#include <algorithm>

namespace sim {

namespace {

constexpr unsigned slots_per_s = 50;
constexpr unsigned always_item_slots = 10 * slots_per_s;
constexpr unsigned burst_frames = 10; // 200 ms in one message, as models send it
constexpr unsigned burst_every = 3;   // slots: about three times as fast as it is played
constexpr unsigned barge_in_percent = 20;
constexpr unsigned text_delay = 15; // slots from the end of speech to its transcript

} // namespace

load_talk::load_talk(talk_pattern pattern, uint32_t seed) : pattern_(pattern), chance_(seed) {
  enter(phase::pause, between(1, 2 * slots_per_s)); // calls are not in step
}

unsigned load_talk::between(unsigned low, unsigned high) {
  return std::uniform_int_distribution<unsigned>{low, high}(chance_);
}

void load_talk::enter(phase next, unsigned slots) {
  phase_ = next;
  left_ = slots;
}

talk_step load_talk::next() {
  return pattern_ == talk_pattern::always ? speak_on() : converse();
}

talk_step load_talk::speak_on() {
  talk_step step;
  if (phase_ == phase::pause) {
    if (--left_ > 0)
      return step;
    enter(phase::answer, always_item_slots);
    step.answer_begins = true;
  }
  step.frames = 1;
  step.caller_text = left_ == always_item_slots / 2;
  if (--left_ == 0) {
    step.answer_ends = true;
    enter(phase::pause, 1);
  }
  return step;
}

talk_step load_talk::converse() {
  talk_step step;
  if (text_in_ > 0 && --text_in_ == 0)
    step.caller_text = true;
  switch (phase_) {
  case phase::pause:
    if (--left_ == 0) {
      step.caller_starts = true;
      enter(phase::caller, between(2 * slots_per_s, 4 * slots_per_s));
    }
    return step;
  case phase::caller:
    if (--left_ == 0) {
      step.caller_stops = true;
      text_in_ = text_delay;
      enter(phase::thinking, between(slots_per_s / 4, slots_per_s / 2));
    }
    return step;
  case phase::thinking:
    if (--left_ == 0) {
      step.answer_begins = true;
      frames_left_ = between(3 * slots_per_s, 6 * slots_per_s);
      cut_after_ = between(1, 100) <= barge_in_percent ? frames_left_ / 2 : 0;
      enter(phase::answer, 1 + frames_left_ / burst_frames * burst_every);
    }
    return step;
  case phase::answer:
    if (--left_ % burst_every == 0 && frames_left_ > 0) {
      step.frames = std::min(frames_left_, burst_frames);
      frames_left_ -= step.frames;
    }
    if (left_ == 0) {
      step.frames += frames_left_;
      frames_left_ = 0;
      step.answer_ends = true;
      const unsigned played =
          cut_after_ > 0 ? cut_after_ : between(2 * slots_per_s, 4 * slots_per_s);
      enter(phase::listening, played + between(slots_per_s / 2, slots_per_s));
    }
    return step;
  case phase::listening:
    if (--left_ == 0) {
      step.caller_starts = true;
      step.answer_cut = cut_after_ > 0;
      enter(phase::caller, between(2 * slots_per_s, 4 * slots_per_s));
    }
    return step;
  }
  return step;
}

} // namespace sim
