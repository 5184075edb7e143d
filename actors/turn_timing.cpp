#include "actors/turn_timing.hpp"

namespace switchboard::actors {

void turn_timing::speech_started() {
  at_ = step::idle;
}

void turn_timing::turn_ended(uint64_t now_ms) {
  if (!voiced_ms_ || *voiced_ms_ > now_ms)
    return; // nothing was heard that could have been a turn
  turn_ = {};
  turn_.vad_ms = now_ms - *voiced_ms_;
  at_ = step::ended;
  since_ms_ = now_ms;
}

void turn_timing::reach(step from, step to, uint64_t now_ms, uint64_t parts::*part) {
  if (at_ != from)
    return;
  turn_.*part = now_ms > since_ms_ ? now_ms - since_ms_ : 0;
  since_ms_ = now_ms;
  at_ = to;
}

void turn_timing::response_created(uint64_t now_ms) {
  reach(step::ended, step::created, now_ms, &parts::created_ms);
}

void turn_timing::audio_came(uint64_t now_ms) {
  reach(step::created, step::came, now_ms, &parts::delta_ms);
}

void turn_timing::audio_sent(uint64_t now_ms) {
  reach(step::came, step::sent, now_ms, &parts::sent_ms);
}

void turn_timing::audio_acknowledged(uint64_t now_ms) {
  if (at_ != step::sent)
    return;
  reach(step::sent, step::idle, now_ms, &parts::heard_ms);
  ++sums_.turns;
  sums_.vad_ms += turn_.vad_ms;
  sums_.created_ms += turn_.created_ms;
  sums_.delta_ms += turn_.delta_ms;
  sums_.sent_ms += turn_.sent_ms;
  sums_.heard_ms += turn_.heard_ms;
}

} // namespace switchboard::actors
