#define CAF_SUITE recorder
#define FAIL CAF_FAIL
#include "actors/kept_alive.hpp"
#include "actors/recorder.hpp"
#include "conf/defaults/call.hpp"
#include "tests/actors/fakes.hpp"

using namespace switchboard;
using namespace switchboard::actors;
using namespace std::chrono_literals;
namespace limits = switchboard::defaults::call;

namespace {

using codes = std::vector<std::string>;

/// What of a call's actor has to do with its recording: it feeds the journal on each tick, and
/// gives the rest to the recorder.
class feeding : public line_actor {
public:
  feeding(caf::actor_config& cfg, journal_way way)
      : line_actor(cfg, nullptr), feeder_(*this, std::move(way)) {}
  void release() override { feeder_.give_up(); }
  caf::behavior make_behavior() override {
    delayed_send(this, 100ms, atom::tick_v);
    return {
        [this](atom::facts, const record_batch& batch) { feeder_.add(batch); },
        [this](atom::tick) {
          delayed_send(this, 100ms, atom::tick_v);
          feeder_.go_on();
        },
        [this](atom::finish, const caf::actor& recorder) {
          send(recorder, atom::finish_v, feeder_.take());
        },
    };
  }

private:
  journal_feeder feeder_;
};

struct fixture : test::faked_world {
  node_state_ptr node = std::make_shared<node_state>();
  recorder_setup setup;
  caf::actor call, recorder;
  std::shared_ptr<std::optional<caf::error>> ended;

