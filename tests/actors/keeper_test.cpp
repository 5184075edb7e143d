#define CAF_SUITE keeper
#define FAIL CAF_FAIL
#include "actors/keeper.hpp"
#include "actors/wall_clock.hpp"
#include "conf/defaults/keeper.hpp"
#include "storage/call_store.hpp"
#include "storage/recording_names.hpp"
#include "tests/actors/fakes.hpp"
#include "tests/storage/temporary_directory.hpp"

#include <fcntl.h>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::test;
namespace fs = std::filesystem;

namespace {

constexpr int64_t day_ms = 24ll * 3'600'000;

/// A keeper in virtual time over a real database and real files.
struct fixture : virtual_world {
  temporary_directory root;
  std::string recordings = root / "recordings";
  std::shared_ptr<storage::call_store> store;
  std::shared_ptr<fake_rows> rows = std::make_shared<fake_rows>();
  std::shared_ptr<fake_events> events = std::make_shared<fake_events>();
  event_feed_actor feed = keep(sys.spawn(fake_feed, events));
  faults writer_faults;
  database_writer_actor writer;
  database_reader_actor reader;
  keeper_actor subject;

  fixture() {
    auto opened = storage::open_call_store({root / "data/switchboard.db"});
    CAF_REQUIRE(opened);
    store = std::move(*opened);
    fs::create_directories(recordings);
    rows->begin_erasure = [this](const std::string& id,
                                 const std::string& by) -> caf::result<storage::erasure> {
      auto done = store->begin_erasure(id, by, wall_now_ms());
      if (done)
        return *done;
      return make_error(done.code() == storage::storage_error::still_active
                            ? actor_error::still_active
                            : actor_error::not_found);
    };
    rows->finish_erasure = [this](const std::string& id) -> caf::result<bool> {
      if (writer_faults.strike())
        return make_error(actor_error::database);
      return static_cast<bool>(store->finish_erasure(id, wall_now_ms()));
    };
    writer = keep(sys.spawn(fake_database, rows));
    reader = keep(sys.spawn([s = store](database_reader_actor::pointer) {
      return database_reader_actor::behavior_type{
          [s](atom::job, const read_job& job) { return job(*s); }};
    }));
  }

  void start(uint32_t retention_days = 0, uint32_t journal_retention_h = 24) {
    subject = keep(sys.spawn(keeper, keeper_setup{writer, reader, recordings, journal_retention_h,
                                                  retention_days, feed}));
    settle();
  }

