#define CAF_SUITE ticker
#define FAIL CAF_FAIL
#include "actors/ticker.hpp"

#include <functional>
#include <vector>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::actors;

CAF_TEST(a member may leave during its own tick and one that joins then is not forgotten) {
  struct member : tickable {
    ticker* of = nullptr;
    tickable* friend_of_mine = nullptr;
    int ticks = 0;
    void on_tick(monotonic) override {
      ++ticks;
      of->remove(this);
      if (friend_of_mine != nullptr)
        of->add(std::exchange(friend_of_mine, nullptr));
    }
  };
  ticker clock;
  member first, second, third;
  first.of = second.of = third.of = &clock;
  first.friend_of_mine = &third;
  clock.add(&first);
  clock.add(&second);
  clock.run(monotonic{});
  clock.run(monotonic{});
  CAF_CHECK_EQUAL(first.ticks, 1);
  CAF_CHECK_EQUAL(second.ticks, 1);
  CAF_CHECK_EQUAL(third.ticks, 1);
  CAF_CHECK_EQUAL(clock.size(), 0u);
  clock.remove(&first); // not a member: nothing happens
}

CAF_TEST(members of a ticker may leave and join while it ticks) {
  struct member : tickable {
    ticker* of = nullptr;
    tickable* victim = nullptr;
    int ticks = 0;
    void on_tick(monotonic) override {
      ++ticks;
      if (victim != nullptr)
        of->remove(victim);
    }
  };
  ticker clock;
  member first, second;
  first.of = &clock;
  first.victim = &second;
  clock.add(&first);
  clock.add(&second);
  clock.run(monotonic{});
  CAF_CHECK_EQUAL(first.ticks, 1);
  CAF_CHECK_EQUAL(second.ticks, 0);
  CAF_CHECK_EQUAL(clock.size(), 1u);
}

CAF_TEST(each member is ticked once in as many beats as a tick has parts) {
  struct member : tickable {
    int ticks = 0;
    void on_tick(monotonic) override { ++ticks; }
  };
  constexpr size_t parts = defaults::line::tick_parts;
  ticker clock;
  std::vector<member> members(3 * parts + 1);
  for (auto& one : members)
    clock.add(&one);
  auto ticked = [&] {
    size_t count = 0;
    for (auto& one : members)
      count += static_cast<size_t>(std::exchange(one.ticks, 0));
    return count;
  };
  for (size_t round = 0; round < 3; ++round) {
    size_t all = 0;
    for (size_t i = 0; i < parts; ++i) {
      clock.beat(monotonic{});
      const size_t now = ticked();
      CAF_CHECK(now == 3 || now == 4); // never all at once
      all += now;
    }
    CAF_CHECK_EQUAL(all, members.size());
  }
  auto of_first_half = [&](size_t i) { return i % parts < parts / 2; };
  size_t gone = 0;
  for (size_t i = 0; i < members.size(); ++i)
    if (of_first_half(i)) {
      clock.remove(&members[i]);
      ++gone;
    }
  for (size_t i = 0, added = 0; added + 1 < gone; ++i)
    if (of_first_half(i)) {
      clock.add(&members[i]); // goes where there is room
      ++added;
    }
  for (size_t i = 0; i < parts; ++i) {
    clock.beat(monotonic{});
    CAF_CHECK_EQUAL(ticked(), 3u);
  }
}
