#define CAF_SUITE line_timers
#define FAIL CAF_FAIL
#include "actors/line_timers.hpp"

#include <caf/all.hpp>

#include <memory>
#include <vector>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::actors;

namespace {

struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(line_timers_tests, fixture)

CAF_TEST(timers send what is due in the order of its time and nothing to who has ended) {
  line_timers timers;
  std::vector<int> heard;
  const auto listener = [&](caf::event_based_actor*) -> caf::behavior {
    return {[&](int what) {
      heard.push_back(what);
      return true;
    }};
  };
  caf::scoped_actor self{system};
  auto lasting = system.spawn(listener);
  const auto owner = [](const caf::actor& actor) {
    return std::make_shared<caf::actor_control_block*>(
        caf::actor_cast<caf::actor_control_block*>(actor));
  };
  const monotonic start{};
  const auto lasts = owner(lasting);
  timers.add(start + std::chrono::milliseconds{1}, owner(lasting), caf::make_message(100)); // gone
  timers.add(start + std::chrono::milliseconds{2}, lasts, caf::make_message(2));
  timers.add(start + std::chrono::milliseconds{1}, lasts, caf::make_message(1));
  timers.add(start + std::chrono::milliseconds{2}, lasts, caf::make_message(3));
  timers.add(start + std::chrono::milliseconds{9}, lasts, caf::make_message(4));
  CAF_CHECK_EQUAL(timers.size(), 5u);
  timers.beat(start, nullptr);
  CAF_CHECK_EQUAL(timers.size(), 5u);
  timers.beat(start + std::chrono::milliseconds{8}, nullptr);
  CAF_CHECK_EQUAL(timers.size(), 1u);
  self->request(lasting, std::chrono::seconds{20}, 5) // behind those
      .receive([](bool) {}, [](caf::error&) { CAF_FAIL("no answer"); });
  CAF_CHECK_EQUAL(heard, (std::vector<int>{1, 2, 3, 5}));
  caf::anon_send_exit(lasting, caf::exit_reason::user_shutdown);
  self->wait_for(lasting);
}

CAF_TEST_FIXTURE_SCOPE_END()