  fixture() {
    setup.journal = {"call", "/recordings/call.journal", disk, feed, node, new_loss()};
    setup.storage_path = "/recordings";
    setup.wav_path = "call.wav";
    setup.sealer = sealer;
    setup.writer = database;
    begin();
  }
  static recording_loss_ptr new_loss() { return std::make_shared<recording_loss>(); }
  void begin() {
    call = keep(sys.spawn<feeding>(setup.journal));
    recorder = keep(spawn_recorder(sys, setup));
    ended = watch(recorder);
    settle();
  }
  void say(uint8_t value, size_t bytes = 1) {
    caf::anon_send(call, atom::facts_v, std::make_shared<std::vector<uint8_t>>(bytes, value));
  }
  /// The call is over: the recorder has the rest.
  void finish() {
    caf::anon_send(call, atom::finish_v, recorder);
    pass(2 * limits::recorder_last_look);
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

CAF_TEST(a recorder that has done its work is not kept until its deadline) {
  caf::actor done = spawn_recorder(sys, setup);
  settle();
  caf::anon_send(call, atom::finish_v, done);
  pass(2 * limits::recorder_last_look);
  CAF_CHECK_EQUAL(rows->recordings.size(), 1u);
  const caf::actor_addr trace = done.address();
  done = nullptr;
  pass(limits::recorder_retry);
  CAF_CHECK(caf::actor_cast<caf::strong_actor_ptr>(trace) == nullptr);
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
    CAF_CHECK(node->recording_ok());
  }
  CAF_CHECK_EQUAL(node->journal_lost_bytes.load(), 0u);
  CAF_CHECK_EQUAL(node->metrics.journal_waiting_bytes.load(), 0);
  CAF_CHECK(node->metrics.journal_lag.sum() >= 500); // the pause before the first new try
}

CAF_TEST(what waits for a disk is counted and gone from the count with the recorder) {
  disk_log->failures = -1;
  say(1, 1000);
  say(2, 500);
  pass(100ms);
  CAF_CHECK_EQUAL(node->metrics.journal_waiting_bytes.load(), 1500);
  finish();
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
  CAF_CHECK(!node->recording_ok());
  CAF_CHECK_EQUAL(events->error_codes().size(), 1u);
  CAF_CHECK_LESS_OR_EQUAL(disk_log->tries, 125u); // one each recorder_retry
  disk_log->failures = 0;
  pass(1000ms);
  CAF_CHECK_EQUAL(written().size(), 600u);
  CAF_CHECK(node->recording_ok());
}

CAF_TEST(past the bound facts are counted as lost and what is kept is written) {
  disk_log->failures = -1;
  constexpr size_t piece = 1024 * 1024;
  for (uint8_t i = 0; i < 12; ++i)
    say(i, piece);
  pass(200ms);
  CAF_CHECK_EQUAL(node->journal_lost_bytes.load(), 12 * piece - limits::recorder_bytes_max);
  CAF_CHECK(events->error_codes() == (codes{"RECORDING_LOST", "RECORDING_FAILED"}));
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

CAF_TEST(a disk that never recovers costs the end of the recording and no more) {
  say(0);
  pass(100ms);
  disk_log->failures = -1;
  pass(2900ms);
  say(1, 1000);
  finish();
  pass(limits::recorder_finish_deadline + 1000ms, 500ms);
  CAF_CHECK(events->error_codes() == (codes{"RECORDING_FAILED", "RECORDING_INCOMPLETE"}));
  CAF_CHECK(written() == counted(1));
  CAF_CHECK_EQUAL(seals->wanted.size(), 1u);
  CAF_REQUIRE_EQUAL(rows->recordings.size(), 1u);
  CAF_CHECK_EQUAL(rows->recordings[0].missing_ms_max, 3000);
  CAF_CHECK_EQUAL(node->journal_lost_bytes.load(), 1000u);
  CAF_CHECK_EQUAL(node->metrics.journal_waiting_bytes.load(), 0);
  CAF_CHECK(ended->has_value());
  CAF_CHECK(node->recording_ok());
}

CAF_TEST(the row tells how long the sound was lost) {
  disk_log->failures = -1;
  say(1, limits::recorder_bytes_max);
  settle();
  for (int i = 0; i < 7; ++i) { // no room for these
    pass(100ms);
    say(2, 1);
  }
  settle();
  disk_log->failures = 0;
  pass(1000ms);
  finish();
  CAF_REQUIRE_EQUAL(rows->recordings.size(), 1u);
  CAF_CHECK_EQUAL(rows->recordings[0].missing_ms_max, 700);
}

CAF_TEST(a recorder that is killed while the call runs costs nothing) {
  say(1);
  pass(400ms);
  caf::anon_send_exit(recorder, caf::exit_reason::kill);
  say(2);
  pass(400ms);
  recorder = keep(spawn_recorder(sys, setup));
  finish();
  CAF_CHECK(written() == (std::vector<uint8_t>{1, 2}));
  CAF_REQUIRE_EQUAL(rows->recordings.size(), 1u);
  CAF_CHECK_EQUAL(rows->recordings[0].missing_ms_max, 0);
}

CAF_TEST(a recorder that is killed at the end leaves what it lost to the next one) {
  disk_log->failures = -1;
  pass(400ms);
  say(1, 1000);
  pass(200ms);
  CAF_CHECK(!node->recording_ok());
  finish();
  CAF_CHECK(!node->recording_ok());
  caf::anon_send_exit(recorder, caf::exit_reason::kill);
  settle();
  CAF_CHECK(node->recording_ok()); // there is nobody any more whom the disk fails
  CAF_CHECK_EQUAL(node->journal_lost_bytes.load(), 1000u);
  disk_log->failures = 0;
  recorder = keep(spawn_recorder(sys, setup));
  say(2);
  finish();
  CAF_REQUIRE_EQUAL(rows->recordings.size(), 1u);
  CAF_CHECK_EQUAL(rows->recordings[0].missing_ms_max, 400);
}

CAF_TEST(one recording that the disk takes again says nothing about another) {
  auto other = setup.journal;
  other.journal_path = "/recordings/other.journal";
  other.loss = new_loss();
  auto second = keep(sys.spawn<feeding>(other));
  disk_log->failures = -1;
  say(1);
  caf::anon_send(second, atom::facts_v, std::make_shared<std::vector<uint8_t>>(1, 1));
  pass(200ms);
  CAF_CHECK_EQUAL(node->recorders_failing.load(), 2u);
  caf::anon_send_exit(second, caf::exit_reason::kill);
  settle();
  CAF_CHECK(!node->recording_ok());
  disk_log->failures = 0;
  pass(1000ms);
  CAF_CHECK(node->recording_ok());
}

CAF_TEST(a call whose recorder is dead counts what it could not give away) {
  disk_log->failures = -1;
  say(1, 1000);
  pass(200ms);
  caf::anon_send_exit(recorder, caf::exit_reason::kill);
  settle();
  finish();
  CAF_CHECK_EQUAL(node->journal_lost_bytes.load(), 1000u);
  CAF_CHECK_EQUAL(node->recordings_left.load(), 1u);
  CAF_CHECK_EQUAL(node->metrics.journal_waiting_bytes.load(), 0);
  CAF_CHECK(node->recording_ok());
}

CAF_TEST(a journal that is closed at the second try is no trouble any more while it is sealed) {
  disk_log->close_failures = 1;
  seals->failures = 1;
  say(1);
  finish();
  CAF_CHECK(!node->recording_ok());
  pass(limits::recorder_retry);
  CAF_CHECK_EQUAL(disk_log->closed.size(), 1u);
  CAF_CHECK(!ended->has_value());
  CAF_CHECK(node->recording_ok());
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

CAF_TEST(a journal that cannot be sealed is reported once and sealed as soon as that works) {
  seals->failures = 4;
  say(1);
  finish();
  CAF_CHECK(events->error_codes() == codes{"RECORDING_NOT_SEALED"});
  CAF_CHECK(!ended->has_value());
  pass(17s); // 1, 2, 4, 8 s, and each step of the recorder
  CAF_CHECK_EQUAL(seals->wanted.size(), 5u);
  CAF_CHECK(events->error_codes() == codes{"RECORDING_NOT_SEALED"});
  CAF_CHECK_EQUAL(rows->recordings.size(), 1u);
  CAF_CHECK(ended->has_value());
  CAF_CHECK_EQUAL(node->recordings_left.load(), 0u);
}

CAF_TEST(a row that cannot be stored is stored later without sealing anew) {
  rows->failures = 3;
  say(1);
  finish();
  CAF_CHECK(events->error_codes() == codes{"RECORDING_NOT_STORED"});
  CAF_CHECK(events->of(feed_type::recording_saved).empty());
  pass(9s);
  CAF_CHECK_EQUAL(seals->wanted.size(), 1u);
  CAF_CHECK_EQUAL(rows->recordings.size(), 1u);
  CAF_CHECK_EQUAL(events->of(feed_type::recording_saved).size(), 1u);
  CAF_CHECK(ended->has_value());
}

CAF_TEST(a recording that can never be made is left to the next start) {
  seals->failures = -1;
  say(1);
  finish();
  pass(69min, 500ms);
  CAF_CHECK_EQUAL(seals->wanted.size(), limits::seal_tries);
  CAF_REQUIRE(ended->has_value());
  CAF_CHECK(**ended == actor_error::disk);
  CAF_CHECK_EQUAL(node->recordings_left.load(), 1u);
  CAF_CHECK_EQUAL(events->error_codes().size(), 1u);
}

CAF_TEST(a node that drains has one more try made and waits for no pause) {
  seals->failures = -1;
  say(1);
  finish();
  pass(60s);
  const auto before = seals->wanted.size();
  node->draining = true;
  pass(1s);
  CAF_CHECK_EQUAL(seals->wanted.size(), before + 1);
  CAF_CHECK(ended->has_value());
  CAF_CHECK_EQUAL(node->recordings_left.load(), 1u);
}

CAF_TEST(a node that drains and has ended its sealer has no more try made) {
  say(1);
  caf::anon_send_exit(sealer, caf::exit_reason::user_shutdown);
  node->draining = true;
  finish();
  settle();
  CAF_CHECK(ended->has_value());
  CAF_CHECK_EQUAL(node->recordings_left.load(), 1u);
  CAF_CHECK_EQUAL(events->error_codes().size(), 1u);
}

CAF_TEST(an append that a slow disk finishes late is written once) {
  using pace = test::fake_disk_log::pace;
  for (const auto slow : {pace::slow_to_take, pace::slow_to_write}) {
    disk_log->journals.clear();
    disk_log->speed = slow;
    for (uint8_t i = 0; i < 10; ++i)
      say(i);
    pass(limits::disk_timeout + 5s, 1s);
    CAF_CHECK(!node->recording_ok());
    disk_log->speed = pace::normal;
    disk_log->catch_up(sys.clock().now());
    for (uint8_t i = 10; i < 20; ++i)
      say(i);
    pass(limits::disk_timeout + 5s, 1s);
    CAF_CHECK(written() == counted(20));
    CAF_CHECK(node->recording_ok());
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

CAF_TEST(a disk writer that dies behind the one who keeps it alive costs a retry and nothing else) {
  auto writers = std::make_shared<std::vector<disk_writer_actor>>();
  setup.journal.disk = keep(keep_alive<disk_writer_actor>(
      sys, "disk writer",
      [this, writers] {
        writers->push_back(sys.spawn(test::fake_disk, disk_log));
        return writers->back();
      },
      node));
  begin();
  for (uint8_t i = 0; i < 9; ++i) {
    if (i % 3 == 1) { // each time another one, which the call talks to itself
      caf::anon_send_exit(writers->back(), caf::exit_reason::kill);
      settle();
    }
    say(i);
    pass(2s);
  }
  finish();
  CAF_CHECK(written() == counted(9));
  CAF_CHECK_EQUAL(writers->size(), 4u);
  CAF_CHECK(events->error_codes() == (codes(3, "RECORDING_FAILED"))); // one for each that died
  CAF_CHECK_EQUAL(rows->recordings.size(), 1u);
  CAF_CHECK(node->recording_ok());
  CAF_CHECK_EQUAL(node->journal_lost_bytes.load(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
