#define CAF_SUITE line
#define FAIL CAF_FAIL
#include "actors/atoms.hpp"
#include "actors/line.hpp"
#include "actors/thread_priority.hpp"
#include "conf/defaults/line.hpp"

#include <caf/all.hpp>
#include <sched.h>

#include <atomic>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::actors;

namespace {

struct counters {
  std::atomic<uint64_t> handled{0}, strangers{0}, releases{0}, released_by_strangers{0};
};

/// Counts what it handles and on which thread; `busy` keeps itself busy for ever.
class probe : public line_actor {
public:
  probe(caf::actor_config& cfg, line* where, counters* seen)
      : line_actor(cfg, where), seen_(seen) {}
  caf::behavior make_behavior() override {
    return {
        [this](atom::tick) {
          ++seen_->handled;
          seen_->strangers += where()->on_thread() ? 0 : 1;
        },
        [this](atom::restart) { send(this, atom::restart_v); },
        [](atom::finish) { return true; },
    };
  }

protected:
  void release() override {
    ++seen_->releases;
    seen_->released_by_strangers += where()->on_thread() ? 0 : 1;
  }

private:
  counters* seen_;
};

bool has_policy(int policy) {
  return (sched_getscheduler(0) & ~SCHED_RESET_ON_FORK) == policy;
}

struct fixture {
  counters seen;
  std::unique_ptr<line> where;
  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system = std::make_unique<caf::actor_system>(config);

