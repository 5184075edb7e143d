#include "actors/call_state.hpp"

namespace switchboard::actors {

namespace {

call_step advance_running(call_state now, call_event what, bool model_ready) {
  const bool lost = now == call_state::recovering;
  switch (what) {
  case call_event::model_ready:
    return {lost ? now : call_state::live, call_effect::none};
  case call_event::model_lost:
    return {lost ? now : call_state::connecting, call_effect::none};
  case call_event::model_given_up:
    return {call_state::ending, call_effect::end_failed};
  case call_event::carrier_lost:
    return {call_state::recovering, lost ? call_effect::none : call_effect::await_carrier};
  case call_event::carrier_back:
    return {model_ready ? call_state::live : call_state::connecting, call_effect::none};
  case call_event::resume_expired:
    if (!lost)
      return {now, call_effect::none}; // the carrier came back just in time
    return {call_state::ending, call_effect::end_completed};
  case call_event::carrier_stopped:
  case call_event::hang_up:
    return {call_state::ending, call_effect::end_completed};
  case call_event::end_written:
    return {now, call_effect::none};
  }
  return {now, call_effect::none};
}

} // namespace

call_step advance(call_state now, call_event what, bool model_ready) {
  switch (now) {
  case call_state::connecting:
  case call_state::live:
  case call_state::recovering:
    return advance_running(now, what, model_ready);
  case call_state::ending:
    if (what == call_event::end_written)
      return {call_state::ended, call_effect::wind_up};
    return {now, call_effect::none};
  case call_state::ended:
    return {now, call_effect::none};
  }
  return {now, call_effect::none};
}

const char* to_string(call_state state) {
  switch (state) {
  case call_state::connecting:
    return "connecting";
  case call_state::live:
    return "live";
  case call_state::recovering:
    return "recovering";
  case call_state::ending:
    return "ending";
  case call_state::ended:
    return "ended";
  }
  return "unknown";
}

} // namespace switchboard::actors
