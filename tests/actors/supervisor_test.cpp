#define CAF_SUITE supervisor
#define FAIL CAF_FAIL
#include "actors/supervisor.hpp"
#include "tests/actors/virtual_world.hpp"

using namespace switchboard;
using namespace switchboard::actors;
using namespace std::chrono_literals;

namespace {

constexpr uint8_t leg = 1;
constexpr uint8_t spare = 2;

caf::behavior child_behavior(caf::event_based_actor* self) {
  self->set_exit_handler([self](caf::exit_msg& stop) { self->quit(stop.reason); });
  return {
      [self](atom::stopped, uint8_t code) {
        self->quit(make_error(static_cast<actor_error>(code)));
      },
      [self](atom::finish) { self->quit(); },
  };
}

struct parent_log {
  std::unique_ptr<supervisor> children;
  std::vector<monotonic> spawns;
  std::vector<caf::error> gave_up;
  size_t restarted = 0, downs_of_children = 0;
  caf::event_based_actor* self = nullptr;
};
using parent_log_ptr = std::shared_ptr<parent_log>;

caf::behavior parent(caf::event_based_actor* self, parent_log_ptr log, restart_policy policy) {
  log->self = self;
  log->children = std::make_unique<supervisor>(self, "call", 7);
  log->children->add(leg, {"leg", std::move(policy),
                           [self, log] {
                             log->spawns.push_back(self->home_system().clock().now());
                             return self->home_system().spawn(child_behavior);
                           },
                           [](const caf::error& why) { return why == actor_error::model_fatal; },
                           [log](const caf::error& why) { log->gave_up.push_back(why); },
                           [log] { ++log->restarted; }});
  log->children->add(spare, {"spare",
                             {},
                             [self] { return self->home_system().spawn(child_behavior); },
                             nullptr,
                             [log](const caf::error& why) { log->gave_up.push_back(why); },
                             nullptr});
  self->set_down_handler([log](caf::down_msg& down) {
    log->downs_of_children += log->children->on_down(down) ? 1 : 0;
  });
  log->children->start(leg);
  return {
      [log](atom::restart, uint8_t id, uint64_t generation) {
        log->children->on_restart(id, generation);
      },
      [log](atom::modelup) { log->children->healthy(leg); },
      [log](atom::finish) { log->children->expect_end(leg); },
      [log](atom::stopped) { log->children->let_go(leg); },
      [log](atom::drain) { log->children->stop_all(); },
  };
}

struct fixture : test::virtual_world {
  parent_log_ptr log = std::make_shared<parent_log>();
  caf::actor owner;

