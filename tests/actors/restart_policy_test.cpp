#define CAF_SUITE restart_policy
#define FAIL CAF_FAIL
#include "actors/restart_policy.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard::actors;
using std::chrono::milliseconds;
using std::chrono::seconds;

CAF_TEST(a model session is tried five times with doubling pauses) {
  restart_counter counter{model_leg_policy()};
  const monotonic now{};
  for (int64_t full : {1000, 2000, 4000, 8000, 16000}) {
    const auto pause = counter.died(now, 0.5);
    CAF_REQUIRE(pause.has_value());
    CAF_CHECK_EQUAL(pause->count(), full / 2); // full jitter: the part that chance says
  }
  CAF_CHECK(!counter.died(now, 0.5));
}

CAF_TEST(a minute of health forgives earlier failures and less does not ) {
  restart_counter counter{model_leg_policy()};
  monotonic now{};
  for (int i = 0; i < 5; ++i)
    counter.died(now, 0.0);
  counter.healthy(now);
  CAF_CHECK(!counter.died(now + seconds{59}, 0.0));
  counter.healthy(now);
  CAF_CHECK(counter.died(now + seconds{60}, 0.0).has_value());
  CAF_CHECK_EQUAL(counter.tries(), 1u);
}

CAF_TEST(jitter never exceeds the pause of the table and none means exact pauses) {
  const monotonic now{};
  for (double chance : {0.0, 0.3, 0.999999}) {
    restart_counter counter{model_leg_policy()};
    for (int64_t full : {1000, 2000, 4000, 8000, 16000}) {
      const auto pause = counter.died(now, chance);
      CAF_REQUIRE(pause.has_value());
      CAF_CHECK_GREATER_OR_EQUAL(pause->count(), 0);
      CAF_CHECK_LESS(pause->count(), full);
    }
  }
  restart_counter exact{local_child_policy()};
  for (int64_t full : {0, 100, 1000, 5000})
    CAF_CHECK_EQUAL(exact.died(now, 0.1).value_or(milliseconds{-1}).count(), full);
  CAF_CHECK(!exact.died(now, 0.1));
}

CAF_TEST(a child without pauses is never restarted and health counts from its latest report) {
  restart_counter never{restart_policy{}};
  CAF_CHECK(!never.died(monotonic{}, 0.5));
  restart_counter counter{{{milliseconds{10}}, false, milliseconds{60'000}}};
  const monotonic now{};
  CAF_CHECK(counter.died(now, 0.0).has_value());
  counter.healthy(now);
  counter.healthy(now + seconds{30}); // configured again: a new session's health
  CAF_CHECK(!counter.died(now + seconds{61}, 0.0));
}