  fixture() {
    where = std::make_unique<line>(*system, "line-test");
    where->start();
  }
  ~fixture() {
    where->stop();
    system.reset();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(line_tests, fixture)

CAF_TEST(a pinned actor runs and releases on no other thread under load and dropped handles) {
  constexpr uint64_t per_thread = 70'000;
  {
    auto actor = spawn_on<probe>(*system, where.get(), &seen);
    std::vector<std::thread> outside;
    for (int t = 0; t < 3; ++t)
      outside.emplace_back([actor] {
        for (uint64_t i = 0; i < per_thread; ++i)
          caf::anon_send(actor, atom::tick_v);
      });
    for (auto& thread : outside)
      thread.join();
    caf::scoped_actor self{*system};
    self->request(actor, std::chrono::seconds{20}, atom::finish_v)
        .receive([](bool) {}, [](caf::error&) { CAF_FAIL("no answer"); });
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  } // the last outside handle is dropped while the exit is on its way
  CAF_CHECK(where->await_actors(std::chrono::seconds{10}));
  CAF_CHECK_EQUAL(seen.handled.load(), 3 * per_thread);
  CAF_CHECK_EQUAL(seen.strangers.load(), 0u);
  CAF_CHECK_EQUAL(seen.releases.load(), 1u);
  CAF_CHECK_EQUAL(seen.released_by_strangers.load(), 0u);
}

CAF_TEST(a tick that throws leaves the line its beats) {
  struct thrower : tickable {
    void on_tick(monotonic) override {
      if (++ticks == 1)
        throw std::runtime_error("tick");
      if (ticks == 3)
        well.set_value();
    }
    int ticks = 0;
    std::promise<void> well;
  } member;
  auto on_line = [&](const std::function<void()>& work) {
    std::promise<void> done;
    where->post([&] { work(), done.set_value(); });
    done.get_future().wait();
  };
  on_line([&] { where->ticks().add(&member); });
  CAF_CHECK(member.well.get_future().wait_for(std::chrono::seconds{20}) ==
            std::future_status::ready);
  on_line([&] { where->ticks().remove(&member); });
  on_line([&] { CAF_CHECK_EQUAL(where->ticks().size(), 0u); });
}

CAF_TEST(what an actor sends itself later comes on its line and not before its time) {
  struct sleeper : line_actor {
    sleeper(caf::actor_config& cfg, line* at, std::promise<std::vector<int64_t>>* told)
        : line_actor(cfg, at), done_(told) {}
    caf::behavior make_behavior() override {
      begun_ = line_now();
      send_later(std::chrono::milliseconds{60}, atom::tick_v, int64_t{60});
      send_later(std::chrono::milliseconds{30}, atom::tick_v, int64_t{30});
      return {[this](atom::tick, int64_t ms) {
        const bool early = line_now() < begun_ + std::chrono::milliseconds{ms};
        seen_.push_back(early || !where()->on_thread() ? -1 : ms);
        if (seen_.size() == 2)
          done_->set_value(seen_);
      }};
    }
    std::promise<std::vector<int64_t>>* done_;
    monotonic begun_{};
    std::vector<int64_t> seen_;
  };
  std::promise<std::vector<int64_t>> done;
  auto actor = spawn_on<sleeper>(*system, where.get(), &done);
  auto seen_at = done.get_future();
  CAF_REQUIRE(seen_at.wait_for(std::chrono::seconds{20}) == std::future_status::ready);
  CAF_CHECK_EQUAL(seen_at.get(), (std::vector<int64_t>{30, 60}));
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  CAF_CHECK(where->await_actors(std::chrono::seconds{10}));
}

CAF_TEST(a request has its deadline from the line and an answered one does not expire) {
  using outcomes = std::vector<std::string>;
  struct asker : line_actor {
    asker(caf::actor_config& cfg, line* at, std::promise<outcomes>* told)
        : line_actor(cfg, at), done_(told) {}
    caf::behavior make_behavior() override {
      const auto hears = [this](const char* of) {
        return [this, of](const caf::error& why) {
          outcomes_.push_back(of + (why == caf::sec::request_timeout ? " late" : to_string(why)));
          on_line_ = on_line_ && where()->on_thread();
        };
      };
      const caf::actor self{this};
      ask(self, std::chrono::milliseconds{30}, atom::finish_v)
          .then([this](bool) { outcomes_.push_back("finish"); }, hears("finish"));
      ask(self, std::chrono::milliseconds{100}, atom::tick_v)
          .then([this](bool) { outcomes_.push_back("tick"); }, hears("tick"));
      send_later(std::chrono::milliseconds{150}, atom::restart_v);
      return {
          [this](atom::finish) -> caf::result<bool> {
            unanswered_ = make_response_promise<bool>();
            return *unanswered_;
          },
          [](atom::tick) { return true; },
          [this](atom::restart) { done_->set_value(on_line_ ? outcomes_ : outcomes{}); },
      };
    }
    std::promise<outcomes>* done_;
    outcomes outcomes_;
    std::optional<caf::typed_response_promise<bool>> unanswered_;
    bool on_line_ = true;
  };
  std::promise<outcomes> done;
  auto actor = spawn_on<asker>(*system, where.get(), &done);
  auto heard = done.get_future();
  CAF_REQUIRE(heard.wait_for(std::chrono::seconds{20}) == std::future_status::ready);
  CAF_CHECK_EQUAL(heard.get(), (outcomes{"tick", "finish late"}));
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  CAF_CHECK(where->await_actors(std::chrono::seconds{10}));
}

CAF_TEST(actors that do not end are killed and named) {
  struct stubborn : probe {
    using probe::probe;
    const char* name() const override { return "stubborn"; }
    caf::behavior make_behavior() override {
      set_exit_handler([](caf::exit_msg&) {});
      return probe::make_behavior();
    }
  };
  for (int i = 0; i < 2; ++i)
    caf::anon_send_exit(spawn_on<stubborn>(*system, where.get(), &seen),
                        caf::exit_reason::user_shutdown);
  CAF_CHECK(!where->await_actors(std::chrono::milliseconds{50}));
  CAF_CHECK_EQUAL(where->kill_actors(), "2 stubborn");
  CAF_CHECK(where->await_actors(std::chrono::seconds{10}));
  CAF_CHECK_EQUAL(seen.releases.load(), 2u);
  CAF_CHECK_EQUAL(where->kill_actors(), "");
}

CAF_TEST(an actor that nobody waits for runs with a beat and on its line) {
  struct patient : probe {
    using line_actor::enqueue;
    using probe::probe;
    void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
      caf::event_based_actor::enqueue(std::move(what), &where()->unhurried());
    }
  };
  auto actor = spawn_on<patient>(*system, where.get(), &seen);
  constexpr uint64_t all = 10'000; // many times what it handles at once
  for (uint64_t i = 0; i < all; ++i)
    caf::anon_send(actor, atom::tick_v);
  caf::scoped_actor self{*system};
  self->request(actor, std::chrono::seconds{20}, atom::finish_v)
      .receive([](bool) {}, [](caf::error&) { CAF_FAIL("no answer"); });
  CAF_CHECK_EQUAL(seen.handled.load(), all);
  CAF_CHECK_EQUAL(seen.strangers.load(), 0u);
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  actor = nullptr;
  CAF_CHECK(where->await_actors(std::chrono::seconds{10}));
  CAF_CHECK_EQUAL(seen.released_by_strangers.load(), 0u);
}

CAF_TEST(a line without calls ticks its members once a beat each) {
  struct member : tickable {
    void on_tick(monotonic now) override {
      at.push_back(now);
      if (at.size() == 3)
        done.set_value();
    }
    std::vector<monotonic> at;
    std::promise<void> done;
  } one, other;
  line slow{*system, "line-slow", 5};
  slow.start();
  std::promise<void> gone;
  slow.post([&] { slow.ticks().add(&one), slow.ticks().add(&other); });
  for (auto* each : {&one, &other})
    CAF_REQUIRE(each->done.get_future().wait_for(std::chrono::seconds{20}) ==
                std::future_status::ready);
  slow.post([&] {
    slow.ticks().remove(&one), slow.ticks().remove(&other);
    gone.set_value();
  });
  gone.get_future().wait();
  slow.stop();
  CAF_CHECK(one.at[1] - one.at[0] >= defaults::line::tick / 2); // not ten times as often
  CAF_CHECK(one.at[0] == other.at[0]);
}

CAF_TEST(handles dropped by many threads at once release on the line) {
  constexpr size_t actors = 300;
  std::vector<caf::actor> pinned;
  for (size_t i = 0; i < actors; ++i)
    pinned.push_back(spawn_on<probe>(*system, where.get(), &seen));
  std::vector<std::thread> outside;
  for (size_t t = 0; t < 3; ++t)
    outside.emplace_back([handles = pinned, t] { // copies: the last one to go is anybody's
      for (size_t i = t; i < handles.size(); i += 3) {
        caf::anon_send(handles[i], atom::tick_v);
        caf::anon_send_exit(handles[i], caf::exit_reason::user_shutdown);
      }
    });
  pinned.clear();
  for (auto& thread : outside)
    thread.join();
  outside.clear();
  CAF_CHECK(where->await_actors(std::chrono::seconds{10}));
  CAF_CHECK_EQUAL(seen.releases.load(), actors);
  CAF_CHECK_EQUAL(seen.released_by_strangers.load(), 0u);
  CAF_CHECK_EQUAL(seen.strangers.load(), 0u);
}

CAF_TEST(an actor that does not end is noticed by the deadline) {
  auto stays = spawn_on<probe>(*system, where.get(), &seen);
  const auto before = std::chrono::steady_clock::now();
  CAF_CHECK(!where->await_actors(std::chrono::milliseconds{50}));
  CAF_CHECK_LESS(std::chrono::steady_clock::now() - before, std::chrono::seconds{5});
  caf::anon_send_exit(stays, caf::exit_reason::user_shutdown);
  CAF_CHECK(where->await_actors(std::chrono::seconds{10}));
}

CAF_TEST(an actor whose handles are all dropped stays with its line until it is told to end) {
  caf::actor_addr address = spawn_on<probe>(*system, where.get(), &seen).address();
  CAF_CHECK_EQUAL(where->actors(), 1u);
  auto again = caf::actor_cast<caf::actor>(address);
  CAF_REQUIRE(again);
  caf::anon_send_exit(again, caf::exit_reason::user_shutdown);
  again = nullptr;
  CAF_CHECK(where->await_actors(std::chrono::seconds{10}));
  CAF_CHECK_EQUAL(seen.released_by_strangers.load(), 0u);
}

CAF_TEST(teardown with busy actors ends within its deadline) {
  std::vector<caf::actor> busy;
  for (int i = 0; i < 20; ++i) {
    busy.push_back(spawn_on<probe>(*system, where.get(), &seen));
    caf::anon_send(busy.back(), atom::restart_v);
  }
  for (auto& actor : busy)
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  busy.clear();
  CAF_CHECK(where->await_actors(std::chrono::seconds{10}));
  CAF_CHECK_EQUAL(seen.releases.load(), 20u);
}

CAF_TEST(a scheduled actor that a line wakes up does not run on the line) {
  auto on_line = std::make_shared<std::promise<bool>>();
  auto answer = on_line->get_future();
  auto* stage = where.get();
  auto scheduled = system->spawn([stage, on_line](caf::event_based_actor*) -> caf::behavior {
    return {[stage, on_line](atom::tick) { on_line->set_value(stage->on_thread()); }};
  });
  where->post([scheduled] { caf::anon_send(scheduled, atom::tick_v); });
  CAF_REQUIRE(answer.wait_for(std::chrono::seconds{10}) == std::future_status::ready);
  CAF_CHECK(!answer.get());
  caf::anon_send_exit(scheduled, caf::exit_reason::user_shutdown);
}

CAF_TEST(a line sends the appends of its calls with its next beat) {
  auto written = std::make_shared<std::promise<std::string>>();
  auto disk = system->spawn([written]() -> disk_writer_actor::behavior_type {
    return {
        [written](atom::facts, const journal_appends& appends) {
          written->set_value(*appends.at(0).journal_path);
          return uint64_t{appends.size()};
        },
        [](atom::finish, const std::string&) { return uint64_t{0}; },
        [](atom::commit) {},
    };
  });
  where->post([this, disk] {
    where->journals().put(disk, {std::make_shared<append_ticket>(),
                                 std::make_shared<const std::string>("a.journal")});
  });
  auto path = written->get_future();
  CAF_REQUIRE(path.wait_for(std::chrono::seconds{30}) == std::future_status::ready);
  CAF_CHECK_EQUAL(path.get(), "a.journal");
  caf::anon_send_exit(disk, caf::exit_reason::user_shutdown);
}

/// Compared with a thread that asks for it, since older kernels know no slices.
CAF_TEST(a line asks for short slices of the core) {
  std::promise<std::chrono::microseconds> of_line, of_thread;
  where->post([&] { of_line.set_value(own_slice()); });
  std::thread{[&] {
    run_promptly(switchboard::defaults::line::slice, "test");
    of_thread.set_value(own_slice());
  }}.join();
  CAF_CHECK(of_line.get_future().get() == of_thread.get_future().get());
}

/// Where the system does not allow real-time priority all of it is as without.
CAF_TEST(a line runs first while it keeps up and no longer when it is overloaded) {
  bool allowed = false;
  std::thread{[&] { allowed = run_first(); }}.join();
  line stage{*system, "line-first"};
  stage.prefer_realtime();
  std::promise<bool> first;
  std::promise<bool> told; // which may be after the policy changed, not before
  std::atomic<bool> overloaded{false};
  stage.on_overload([&](bool is) {
    if (is && !overloaded.exchange(true))
      told.set_value(has_policy(SCHED_RR));
  });
  stage.start();
  stage.post([&] { first.set_value(has_policy(SCHED_RR)); });
  CAF_CHECK_EQUAL(first.get_future().get(), allowed);
  std::function<void()> hold_up = [&] { // longer than a stall may count for
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{300};
    while (std::chrono::steady_clock::now() < until) {
    }
    if (!overloaded)
      stage.post(hold_up);
  };
  stage.post(hold_up);
  CAF_CHECK(!told.get_future().get());
  stage.stop();
}

CAF_TEST_FIXTURE_SCOPE_END()