  ~fixture() override {
    if (log->children)
      for (auto id : {leg, spare})
        if (auto child = log->children->child(id))
          keep(child);
    caf::anon_send_exit(owner, caf::exit_reason::kill);
    settle();
    log->children.reset();
  }
  void begin(restart_policy policy) {
    owner = keep(sys.spawn(parent, log, std::move(policy)));
    settle();
  }
  void kill_child(actor_error why = actor_error::model_lost) {
    caf::anon_send(log->children->child(leg), atom::stopped_v, static_cast<uint8_t>(why));
    settle();
  }
};

restart_policy steady() {
  return {{1000ms, 2000ms, 4000ms, 8000ms, 16000ms}, false, 60'000ms};
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(supervisor_tests, fixture)

CAF_TEST(a child comes back after pauses of one two four eight and sixteen seconds) {
  begin(steady());
  for (auto pause : {1000ms, 2000ms, 4000ms, 8000ms, 16000ms}) {
    const auto before = log->spawns.size();
    kill_child();
    CAF_CHECK(!log->children->alive(leg));
    pass(pause - 1ms, 1000ms);
    CAF_CHECK_EQUAL(log->spawns.size(), before);
    pass(1ms);
    CAF_CHECK_EQUAL(log->spawns.size(), before + 1);
    CAF_CHECK(log->children->alive(leg));
  }
  CAF_CHECK_EQUAL(log->restarted, 5u);
  CAF_CHECK_EQUAL(log->children->restarts(leg), 5u);
  kill_child();
  CAF_CHECK_EQUAL(log->gave_up.size(), 1u);
  pass(60'000ms, 1000ms);
  CAF_CHECK_EQUAL(log->spawns.size(), 6u);
}

CAF_TEST(with jitter no pause is longer than the table says and they differ) {
  begin(model_leg_policy());
  std::vector<monotonic::duration> parts;
  for (auto full : {1000ms, 2000ms, 4000ms, 8000ms, 16000ms}) {
    const auto died = sys.clock().now();
    kill_child();
    pass(full, 10ms);
    CAF_REQUIRE(log->children->alive(leg));
    parts.push_back((log->spawns.back() - died) * 1000 / full.count());
  }
  CAF_CHECK(std::adjacent_find(parts.begin(), parts.end(), std::not_equal_to<>{}) != parts.end());
}

CAF_TEST(a minute of health forgives and a second less does not ) {
  begin(steady());
  for (int i = 0; i < 5; ++i) {
    kill_child();
    pass(16'000ms, 1000ms);
  }
  caf::anon_send(owner, atom::modelup_v);
  pass(60'000ms, 1000ms);
  kill_child();
  pass(1000ms);
  CAF_CHECK(log->children->alive(leg));
  for (int i = 0; i < 4; ++i) {
    kill_child();
    pass(16'000ms, 1000ms);
  }
  caf::anon_send(owner, atom::modelup_v);
  pass(59'000ms, 1000ms);
  CAF_CHECK(log->gave_up.empty());
  kill_child();
  CAF_CHECK_EQUAL(log->gave_up.size(), 1u);
}

CAF_TEST(a fatal end is not tried again) {
  begin(steady());
  kill_child(actor_error::model_fatal);
  CAF_REQUIRE_EQUAL(log->gave_up.size(), 1u);
  CAF_CHECK(log->gave_up[0] == actor_error::model_fatal);
  pass(40'000ms, 1000ms);
  CAF_CHECK_EQUAL(log->spawns.size(), 1u);
}

CAF_TEST(restart messages of an older generation or of a living child are ignored) {
  begin(steady());
  caf::anon_send(owner, atom::restart_v, leg, uint64_t{0});
  settle();
  CAF_CHECK_EQUAL(log->spawns.size(), 1u);
  kill_child();
  caf::anon_send(owner, atom::restart_v, leg, uint64_t{0});
  caf::anon_send(owner, atom::restart_v, uint8_t{9}, uint64_t{1});
  settle();
  CAF_CHECK_EQUAL(log->spawns.size(), 1u);
  pass(1000ms);
  CAF_CHECK_EQUAL(log->spawns.size(), 2u);
  caf::anon_send(owner, atom::restart_v, leg, uint64_t{1});
  settle();
  CAF_CHECK_EQUAL(log->spawns.size(), 2u);
}

CAF_TEST(a child that is let go lives on and its end concerns nobody) {
  begin(steady());
  auto child = keep(log->children->child(leg));
  caf::anon_send(owner, atom::stopped_v);
  settle();
  CAF_CHECK_EQUAL(log->children->alive_count(), 0u);
  auto end = watch(child);
  caf::anon_send(child, atom::finish_v);
  pass(20'000ms, 1000ms);
  CAF_CHECK(end->has_value());
  CAF_CHECK_EQUAL(log->downs_of_children, 0u);
  CAF_CHECK_EQUAL(log->spawns.size(), 1u);
}

CAF_TEST(an expected end is no failure) {
  begin(steady());
  caf::anon_send(owner, atom::finish_v);
  settle();
  CAF_CHECK(log->children->alive(leg));
  kill_child();
  CAF_CHECK_EQUAL(log->downs_of_children, 1u);
  pass(40'000ms, 1000ms);
  CAF_CHECK_EQUAL(log->spawns.size(), 1u);
  CAF_CHECK(log->gave_up.empty());
}

CAF_TEST(an end that becomes expected during the pause cancels the restart) {
  begin(steady());
  kill_child();
  caf::anon_send(owner, atom::finish_v);
  pass(40'000ms, 1000ms);
  CAF_CHECK_EQUAL(log->spawns.size(), 1u);
}

CAF_TEST(stopping all ends the children and their ends are consumed) {
  begin(steady());
  auto end = watch(log->children->child(leg));
  caf::anon_send(owner, atom::drain_v);
  settle();
  CAF_REQUIRE(end->has_value());
  CAF_CHECK(**end == caf::exit_reason::user_shutdown);
  CAF_CHECK_EQUAL(log->downs_of_children, 1u);
  CAF_CHECK_EQUAL(log->children->alive_count(), 0u);
}

CAF_TEST(a promoted child is restarted like any other and the one it replaces is only waited for) {
  begin({{0ms}, false, 60'000ms});
  log->children->start(spare);
  const auto old = log->children->child(leg);
  const auto next = log->children->child(spare);
  log->children->promote(spare, leg);
  CAF_CHECK(log->children->child(leg) == next);
  CAF_CHECK(log->children->is(spare, old.address()));
  caf::anon_send(old, atom::stopped_v, static_cast<uint8_t>(actor_error::model_lost));
  settle();
  CAF_CHECK(!log->children->alive(spare));
  CAF_CHECK(log->gave_up.empty());
  kill_child();
  pass(100ms);
  CAF_CHECK_EQUAL(log->restarted, 1u);
  CAF_CHECK(log->children->alive(leg));
}

CAF_TEST(a pending restart is off when another child takes the place) {
  begin({{1000ms}, false, 60'000ms});
  log->children->start(spare);
  kill_child();
  log->children->promote(spare, leg);
  pass(2000ms);
  CAF_CHECK_EQUAL(log->restarted, 0u);
  CAF_CHECK_EQUAL(log->spawns.size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
