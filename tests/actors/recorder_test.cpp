#define CAF_SUITE recorder
#define FAIL CAF_FAIL
#include "actors/recorder.hpp"
#include "conf/defaults/call.hpp"
#include "tests/actors/fakes.hpp"

using namespace switchboard;
using namespace switchboard::actors;
using namespace std::chrono_literals;
namespace limits = switchboard::defaults::call;

namespace {

struct fixture : test::faked_world {
  node_state_ptr node = std::make_shared<node_state>();
  caf::actor recorder;
  std::shared_ptr<std::optional<caf::error>> ended;

  fixture() {
    recorder_setup setup;
    setup.call_id = "call";
    setup.storage_path = "/recordings";
    setup.journal_path = "/recordings/call.journal";
    setup.wav_path = "call.wav";
    setup.disk = disk;
    setup.sealer = sealer;
    setup.writer = database;
    setup.feed = feed;
    setup.node = node;
    recorder = keep(spawn_recorder(sys, setup));
    ended = watch(recorder);
    settle();
  }
  void say(uint8_t value, size_t bytes = 1) {
    caf::anon_send(recorder, atom::facts_v, std::make_shared<std::vector<uint8_t>>(bytes, value));
  }
  void finish() {
    caf::anon_send(recorder, atom::finish_v);
    settle();
  }
  const std::vector<uint8_t>& written() { return disk_log->journals["/recordings/call.journal"]; }
  std::vector<uint8_t> counted(uint8_t to) {
    std::vector<uint8_t> all;
    for (uint8_t i = 0; i < to; ++i)
      all.push_back(i);
    return all;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(recorder_tests, fixture)

CAF_TEST(facts are written in order and the end is sealed and stored and announced) {
  CAF_CHECK_EQUAL(node->recorders.load(), 1u);
  for (uint8_t i = 0; i < 50; ++i)
    say(i);
  finish();
  CAF_CHECK(written() == counted(50));
  CAF_CHECK_EQUAL(disk_log->closed.size(), 1u);
  CAF_REQUIRE_EQUAL(seals->wanted.size(), 1u);
  CAF_CHECK_EQUAL(seals->wanted[0].journal_path, "/recordings/call.journal");
  CAF_CHECK_EQUAL(seals->wanted[0].wav_path, "call.wav");
  CAF_REQUIRE_EQUAL(rows->recordings.size(), 1u);
  CAF_CHECK_EQUAL(rows->recordings[0].call_id, "call");
  CAF_CHECK_EQUAL(events->of(feed_type::recording_saved).size(), 1u);
  CAF_CHECK(ended->has_value());
  CAF_CHECK_EQUAL(node->recorders.load(), 0u);
}

CAF_TEST(a disk that fails for a while loses nothing and disorders nothing) {
  for (int failures = 1; failures <= 6; ++failures) {
    disk_log->failures = failures;
    disk_log->journals.clear();
    for (uint8_t i = 0; i < 30; ++i) {
      say(i);
      pass(100ms);
    }
    pass(5000ms);
    CAF_CHECK(written() == counted(30));
    CAF_CHECK(node->recording_ok);
  }
  CAF_CHECK_EQUAL(node->journal_lost_bytes.load(), 0u);
  CAF_CHECK_EQUAL(node->metrics.journal_waiting_bytes.load(), 0);
  CAF_CHECK(node->metrics.journal_lag.sum() >= 500); // the pause before the first new try
}

CAF_TEST(what waits for a disk is counted and gone from the count with the recorder) {
  disk_log->failures = -1;
  say(1, 1000);
  say(2, 500);
  settle();
  CAF_CHECK_EQUAL(node->metrics.journal_waiting_bytes.load(), 1500);
  caf::anon_send_exit(recorder, caf::exit_reason::kill);
  settle();
  CAF_CHECK_EQUAL(node->metrics.journal_waiting_bytes.load(), 0);
}

CAF_TEST(a failing disk is told of once and not besieged) {
  disk_log->failures = -1;
  for (int i = 0; i < 600; ++i) { // a minute of ticks
    say(1);
    pass(100ms);
  }
  CAF_CHECK(!node->recording_ok);
  CAF_CHECK_EQUAL(events->error_codes().size(), 1u);
  CAF_CHECK_LESS_OR_EQUAL(disk_log->tries, 125u); // one each recorder_retry
  disk_log->failures = 0;
  pass(1000ms);
  CAF_CHECK_EQUAL(written().size(), 600u);
  CAF_CHECK(node->recording_ok);
}

CAF_TEST(past the bound facts are counted as lost and what is kept is written) {
  disk_log->failures = -1;
  constexpr size_t piece = 1024 * 1024;
  for (uint8_t i = 0; i < 12; ++i)
    say(i, piece);
  pass(100ms);
  CAF_CHECK_EQUAL(node->journal_lost_bytes.load(), 12 * piece - limits::recorder_bytes_max);
  CAF_CHECK(events->error_codes() == std::vector<std::string>{"RECORDING_FAILED"});
  disk_log->failures = 0;
  finish();
  pass(1000ms);
  CAF_CHECK_EQUAL(written().size(), limits::recorder_bytes_max);
  CAF_CHECK_EQUAL(written().front(), 0);
  CAF_CHECK_EQUAL(rows->recordings.size(), 1u);
}

CAF_TEST(the end waits for a failing disk and then completes) {
  disk_log->failures = 10;
  say(1);
  finish();
  CAF_CHECK(seals->wanted.empty());
  pass(10'000ms);
  CAF_CHECK_EQUAL(written().size(), 1u);
  CAF_CHECK_EQUAL(rows->recordings.size(), 1u);
  CAF_CHECK(ended->has_value());
}

CAF_TEST(a disk that never recovers costs the end of the recording and not the actor) {
  disk_log->failures = -1;
  say(1);
  finish();
  pass(limits::recorder_finish_deadline + 1000ms, 500ms);
  CAF_REQUIRE(ended->has_value());
  CAF_CHECK(**ended == actor_error::disk);
  CAF_CHECK(events->error_codes().back() == "RECORDING_INCOMPLETE");
}

CAF_TEST(a journal that cannot be closed is sealed as it is) {
  disk_log->close_failures = -1;
  say(1);
  finish();
  pass(limits::recorder_finish_deadline + 1000ms, 500ms);
  CAF_CHECK_EQUAL(seals->wanted.size(), 1u);
  CAF_CHECK_EQUAL(rows->recordings.size(), 1u);
  CAF_CHECK(ended->has_value());
}

CAF_TEST(a journal that cannot be sealed is reported) {
  seals->failures = 1;
  say(1);
  finish();
  CAF_CHECK(events->error_codes() == std::vector<std::string>{"RECORDING_NOT_SEALED"});
  CAF_CHECK(ended->has_value());
}

CAF_TEST(a row that cannot be stored is reported) {
  rows->failures = 1;
  say(1);
  finish();
  CAF_CHECK(events->error_codes() == std::vector<std::string>{"RECORDING_NOT_STORED"});
  CAF_CHECK(events->of(feed_type::recording_saved).empty());
  CAF_CHECK(ended->has_value());
}

CAF_TEST(an append that a slow disk finishes late is written once) {
  using pace = test::fake_disk_log::pace;
  for (const auto slow : {pace::slow_to_take, pace::slow_to_write}) {
    disk_log->journals.clear();
    disk_log->speed = slow;
    for (uint8_t i = 0; i < 10; ++i)
      say(i);
    pass(limits::disk_timeout + 5s, 1s);
    CAF_CHECK(!node->recording_ok);
    disk_log->speed = pace::normal;
    disk_log->catch_up();
    for (uint8_t i = 10; i < 20; ++i)
      say(i);
    pass(limits::disk_timeout + 5s, 1s);
    CAF_CHECK(written() == counted(20));
    CAF_CHECK(node->recording_ok);
  }
}

CAF_TEST(a disk writer that dies in the middle of a slow append costs a retry and nothing else) {
  disk_log->speed = test::fake_disk_log::pace::slow_to_write;
  say(0);
  pass(limits::disk_timeout + 1s, 1s);
  disk_log->late.clear(); // its last handle is gone
  disk_log->speed = test::fake_disk_log::pace::normal;
  pass(5s);
  CAF_CHECK(written() == counted(1));
}

CAF_TEST_FIXTURE_SCOPE_END()
