#pragma once

#include <cstdint>
#include <random>

namespace sim {

enum class talk_pattern : uint8_t {
  conversation, ///< turns of some seconds, answers in bursts ahead of time, barge-ins
  always,       ///< worst case: the agent speaks all the time, 20 ms in each message
};

/// What the model's side of one call does in one slot of 20 ms.
struct talk_step {
  bool caller_starts = false; ///< the model hears the caller begin; an answer under way is cut off
  bool caller_stops = false;
  bool caller_text = false; ///< the transcript of what was said
  bool answer_begins = false;
  unsigned frames = 0;      ///< audio of the answer to send now, in 20 ms
  bool answer_ends = false; ///< all of it is sent
  bool answer_cut = false;  ///< by the caller
};

/// Who speaks when. Pure; the same seed gives the same talk.
class load_talk {
public:
  load_talk(talk_pattern pattern, uint32_t seed);
  talk_step next();

private:
  enum class phase : uint8_t { pause, caller, thinking, answer, listening };
  talk_step converse();
  talk_step speak_on();
  void enter(phase next, unsigned slots);
  unsigned between(unsigned low, unsigned high);

  talk_pattern pattern_;
  std::mt19937 chance_;
  phase phase_ = phase::pause;
  unsigned left_ = 0;        // slots of this phase
  unsigned frames_left_ = 0; // of the answer
  unsigned cut_after_ = 0;   // slots of listening until the caller speaks into it; 0 = not at all
  unsigned text_in_ = 0;
};

} // namespace sim