  /// @returns the id of an ended call, `age_days` old, with its recording.
  std::string call(const std::string& sid, int64_t age_days,
                   storage::call_status status = storage::call_status::completed) {
    storage::call_row row;
    row.call_sid = sid;
    row.status = status;
    row.start_time = wall_now_ms() - age_days * day_ms;
    const auto made = store->create_call(row, row.start_time);
    CAF_REQUIRE(made);
    storage::recording_row recording;
    recording.call_id = made->id;
    recording.file_path = "2026-01-01/" + made->id + ".wav";
    CAF_REQUIRE(store->create_recording(recording, row.start_time));
    put(recording.file_path);
    return made->id;
  }
  void put(const std::string& name) const {
    fs::create_directories(fs::path{recordings + "/" + name}.parent_path());
    write_file(recordings + "/" + name, {'x'});
  }
  bool row_is_there(const std::string& id) { return static_cast<bool>(store->get_call_by_id(id)); }
  bool file_is_there(const std::string& id) const {
    return fs::exists(recordings + "/2026-01-01/" + id + ".wav");
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(keeper_tests, fixture)

CAF_TEST(a call is erased with its files when somebody asks) {
  start();
  const auto id = call("CA1", 0);
  CAF_CHECK(ask<bool>(subject, atom::erase_v, id, std::string{"api:ann"}).value == true);
  CAF_CHECK(!row_is_there(id));
  CAF_CHECK(!file_is_there(id));
  CAF_CHECK(events->erased == (std::vector<std::string>{id}));
  const auto again = ask<bool>(subject, atom::erase_v, id, std::string{"api:ann"});
  CAF_REQUIRE(again.failed);
  CAF_CHECK(*again.failed == actor_error::not_found);
}

CAF_TEST(a call that goes on is refused) {
  start();
  const auto id = call("CA1", 0, storage::call_status::active);
  const auto answer = ask<bool>(subject, atom::erase_v, id, std::string{"api:ann"});
  CAF_REQUIRE(answer.failed);
  CAF_CHECK(*answer.failed == actor_error::still_active);
  CAF_CHECK(file_is_there(id));
  CAF_CHECK(events->erased.empty()); // its updates go on
}

CAF_TEST(an erasure that was cut short before its files is finished at the start) {
  const auto id = call("CA1", 0);
  CAF_REQUIRE(store->begin_erasure(id, "api:ann", wall_now_ms()));
  start();
  CAF_CHECK(!row_is_there(id));
  CAF_CHECK(!file_is_there(id));
}

CAF_TEST(an erasure that was cut short after its files is finished later) {
  start();
  const auto id = call("CA1", 0);
  writer_faults.failures = 1;
  CAF_CHECK(ask<bool>(subject, atom::erase_v, id, std::string{"api:ann"}).failed);
  CAF_CHECK(row_is_there(id));
  CAF_CHECK(!file_is_there(id));
  pass(defaults::keeper::interval, std::chrono::minutes{1});
  CAF_CHECK(!row_is_there(id));
}

CAF_TEST(a row stays while a file of the call cannot be removed) {
  start();
  const auto id = call("CA1", 0);
  chmod((recordings + "/2026-01-01").c_str(), 0555);
  {
    without_privilege user;
    const auto answer = ask<bool>(subject, atom::erase_v, id, std::string{"api:ann"});
    CAF_REQUIRE(answer.failed);
    CAF_CHECK(*answer.failed == actor_error::disk);
  }
  CAF_CHECK(row_is_there(id));
  chmod((recordings + "/2026-01-01").c_str(), 0755);
  pass(defaults::keeper::interval, std::chrono::minutes{1});
  CAF_CHECK(!row_is_there(id));
  CAF_CHECK(!file_is_there(id));
}

CAF_TEST(a file that a recorder puts back is removed in the next round) {
  start();
  const auto id = call("CA1", 0);
  ask<bool>(subject, atom::erase_v, id, std::string{"api:ann"});
  const auto found = store->get_erasures(0, 10);
  CAF_REQUIRE_EQUAL(found->size(), 1u);
  const auto date = storage::recording_date(found->front().start_time);
  put(date + "/" + id + ".wav");
  pass(defaults::keeper::interval, std::chrono::minutes{1});
  CAF_CHECK(!fs::exists(recordings + "/" + date + "/" + id + ".wav"));
}

CAF_TEST(erased words leave the search index in the next round step by step) {
  std::vector<bool> steps;
  rows->forget_words = [&](bool first) -> caf::result<bool> {
    steps.push_back(first);
    return steps.size() % 3 != 0;
  };
  start();
  pass(std::chrono::seconds{2});
  CAF_CHECK_EQUAL(steps.size(), 3u); // what an earlier process may have left
  pass(defaults::keeper::interval, std::chrono::minutes{1});
  CAF_CHECK_EQUAL(steps.size(), 3u); // nothing was erased since
  ask<bool>(subject, atom::erase_v, call("CA1", 0), std::string{"api:ann"});
  pass(defaults::keeper::interval, std::chrono::minutes{1});
  pass(std::chrono::seconds{2});
  CAF_CHECK(steps == (std::vector<bool>{true, false, false, true, false, false}));
}

CAF_TEST(calls past their retention go and the others stay) {
  const auto old = call("CA1", 31);
  const auto young = call("CA2", 29);
  const auto active = call("CA3", 31, storage::call_status::active);
  start(30);
  CAF_CHECK(!row_is_there(old));
  CAF_CHECK(!file_is_there(old));
  CAF_CHECK(row_is_there(young));
  CAF_CHECK(file_is_there(young));
  CAF_CHECK(row_is_there(active));
}

CAF_TEST(without a retention nothing goes) {
  const auto old = call("CA1", 10'000);
  start(0);
  pass(defaults::keeper::interval * 2, std::chrono::minutes{1});
  CAF_CHECK(row_is_there(old));
}

CAF_TEST(a backlog longer than a batch goes all the same) {
  for (int64_t i = 0; i < defaults::keeper::batch_max * 2 + 3; ++i)
    call("CA" + std::to_string(i), 40);
  start(30);
  const auto left = store->search_calls({});
  CAF_REQUIRE(left);
  CAF_CHECK_EQUAL(left->total, 0);
}

CAF_TEST(a call that cannot be erased does not stop the others nor turn in circles) {
  const auto stuck = call("CA1", 40);
  const auto old = call("CA2", 35);
  writer_faults.failures = 1;
  start(30);
  CAF_CHECK(row_is_there(stuck));
  CAF_CHECK(!row_is_there(old));
  pass(defaults::keeper::interval, std::chrono::minutes{1});
  CAF_CHECK(!row_is_there(stuck));
}

CAF_TEST(journals past their retention are swept at the start and later on) {
  const auto age = [&](const std::string& name, int64_t hours) {
    put(name);
    const timespec written{wall_now_ms() / 1000 - hours * 3600, 0};
    const timespec times[2] = {written, written};
    CAF_REQUIRE_EQUAL(utimensat(AT_FDCWD, (recordings + "/" + name).c_str(), times, 0), 0);
  };
  put("2026-01-01/a.wav");
  put("2026-01-01/b.wav");
  age("2026-01-01/a.journal", 25);
  age("2026-01-01/b.journal", 1);
  start();
  CAF_CHECK(!fs::exists(recordings + "/2026-01-01/a.journal"));
  CAF_CHECK(fs::exists(recordings + "/2026-01-01/b.journal"));
  age("2026-01-01/b.journal", 25);
  pass(defaults::keeper::interval, std::chrono::minutes{1});
  CAF_CHECK(!fs::exists(recordings + "/2026-01-01/b.journal"));
}

CAF_TEST_FIXTURE_SCOPE_END()
