#define CAF_SUITE hostile_flood_full
#define FAIL CAF_FAIL
#include "tests/end_to_end/flooded_world.hpp"

using namespace e2e;

CAF_TEST_FIXTURE_SCOPE(hostile_flood_full_tests, flooded_world)

CAF_TEST(two thousand hostile clients cost live calls no frame and the server little memory) {
  flood_size size;
  size.idle = 1'000;
  size.trickling = 200;
  size.event_readers = 900;
  size.event_sleepers = 100;
  size.bad_per_turn = 12;
  survive(size);
}

CAF_TEST_FIXTURE_SCOPE_END()
