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

CAF_TEST(a minute of health forgives earlier failures and less does not) {
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
