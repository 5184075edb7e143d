#define CAF_SUITE overload_watch
#define FAIL CAF_FAIL
#include "actors/overload_watch.hpp"
#include "conf/defaults/line.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace std::chrono_literals;

namespace {

struct fixture {
  actors::overload_watch watch;
  int changes = 0;

  void beats(int count, std::chrono::microseconds lateness) {
    for (int i = 0; i < count; ++i)
      changes += watch.on_beat(lateness) ? 1 : 0;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(overload_watch_tests, fixture)

CAF_TEST(a line that keeps up is not overloaded whatever the time) {
  beats(10'000, defaults::line::late_after);
  CAF_CHECK(!watch.overloaded());
  CAF_CHECK_EQUAL(changes, 0);
}

CAF_TEST(one late beat in a while is no overload) {
  for (int i = 0; i < 100; ++i) {
    beats(10, 39ms); // each stands for four
    beats(160, 0us);
  }
  CAF_CHECK(!watch.overloaded());
}

CAF_TEST(half a second of late beats is overload and it is told once) {
  beats(24, 11ms); // each stands for two
  CAF_CHECK(!watch.overloaded());
  beats(1, 11ms);
  CAF_CHECK(watch.overloaded());
  beats(500, 11ms);
  CAF_CHECK_EQUAL(changes, 1);
}

CAF_TEST(one stall is no overload however long and two are) {
  beats(1, std::chrono::hours{24});
  CAF_CHECK(!watch.overloaded());
  beats(50, 0us);
  beats(1, 240ms);
  CAF_CHECK(watch.overloaded());
}

CAF_TEST(a stall counts for the beats that it displaced) {
  beats(24, 0us);
  for (int i = 0; i < 4; ++i)
    beats(1, 119ms); // twelve each
  CAF_CHECK(!watch.overloaded());
  beats(1, 19ms); // two
  CAF_CHECK(watch.overloaded());
}

CAF_TEST(stalls neither overflow nor outlast the recovery) {
  beats(10, std::chrono::hours{24});
  CAF_CHECK(watch.overloaded());
  beats(200, 0us);
  CAF_CHECK(!watch.overloaded());
}

CAF_TEST(it takes two good seconds to be well again) {
  beats(4, 240ms); // a second of late beats
  beats(179, 1ms);
  CAF_CHECK(watch.overloaded());
  beats(1, 1ms);
  CAF_CHECK(!watch.overloaded());
  CAF_CHECK_EQUAL(changes, 2);
}

CAF_TEST(a load on the edge does not make admission flutter) {
  beats(4, 240ms);
  for (int i = 0; i < 50; ++i) {
    beats(10, 19ms);
    beats(50, 0us);
  }
  CAF_CHECK(watch.overloaded()); // too many late ones in two seconds: not well yet
  CAF_CHECK_EQUAL(changes, 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
