#define CAF_SUITE call_limits
#define FAIL CAF_FAIL
#include "actors/call_limits.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::actors;
using namespace std::chrono_literals;

namespace {

struct fixture {
  monotonic now = monotonic{} + 1h;
  conf::agent_limits none() const { return {0, 0, 0, 0}; }
  static call_moment live() {
    call_moment moment;
    moment.model_live = true;
    return moment;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(call_limits_tests, fixture)

CAF_TEST(a call has its longest duration and is told of it once) {
  auto bounds = none();
  bounds.call_s = 10;
  call_limits limits{bounds, now};
  CAF_CHECK(limits.check(now + 9s, live()) == limit_hit::none);
  CAF_CHECK(limits.check(now + 10s, live()) == limit_hit::call);
  CAF_CHECK(limits.check(now + 11s, live()) == limit_hit::none);
}

CAF_TEST(zero is no bound) {
  call_limits limits{none(), now};
  auto moment = live();
  moment.answer_due = true;
  CAF_CHECK(limits.check(now + 1000h, moment) == limit_hit::none);
}

CAF_TEST(a silence that nobody breaks ends the call) {
  auto bounds = none();
  bounds.idle_caller_s = 10;
  call_limits limits{bounds, now};
  auto speaking = live();
  speaking.agent_audible = true;
  CAF_CHECK(limits.check(now + 9s, speaking) == limit_hit::none); // the agent speaks: not idle
  CAF_CHECK(limits.check(now + 18s, live()) == limit_hit::none);
  CAF_CHECK(limits.check(now + 19s, live()) == limit_hit::idle_caller);
}

CAF_TEST(time without a model is no silence of the caller) {
  auto bounds = none();
  bounds.idle_caller_s = 10;
  call_limits limits{bounds, now};
  CAF_CHECK(limits.check(now + 30s, {}) == limit_hit::none);
  CAF_CHECK(limits.check(now + 39s, live()) == limit_hit::none);
  CAF_CHECK(limits.check(now + 40s, live()) == limit_hit::idle_caller);
}

CAF_TEST(a model that owes an answer and is silent has failed but not while a tool runs) {
  auto bounds = none();
  bounds.model_silence_s = 10;
  call_limits limits{bounds, now};
  auto owing = live();
  owing.answer_due = true;
  auto working = owing;
  working.tools_running = true;
  CAF_CHECK(limits.check(now + 9s, owing) == limit_hit::none);
  CAF_CHECK(limits.check(now + 15s, working) == limit_hit::none);
  CAF_CHECK(limits.check(now + 24s, owing) == limit_hit::none);
  CAF_CHECK(limits.check(now + 25s, owing) == limit_hit::model_silence);
}

CAF_TEST(time with the model is counted and time without is not ) {
  auto bounds = none();
  bounds.model_s = 10;
  call_limits limits{bounds, now};
  CAF_CHECK(limits.check(now + 9s, live()) == limit_hit::none);
  CAF_CHECK(limits.check(now + 60s, {}) == limit_hit::none);
  CAF_CHECK(limits.check(now + 61s, live()) == limit_hit::model_time);
}

CAF_TEST_FIXTURE_SCOPE_END()
