#define CAF_SUITE analyst
#define FAIL CAF_FAIL
#include "actors/analyst.hpp"
#include "actors/openai_leg.hpp"
#include "conf/defaults/analysis.hpp"
#include "tests/actors/fakes.hpp"

using namespace switchboard;
using namespace switchboard::actors;
namespace limits = switchboard::defaults::analysis;

namespace {

struct fixture : test::faked_world {
  node_state_ptr node = std::make_shared<node_state>();
  caf::actor analyst = keep(spawn_analyst(sys, {database, feed, node}));
  std::shared_ptr<std::optional<caf::error>> ended = watch(analyst);

  call_snapshot snapshot(uint64_t length_ms) {
    call_snapshot call;
    call.call_id = "call";
    call.length_ms = length_ms;
    call.taken_at = static_cast<int64_t>(length_ms);
    return call;
  }
  void tell(uint64_t length_ms) {
    caf::anon_send(analyst, atom::figures_v, snapshot(length_ms));
    settle();
  }
  void check_given_up(const test::reply<bool>& stored, unsigned after_tries) {
    CAF_REQUIRE(stored.value.has_value());
    CAF_CHECK(!*stored.value);
    CAF_CHECK_EQUAL(rows->tries, uint64_t{after_tries});
    CAF_CHECK(ended->has_value());
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(analyst_tests, fixture)

CAF_TEST(snapshots are rows and the last comes with the metadata) {
  tell(60'000);
  tell(120'000);
  const auto stored = ask<bool>(analyst, atom::finish_v, snapshot(150'000));
  CAF_CHECK(stored.value.value_or(false));
  CAF_REQUIRE_EQUAL(rows->figures.size(), 3u);
  CAF_CHECK_EQUAL(rows->figures[2].snapshot_time, 150'000);
  CAF_CHECK_EQUAL(rows->metadata.size(), 1u);
  CAF_CHECK(ended->has_value());
}

CAF_TEST(a snapshot that cannot be stored is left out and the last is tried again) {
  rows->failures = 1;
  tell(60'000);
  CAF_CHECK(rows->figures.empty());
  rows->failures = 2;
  auto stored = begin_ask<bool>(analyst, atom::finish_v, snapshot(90'000));
  settle();
  CAF_CHECK(!stored->came());
  pass(3 * limits::store_pause);
  CAF_CHECK(stored->value.value_or(false));
  CAF_CHECK_EQUAL(rows->figures.size(), 1u);
}

CAF_TEST(a database that stays away is given up and said so) {
  rows->failures = -1;
  auto stored = begin_ask<bool>(analyst, atom::finish_v, snapshot(90'000));
  pass(15 * limits::store_pause); // at 0, 0.5, 1.5, 3.5 and 7.5 s
  CAF_CHECK_EQUAL(rows->tries, 5u);
  pass(limits::store_tries * limits::store_pause_max, limits::store_pause);
  check_given_up(*stored, limits::store_tries);
}

CAF_TEST(a node that ends does not wait long for figures) {
  rows->failures = -1;
  auto stored = begin_ask<bool>(analyst, atom::finish_v, snapshot(90'000));
  pass(15 * limits::store_pause);
  node->draining = true;
  pass(limits::store_tries_at_end * limits::store_pause);
  check_given_up(*stored, limits::store_tries_at_end);
}

CAF_TEST(figures are stored when the database comes back after minutes) {
  rows->failures = -1;
  auto stored = begin_ask<bool>(analyst, atom::finish_v, snapshot(90'000));
  pass(5 * 60 * 2 * limits::store_pause, limits::store_pause);
  rows->failures = 0;
  pass(limits::store_pause_max, limits::store_pause);
  CAF_CHECK(stored->value.value_or(false));
  CAF_CHECK_EQUAL(rows->figures.size(), 1u);
}

CAF_TEST(while one snapshot is on its way others are left out) {
  rows->holding = true;
  tell(60'000);
  tell(61'000);
  release_rows();
  CAF_CHECK_EQUAL(rows->figures.size(), 1u);
}

CAF_TEST(past the bound a call writes no more snapshots but its last) {
  for (uint64_t i = 0; i < limits::snapshots_max + 5; ++i)
    tell(i);
  CAF_CHECK_EQUAL(rows->figures.size(), limits::snapshots_max);
  ask<bool>(analyst, atom::finish_v, snapshot(1));
  CAF_CHECK_EQUAL(rows->figures.size(), limits::snapshots_max + 1);
}

CAF_TEST(a review that comes before the figures are stored goes into the same row) {
  auto last = snapshot(90'000);
  last.review_due = true;
  rows->failures = 1;
  auto stored = begin_ask<bool>(analyst, atom::finish_v, last);
  settle();
  review_answer said;
  said.text = R"({"sentiment":"neutral","score":0,"summary":"Nothing.","language":null})";
  caf::anon_send(analyst, atom::review_v, said);
  settle();
  CAF_CHECK(!stored->came());
  CAF_CHECK_EQUAL(node->reviews.load(), 1u);
  pass(2 * limits::store_pause);
  CAF_CHECK(stored->value.value_or(false));
  CAF_REQUIRE_EQUAL(rows->figures.size(), 1u);
  CAF_CHECK_EQUAL(rows->figures[0].sentiment.value_or(""), "neutral");
  CAF_CHECK(ended->has_value());
  CAF_CHECK_EQUAL(node->reviews.load(), 0u);
}

CAF_TEST(a review that never comes is not waited for longer than its bound) {
  auto last = snapshot(90'000);
  last.review_due = true;
  CAF_CHECK(ask<bool>(analyst, atom::finish_v, last).value.value_or(false));
  pass(limits::review_patience - std::chrono::milliseconds{100});
  CAF_CHECK(!ended->has_value());
  pass(std::chrono::milliseconds{200});
  CAF_CHECK(ended->has_value());
  CAF_CHECK_EQUAL(rows->figures.size(), 1u);
}

CAF_TEST(an analyst that is stopped answers whoever waits) {
  rows->failures = -1;
  auto stored = begin_ask<bool>(analyst, atom::finish_v, snapshot(1));
  settle();
  caf::anon_send_exit(analyst, caf::exit_reason::user_shutdown);
  settle();
  CAF_CHECK(!stored->value.value_or(true));
}

CAF_TEST_FIXTURE_SCOPE_END()
