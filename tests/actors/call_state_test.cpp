#define CAF_SUITE call_state
#define FAIL CAF_FAIL
#include "actors/call_state.hpp"

#include <vector>

#include <caf/test/dsl.hpp>

using namespace switchboard::actors;

namespace {

constexpr int events = 9;

bool ends(call_effect effect) {
  return effect == call_effect::end_completed || effect == call_effect::end_failed;
}

/// Runs every sequence of events up to the given length. @returns how many broke the rule.
int broken_sequences(call_state state, int length, int ends_so_far) {
  if (ends_so_far > 1)
    return 1;
  if (length == 0)
    return 0;
  int broken = 0;
  for (int e = 0; e < events; ++e) {
    const auto step = advance(state, static_cast<call_event>(e), false);
    broken += broken_sequences(step.next, length - 1, ends_so_far + (ends(step.effect) ? 1 : 0));
  }
  return broken;
}

} // namespace

CAF_TEST(the transition function is total and says where every event leads) {
  using s = call_state;
  using f = call_effect;
  struct cell {
    s next;
    f effect;
  };
  // Columns: model_ready, model_lost, model_given_up, carrier_stopped, carrier_lost, carrier_back,
  // resume_expired, hang_up, end_written; carrier_back without a model.
  const cell table[][events] = {
      {{s::live, f::none},
       {s::connecting, f::none},
       {s::ending, f::end_failed},
       {s::ending, f::end_completed},
       {s::recovering, f::await_carrier},
       {s::connecting, f::none},
       {s::connecting, f::none},
       {s::ending, f::end_completed},
       {s::connecting, f::none}},
      {{s::live, f::none},
       {s::connecting, f::none},
       {s::ending, f::end_failed},
       {s::ending, f::end_completed},
       {s::recovering, f::await_carrier},
       {s::connecting, f::none},
       {s::live, f::none},
       {s::ending, f::end_completed},
       {s::live, f::none}},
      {{s::recovering, f::none},
       {s::recovering, f::none},
       {s::ending, f::end_failed},
       {s::ending, f::end_completed},
       {s::recovering, f::none},
       {s::connecting, f::none},
       {s::ending, f::end_completed},
       {s::ending, f::end_completed},
       {s::recovering, f::none}},
      {{s::ending, f::none},
       {s::ending, f::none},
       {s::ending, f::none},
       {s::ending, f::none},
       {s::ending, f::none},
       {s::ending, f::none},
       {s::ending, f::none},
       {s::ending, f::none},
       {s::ended, f::wind_up}},
      {{s::ended, f::none},
       {s::ended, f::none},
       {s::ended, f::none},
       {s::ended, f::none},
       {s::ended, f::none},
       {s::ended, f::none},
       {s::ended, f::none},
       {s::ended, f::none},
       {s::ended, f::none}},
  };
  for (int state = 0; state < 5; ++state)
    for (int event = 0; event < events; ++event) {
      const auto step = advance(static_cast<s>(state), static_cast<call_event>(event), false);
      CAF_MESSAGE("state " << state << " event " << event);
      CAF_CHECK(step.next == table[state][event].next);
      CAF_CHECK(step.effect == table[state][event].effect);
    }
}

CAF_TEST(a call ends at most once whatever the order of events) {
  CAF_CHECK_EQUAL(broken_sequences(call_state::connecting, 6, 0), 0);
}

CAF_TEST(a call that ended is wound up once and only when its end is written) {
  for (auto last : {call_event::carrier_stopped, call_event::hang_up, call_event::model_given_up}) {
    auto step = advance(call_state::live, last, true);
    CAF_CHECK(ends(step.effect));
    step = advance(step.next, call_event::end_written, true);
    CAF_CHECK(step.effect == call_effect::wind_up);
    CAF_CHECK(advance(step.next, call_event::end_written, true).effect == call_effect::none);
  }
}

CAF_TEST(a hang up ends every running call as completed) {
  for (auto state : {call_state::connecting, call_state::live, call_state::recovering}) {
    const auto step = advance(state, call_event::hang_up, true);
    CAF_CHECK(step.next == call_state::ending);
    CAF_CHECK(step.effect == call_effect::end_completed);
  }
}

CAF_TEST(a lost carrier is awaited once and its return goes on) {
  auto step = advance(call_state::live, call_event::carrier_lost, true);
  CAF_CHECK(step.next == call_state::recovering);
  CAF_CHECK(step.effect == call_effect::await_carrier);
  CAF_CHECK(advance(step.next, call_event::carrier_lost, true).effect == call_effect::none);
  CAF_CHECK(advance(step.next, call_event::carrier_back, true).next == call_state::live);
  CAF_CHECK(advance(step.next, call_event::carrier_back, false).next == call_state::connecting);
  CAF_CHECK(advance(step.next, call_event::resume_expired, true).effect ==
            call_effect::end_completed);
}

CAF_TEST(a resume deadline that fires after the carrier came back changes nothing) {
  const auto step = advance(call_state::live, call_event::resume_expired, true);
  CAF_CHECK(step.next == call_state::live);
  CAF_CHECK(step.effect == call_effect::none);
}

CAF_TEST(a model that is given up fails the call) {
  const auto step = advance(call_state::connecting, call_event::model_given_up, false);
  CAF_CHECK(step.effect == call_effect::end_failed);
}
