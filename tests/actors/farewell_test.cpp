#define CAF_SUITE farewell
#define FAIL CAF_FAIL
#include "actors/farewell.hpp"
#include "conf/defaults/tools.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::actors;
using namespace std::chrono_literals;
namespace limits = defaults::tools;

namespace {

struct fixture {
  farewell end;
  monotonic now = monotonic{} + 1h;

  static agent_activity speaking(std::chrono::milliseconds queued = 0ms) {
    return {true, false, queued};
  }
  static agent_activity asked() { return {false, true, 0ms}; }
  static agent_activity silent() { return {}; }
  bool after(std::chrono::milliseconds passed, const agent_activity& agent) {
    now += passed;
    return end.over(now, agent);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(farewell_tests, fixture)

CAF_TEST(nothing ends that was not begun) {
  CAF_CHECK(!after(1h, silent()));
  CAF_CHECK(!end.under_way());
}

CAF_TEST(words on their way are heard to the last mark) {
  end.begin(now, false);
  CAF_CHECK(!after(100ms, speaking(2000ms)));
  CAF_CHECK(!after(3000ms, speaking()));
  CAF_CHECK(after(10ms, silent()));
}

CAF_TEST(an agent who says nothing more ends at once) {
  end.begin(now, false);
  CAF_CHECK(after(0ms, silent()));
}

CAF_TEST(words that were asked for are waited for) {
  end.begin(now, true);
  CAF_CHECK(!after(0ms, silent())); // not even the request is out
  CAF_CHECK(!after(500ms, asked()));
  CAF_CHECK(!after(500ms, {true, true, 100ms}));
  CAF_CHECK(!after(500ms, speaking(1000ms)));
  CAF_CHECK(after(1500ms, silent()));
}

CAF_TEST(words that never come are not waited for any longer than the bound) {
  end.begin(now, true);
  CAF_CHECK(!after(limits::goodbye_start_max - 1ms, asked()));
  CAF_CHECK(after(1ms, asked()));
}

CAF_TEST(marks that never come are waited for a while after the audio must be over) {
  end.begin(now, false);
  CAF_CHECK(!after(0ms, speaking(2000ms)));
  CAF_CHECK(!after(2000ms + limits::goodbye_marks_max - 1ms, speaking()));
  CAF_CHECK(after(1ms, speaking()));
}

CAF_TEST(an agent who cannot stop is cut) {
  end.begin(now, false);
  CAF_CHECK(!after(limits::goodbye_max - 1ms, {true, true, 5000ms}));
  CAF_CHECK(after(1ms, {true, true, 5000ms}));
}

CAF_TEST_FIXTURE_SCOPE_END()
