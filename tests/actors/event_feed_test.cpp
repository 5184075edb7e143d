#define CAF_SUITE event_feed
#define FAIL CAF_FAIL
#include "actors/event_feed.hpp"
#include "conf/defaults/feed.hpp"
#include "tests/actors/virtual_world.hpp"

using namespace switchboard;
using namespace switchboard::actors;

namespace {

struct collector : feed_sink {
  std::vector<feed_event_ptr> seen;
  std::vector<std::string> erased;
  void on_feed_event(feed_event_ptr event) override { seen.push_back(std::move(event)); }
  void on_call_erased(const std::string& call_id) override { erased.push_back(call_id); }
};

struct fixture : test::virtual_world {
  event_feed_actor feed = keep(sys.spawn(event_feed));

  void publish(int times, storage::wall_ms at = 0, const std::string& call_id = {}) {
    for (int i = 0; i < times; ++i) {
      feed_event event;
      event.type = feed_type::error;
      event.data = feed_error{"CODE", "text"};
      event.timestamp = at;
      event.call_id = call_id;
      caf::anon_send(feed, atom::publish_v, event);
    }
    settle();
  }
  std::shared_ptr<collector> subscribe() {
    auto sink = std::make_shared<collector>();
    caf::anon_send(feed, atom::sub_v, feed_sink_ptr{sink});
    settle();
    return sink;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(event_feed_tests, fixture)

CAF_TEST(updates are numbered from one and reach every sink in order) {
  auto first = subscribe();
  auto second = subscribe();
  publish(5);
  CAF_REQUIRE_EQUAL(first->seen.size(), 5u);
  CAF_CHECK(first->seen == second->seen); // one object for all
  for (size_t i = 0; i < 5; ++i)
    CAF_CHECK_EQUAL(first->seen[i]->sequence, i + 1);
}

CAF_TEST(a sink that comes later gets the last hundred and then what follows) {
  publish(250);
  auto late = subscribe();
  CAF_REQUIRE_EQUAL(late->seen.size(), defaults::feed::replay_max);
  CAF_CHECK_EQUAL(late->seen.front()->sequence, 151u);
  CAF_CHECK_EQUAL(late->seen.back()->sequence, 250u);
  publish(1);
  CAF_CHECK_EQUAL(late->seen.back()->sequence, 251u);
  CAF_CHECK_EQUAL(late->seen.size(), defaults::feed::replay_max + 1);
}

CAF_TEST(an update without a time gets one and a given time stays) {
  auto sink = subscribe();
  publish(1);
  publish(1, 4711);
  CAF_CHECK_GREATER(sink->seen[0]->timestamp, 0);
  CAF_CHECK_EQUAL(sink->seen[1]->timestamp, 4711);
}

CAF_TEST(an erased call is in no replay and every sink is told) {
  auto early = subscribe();
  publish(1, 0, "gone");
  publish(1, 0, "kept");
  publish(1, 0, "gone");
  caf::anon_send(feed, atom::erased_v, std::string{"gone"});
  settle();
  CAF_CHECK(early->erased == (std::vector<std::string>{"gone"}));
  auto late = subscribe();
  CAF_REQUIRE_EQUAL(late->seen.size(), 1u);
  CAF_CHECK_EQUAL(late->seen[0]->call_id, "kept");
  CAF_CHECK_EQUAL(late->seen[0]->sequence, 2u); // numbers stay what they were
}

CAF_TEST_FIXTURE_SCOPE_END()
