#define CAF_SUITE transcript_writer
#define FAIL CAF_FAIL
#include "actors/transcript_writer.hpp"
#include "conf/defaults/call.hpp"
#include "conf/defaults/database.hpp"
#include "tests/actors/fakes.hpp"

using namespace switchboard;
using namespace switchboard::actors;
using namespace std::chrono_literals;
namespace limits = switchboard::defaults::call;

namespace {

struct fixture : test::faked_world {
  caf::actor writer = keep(spawn_transcript_writer(sys, nullptr, {"call", database, feed}));

  std::map<std::string, int64_t> version;
  void turn(const std::string& key, const std::string& text, bool final = false) {
    turn_update update;
    update.key = key;
    update.version = ++version[key];
    update.text = text;
    update.start_ms = 1500;
    if (final)
      update.end_ms = 2500;
    update.final = final;
    caf::anon_send(writer, atom::turn_v, update);
  }
  /// The latest state of each row, by id.
  std::map<std::string, storage::transcript_row> table() {
    std::map<std::string, storage::transcript_row> out;
    for (auto& row : rows->turns)
      out[row.id] = row;
    return out;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(transcript_writer_tests, fixture)

CAF_TEST(a turn is stored in seconds of the call and published after its commit) {
  rows->holding = true;
  turn("1", "Hello", true);
  settle();
  CAF_CHECK(events->all.empty());
  release_rows();
  CAF_REQUIRE_EQUAL(rows->turns.size(), 1u);
  const auto& row = rows->turns[0];
  CAF_CHECK_EQUAL(row.id, "call-1");
  CAF_CHECK_EQUAL(row.start_time_s, 1.5);
  CAF_CHECK_EQUAL(row.end_time_s.value_or(0), 2.5);
  CAF_REQUIRE_EQUAL(events->of(feed_type::transcript).size(), 1u);
  CAF_CHECK_EQUAL(std::get<storage::transcript_row>(events->all[0].data).text, "Hello");
}

CAF_TEST(later states of a waiting turn replace it and versions grow) {
  rows->holding = true;
  turn("1", "a");
  turn("2", "b");
  for (int i = 0; i < 20; ++i)
    turn("1", "a" + std::to_string(i));
  settle();
  release_rows();
  CAF_CHECK_EQUAL(rows->turns.size(), 3u); // the one on its way, then the latest of each
  auto stored = table();
  CAF_CHECK_EQUAL(stored["call-1"].text, "a19");
  CAF_CHECK_EQUAL(stored["call-1"].version, 21); // its own, however many were skipped
  CAF_CHECK_EQUAL(stored["call-2"].version, 1);
}

CAF_TEST(what the model generated is stored beside what was heard) {
  turn_update update;
  update.key = "1";
  update.version = 1;
  update.who = storage::speaker::assistant;
  update.text = "one two";
  update.generated = "one two three";
  caf::anon_send(writer, atom::turn_v, update);
  settle();
  CAF_REQUIRE_EQUAL(rows->turns.size(), 1u);
  CAF_CHECK_EQUAL(rows->turns[0].text, "one two");
  CAF_CHECK_EQUAL(rows->turns[0].generated_text.value_or(""), "one two three");
}

CAF_TEST(a turn that is taken back takes its row with it and the event says so) {
  turn("1", "too early");
  settle();
  turn_update gone;
  gone.key = "1";
  gone.version = 2;
  gone.final = gone.removed = true;
  caf::anon_send(writer, atom::turn_v, gone);
  settle();
  CAF_REQUIRE_EQUAL(rows->turns.size(), 2u);
  CAF_CHECK(rows->turns[1].removed);
  const auto told = events->of(feed_type::transcript);
  CAF_REQUIRE_EQUAL(told.size(), 2u);
  const auto& row = std::get<storage::transcript_row>(told[1].data);
  CAF_CHECK(row.removed);
  CAF_CHECK_EQUAL(row.version, 2);
}

CAF_TEST(a write that fails is tried again until it is stored) {
  rows->failures = 3;
  turn("1", "first", true);
  turn("2", "second", true);
  settle();
  CAF_CHECK(rows->turns.empty());
  pass(4 * limits::recorder_retry);
  CAF_REQUIRE_EQUAL(rows->turns.size(), 2u);
  CAF_CHECK_EQUAL(rows->turns[0].text, "first");
  CAF_CHECK_EQUAL(rows->turns[1].text, "second");
}

CAF_TEST(a write without an answer is tried again and a late answer counts for nothing) {
  rows->holding = true;
  turn("1", "a", true);
  pass(defaults::database::write_timeout - 1ms);
  CAF_CHECK_EQUAL(rows->tries, 1u);
  pass(1ms);
  CAF_CHECK_EQUAL(rows->tries, 1u); // after a pause
  pass(limits::recorder_retry);
  CAF_CHECK_EQUAL(rows->tries, 2u);
  turn("2", "b", true);
  release_rows(); // both answers come now
  CAF_CHECK_EQUAL(rows->tries, 3u);
  CAF_CHECK_EQUAL(events->of(feed_type::transcript).size(), 2u);
  CAF_CHECK_EQUAL(table().size(), 2u);
  CAF_CHECK(ask<bool>(writer, atom::finish_v).value.value_or(false));
}

CAF_TEST(each write has its own deadline) {
  turn("1", "a", true); // answered
  pass(4s);
  rows->holding = true;
  turn("2", "b", true);
  pass(defaults::database::write_timeout - 4s); // of the first
  CAF_CHECK_EQUAL(rows->tries, 2u);
  pass(4s + limits::recorder_retry);
  CAF_CHECK_EQUAL(rows->tries, 3u);
  pass(defaults::database::write_timeout + limits::recorder_retry);
  CAF_CHECK_EQUAL(rows->tries, 4u);
}

CAF_TEST(a failed write gives way to a newer state of its turn) {
  rows->failures = 1;
  turn("1", "old");
  settle();
  turn("1", "new", true);
  pass(limits::recorder_retry);
  CAF_REQUIRE_EQUAL(rows->turns.size(), 1u);
  CAF_CHECK_EQUAL(rows->turns[0].text, "new");
}

CAF_TEST(finish answers after everything is stored) {
  rows->failures = 2;
  turn("1", "a", true);
  turn("2", "b", true);
  auto done = begin_ask<bool>(writer, atom::finish_v);
  settle();
  CAF_CHECK(!done->came());
  pass(3 * limits::recorder_retry);
  CAF_REQUIRE(done->value.has_value());
  CAF_CHECK(*done->value);
  CAF_CHECK_EQUAL(rows->turns.size(), 2u);
}

CAF_TEST(the end of a call does not wait for company) {
  rows->holding = true;
  turn("1", "a", true);
  turn("2", "b", true);
  settle();
  CAF_CHECK_EQUAL(rows->hurried, 0u);
  auto done = begin_ask<bool>(writer, atom::finish_v);
  settle();
  CAF_CHECK_EQUAL(rows->hurried, 1u); // for the one on its way
  release_rows();
  CAF_CHECK_EQUAL(rows->hurried, 2u); // and the one behind it
  CAF_CHECK(done->value.value_or(false));
}

CAF_TEST(finish with nothing to store answers at once) {
  const auto done = ask<bool>(writer, atom::finish_v);
  CAF_CHECK(done.value.value_or(false));
}

CAF_TEST(a writer that is stopped answers whoever waits) {
  rows->failures = -1;
  turn("1", "a");
  auto done = begin_ask<bool>(writer, atom::finish_v);
  settle();
  caf::anon_send_exit(writer, caf::exit_reason::user_shutdown);
  settle();
  CAF_REQUIRE(done->value.has_value());
  CAF_CHECK(!*done->value);
}

CAF_TEST(past the bound the oldest waiting turns go and finish says so) {
  rows->holding = true;
  for (size_t i = 0; i < limits::turn_updates_max + 11; ++i)
    turn(std::to_string(i), "x", true);
  settle();
  release_rows();
  CAF_CHECK_EQUAL(rows->turns.size(), limits::turn_updates_max + 1);
  const auto stored = table();
  CAF_CHECK(stored.count("call-1") == 0);
  CAF_CHECK(stored.count("call-" + std::to_string(limits::turn_updates_max + 10)) == 1);
  const auto done = ask<bool>(writer, atom::finish_v);
  CAF_CHECK(!done.value.value_or(true));
}

CAF_TEST_FIXTURE_SCOPE_END()
