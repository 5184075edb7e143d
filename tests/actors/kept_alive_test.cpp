#define CAF_SUITE kept_alive
#define FAIL CAF_FAIL
#include "actors/kept_alive.hpp"
#include "conf/defaults/node.hpp"
#include "tests/actors/virtual_world.hpp"

using namespace switchboard;
using namespace switchboard::actors;
using namespace switchboard::test;
using namespace std::chrono_literals;
namespace limits = switchboard::defaults::node;

namespace {

/// Answers with its number; dies of `gone`.
caf::behavior numbered(caf::event_based_actor* self, int number) {
  return {
      [number](atom::job) { return number; },
      [self](atom::gone) { self->quit(make_error(actor_error::disk)); },
  };
}

struct fixture : virtual_world {
  node_state_ptr node = std::make_shared<node_state>();
  int made = 0;
  std::vector<caf::actor> children;
  caf::actor front = keep(spawn_kept_alive(
      sys, "numbered",
      [this] {
        children.push_back(sys.spawn(numbered, ++made));
        return children.back();
      },
      node));
  std::shared_ptr<std::optional<caf::error>> ended = watch(front);

  void kill_child() {
    caf::anon_send(front, atom::gone_v);
    settle();
  }
  int answer() { return ask<int>(front, atom::job_v).value.value_or(0); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(kept_alive_tests, fixture)

CAF_TEST(requests reach the actor and its answers their sender) {
  CAF_CHECK_EQUAL(answer(), 1);
  CAF_CHECK_EQUAL(answer(), 1);
  CAF_CHECK_EQUAL(node->metrics.actors_restarted.load(), 0u);
}

CAF_TEST(who stands behind it can be asked for) {
  const auto behind = ask<caf::actor>(front, atom::direct_v);
  CAF_REQUIRE(behind.value);
  CAF_CHECK(*behind.value == children.at(0));
  kill_child();
  CAF_CHECK(ask<caf::actor>(front, atom::direct_v).failed);
  pass(limits::revive_pause_first);
  CAF_CHECK(*ask<caf::actor>(front, atom::direct_v).value == children.at(1));
}

CAF_TEST(a dead actor is replaced and meanwhile its clients are told to come again) {
  settle();
  kill_child();
  const auto meanwhile = ask<int>(front, atom::job_v);
  CAF_REQUIRE(meanwhile.failed);
  CAF_CHECK(*meanwhile.failed == actor_error::busy);
  pass(limits::revive_pause_first);
  CAF_CHECK_EQUAL(answer(), 2);
  CAF_CHECK_EQUAL(node->metrics.actors_restarted.load(), 1u);
}

CAF_TEST(a request that meets a dying actor is answered) {
  settle();
  auto waiting = begin_ask<int>(front, atom::job_v);
  caf::anon_send_exit(children.at(0), caf::exit_reason::kill);
  settle();
  CAF_CHECK(waiting->came());
}

CAF_TEST(one that dies again and again is brought back ever more slowly but always) {
  settle();
  for (int i = 0; i < 20; ++i) {
    kill_child();
    pass(limits::revive_pause_max, 1s);
  }
  CAF_CHECK_EQUAL(made, 21);
  kill_child();
  pass(limits::revive_pause_max - 100ms);
  CAF_CHECK_EQUAL(made, 21);
  pass(200ms);
  CAF_CHECK_EQUAL(made, 22);
  pass(limits::revive_forgiven_after, 1s);
  kill_child();
  pass(limits::revive_pause_first);
  CAF_CHECK_EQUAL(made, 23);
}

CAF_TEST(told to end it ends its actor and is not replaced) {
  settle();
  auto child = watch(children.at(0));
  caf::anon_send_exit(front, caf::exit_reason::user_shutdown);
  settle();
  CAF_CHECK(child->has_value());
  CAF_CHECK(ended->has_value());
  pass(limits::revive_pause_max, 1s);
  CAF_CHECK_EQUAL(made, 1);
}

CAF_TEST(told to end it has what waits done first unless it is to end at once) {
  for (const bool at_once : {false, true}) {
    int handled = 0;
    caf::actor child;
    auto busy = spawn_kept_alive(
        sys, "busy",
        [&] {
          return child = sys.spawn([&](caf::event_based_actor*) -> caf::behavior {
            return {[&](atom::job) { ++handled; }};
          });
        },
        node);
    settle();
    auto child_ended = watch(child);
    for (int i = 0; i < 3; ++i)
      caf::anon_send(child, atom::job_v);
    auto handle = busy;
    if (at_once)
      end_at_once(handle);
    else
      caf::anon_send_exit(busy, caf::exit_reason::user_shutdown);
    CAF_REQUIRE(sched.prioritize(busy));
    sched.run_once(); // hands the exit on, behind what waits
    settle();
    CAF_CHECK_EQUAL(handled, at_once ? 0 : 3);
    CAF_CHECK(child_ended->has_value());
    CAF_CHECK_EQUAL(!handle, at_once);
  }
}

CAF_TEST(told to end while there is no actor it ends at once) {
  settle();
  kill_child();
  caf::anon_send_exit(front, caf::exit_reason::user_shutdown);
  settle();
  CAF_CHECK(ended->has_value());
}

CAF_TEST_FIXTURE_SCOPE_END()
