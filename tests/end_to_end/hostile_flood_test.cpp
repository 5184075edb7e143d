#define CAF_SUITE hostile_flood
#define FAIL CAF_FAIL
#include "tests/end_to_end/flooded_world.hpp"

using namespace e2e;

CAF_TEST_FIXTURE_SCOPE(hostile_flood_tests, flooded_world)

CAF_TEST(a crowd that means harm costs live calls no frame and the server little memory) {
  flood_size size;
  size.idle = 150;
  size.trickling = 50;
  size.event_readers = 90;
  size.event_sleepers = 10;
  size.bad_per_turn = 6;
  survive(size);
}

CAF_TEST_FIXTURE_SCOPE_END()
