#define CAF_SUITE sync_schedule
#define FAIL CAF_FAIL
#include "actors/sync_schedule.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard::actors;
using namespace std::chrono_literals;

namespace {

using paths = std::vector<std::string>;

struct fixture {
  sync_schedule schedule{2s};
  monotonic start{};
  paths due(std::chrono::milliseconds at) { return schedule.take_due(start + at); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sync_schedule_tests, fixture)

CAF_TEST(a journal is due once however often it was written) {
  for (auto at = 0ms; at < 2s; at += 100ms)
    schedule.on_written("a", start + at);
  CAF_CHECK(*schedule.next() == start + 2s);
  CAF_CHECK(due(1999ms).empty());
  CAF_CHECK(due(2s) == paths{"a"});
  CAF_CHECK(due(10s).empty());
  CAF_CHECK(!schedule.next());
  schedule.on_written("a", start + 10s);
  CAF_CHECK(due(12s) == paths{"a"});
}

CAF_TEST(those written one after the other are due one after the other) {
  schedule.on_written("a", start);
  schedule.on_written("b", start + 30ms);
  schedule.on_written("c", start + 60ms);
  CAF_CHECK(due(2030ms) == (paths{"a", "b"}));
  CAF_CHECK(due(2060ms) == paths{"c"});
}

CAF_TEST(one that was closed is not due) {
  schedule.on_written("a", start);
  schedule.on_written("b", start);
  schedule.forget("a");
  CAF_CHECK(due(2s) == paths{"b"});
}

CAF_TEST(all that is not synced can be taken at once) {
  schedule.on_written("a", start);
  schedule.on_written("b", start + 1s);
  CAF_CHECK_EQUAL(schedule.take_all().size(), 2u);
  CAF_CHECK(due(10s).empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
