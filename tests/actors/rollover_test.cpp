#define CAF_SUITE rollover
#define FAIL CAF_FAIL
#include "actors/rollover.hpp"
#include "conf/defaults/model.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard::actors;
using namespace std::chrono_literals;
namespace limits = switchboard::defaults::model;

namespace {

const monotonic begin{1000h};

} // namespace

CAF_TEST(an hour of life is used to its last five minutes and ends 15 seconds early at the latest) {
  rollover_schedule schedule;
  schedule.session_live(begin, 1h);
  CAF_CHECK(schedule.at(begin) == rollover_step::none);
  CAF_CHECK(schedule.at(begin + 55min - 1ms) == rollover_step::none);
  CAF_CHECK(schedule.at(begin + 55min) == rollover_step::when_quiet);
  CAF_CHECK(schedule.at(begin + 59min - 1ms) == rollover_step::when_quiet);
  CAF_CHECK(schedule.at(begin + 59min) == rollover_step::between_turns);
  CAF_CHECK(schedule.at(begin + 59min + 45s - 1ms) == rollover_step::between_turns);
  CAF_CHECK(schedule.at(begin + 59min + 45s) == rollover_step::now);
  CAF_CHECK(schedule.at(begin + 2h) == rollover_step::now);
}

CAF_TEST(a short life is halved and its last tenth is for the end of a turn) {
  rollover_schedule schedule;
  schedule.session_live(begin, 20s);
  CAF_CHECK(schedule.at(begin + 9999ms) == rollover_step::none);
  CAF_CHECK(schedule.at(begin + 10s) == rollover_step::when_quiet);
  CAF_CHECK(schedule.at(begin + 18s) == rollover_step::between_turns);
  CAF_CHECK(schedule.at(begin + 19500ms) == rollover_step::now);
}

CAF_TEST(a session of unknown life is never replaced) {
  rollover_schedule schedule;
  CAF_CHECK(schedule.at(begin) == rollover_step::none);
  schedule.session_live(begin, 0ms);
  CAF_CHECK(schedule.at(begin + 100h) == rollover_step::none);
  CAF_CHECK(!schedule.may_open(begin + 100h));
}

CAF_TEST(the next session starts a life of its own) {
  rollover_schedule schedule;
  schedule.session_live(begin, 20s);
  schedule.session_live(begin + 18s, 20s);
  CAF_CHECK(schedule.at(begin + 20s) == rollover_step::none);
}

CAF_TEST(an opening that failed is tried again after a pause and not at once) {
  rollover_schedule schedule;
  schedule.session_live(begin, 1h);
  CAF_CHECK(schedule.may_open(begin + 55min));
  schedule.opening_failed(begin + 55min);
  CAF_CHECK(!schedule.may_open(begin + 55min + limits::rollover_retry - 1ms));
  CAF_CHECK(schedule.may_open(begin + 55min + limits::rollover_retry));
}
