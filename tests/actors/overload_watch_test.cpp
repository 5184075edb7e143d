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

  void ticks(int count, std::chrono::microseconds lateness) {
    for (int i = 0; i < count; ++i)
      changes += watch.on_tick(lateness) ? 1 : 0;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(overload_watch_tests, fixture)

CAF_TEST(a line that keeps up is not overloaded whatever the time) {
  ticks(1000, defaults::line::late_after);
  CAF_CHECK(!watch.overloaded());
  CAF_CHECK_EQUAL(changes, 0);
}

CAF_TEST(one late tick in a while is no overload) {
  for (int i = 0; i < 100; ++i) {
    ticks(4, 30ms);
    ticks(16, 0us);
  }
  CAF_CHECK(!watch.overloaded());
}

CAF_TEST(half a second of late ticks is overload and it is told once) {
  ticks(4, 11ms);
  CAF_CHECK(!watch.overloaded());
  ticks(1, 11ms);
  CAF_CHECK(watch.overloaded());
  ticks(50, 11ms);
  CAF_CHECK_EQUAL(changes, 1);
}

CAF_TEST(a stall counts for the ticks that it displaced) {
  ticks(1, 399ms);
  CAF_CHECK(!watch.overloaded());
  ticks(20, 0us);
  ticks(1, 400ms);
  CAF_CHECK(watch.overloaded());
}

CAF_TEST(a stall of any length neither overflows nor outlasts the recovery) {
  ticks(1, std::chrono::hours{24});
  CAF_CHECK(watch.overloaded());
  ticks(20, 0us);
  CAF_CHECK(!watch.overloaded());
}

CAF_TEST(it takes two good seconds to be well again) {
  ticks(10, 50ms);
  ticks(17, 1ms);
  CAF_CHECK(watch.overloaded());
  ticks(1, 1ms);
  CAF_CHECK(!watch.overloaded());
  CAF_CHECK_EQUAL(changes, 2);
}

CAF_TEST(a load on the edge does not make admission flutter) {
  ticks(10, 50ms);
  for (int i = 0; i < 50; ++i) {
    ticks(1, 50ms);
    ticks(5, 0us);
  }
  CAF_CHECK(watch.overloaded()); // three late ticks in two seconds: not well yet
  CAF_CHECK_EQUAL(changes, 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
