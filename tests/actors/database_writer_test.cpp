#define CAF_SUITE database_writer
#define FAIL CAF_FAIL
#include "actors/actor_error.hpp"
#include "actors/database.hpp"
#include "conf/defaults/database.hpp"
#include "storage/call_store.hpp"
#include "tests/actors/virtual_world.hpp"

#include <caf/all.hpp>

#include <atomic>
#include <future>

using namespace switchboard;
using namespace switchboard::actors;
using namespace std::chrono_literals;
using storage::nothing;
using storage::result;
using storage::storage_error;
using storage::wall_ms;

namespace {

struct store_log {
  std::atomic<int> opens{0}, begins{0}, commits{0}, rollbacks{0}, writes{0};
  std::atomic<int> open_failures{0}, begin_failures{0}, commit_failures{0};
  std::atomic<bool> refuse_rows{false};
  std::atomic<int> own_writes{0}, own_write_failures{0};
  std::promise<void> go;
  std::shared_future<void> gate; // begin() waits for it, if it is valid
  std::promise<void> arrived;    // begin() is waiting
  std::atomic<int> checkpoints{0};
  std::promise<void> tidied; // the first checkpoint was made

  static bool strike(std::atomic<int>& left) {
    if (left == 0)
      return false;
    --left;
    return true;
  }
};
using store_log_ptr = std::shared_ptr<store_log>;

/// Only what the writer uses.
class fake_store : public storage::call_store {
public:
  explicit fake_store(store_log_ptr log) : log_(std::move(log)) {}

  result<nothing> begin() override {
    ++log_->begins;
    if (log_->gate.valid() && log_->begins == 1) {
      log_->arrived.set_value();
      log_->gate.wait();
    }
    if (store_log::strike(log_->begin_failures))
      return {storage_error::busy, "locked"};
    return nothing{};
  }
  result<nothing> commit() override {
    ++log_->commits;
    if (store_log::strike(log_->commit_failures))
      return {storage_error::full, "no space"};
    return nothing{};
  }
  void rollback() override { ++log_->rollbacks; }

  result<storage::call_row> create_call(const storage::call_row& row, wall_ms) override {
    return write(row);
  }
  result<storage::call_row> update_call(const std::string&, const storage::call_update&,
                                        wall_ms) override {
    return {storage_error::not_found, "no such call"};
  }
  result<storage::recording_row> create_recording(const storage::recording_row& row,
                                                  wall_ms) override {
    return write(row);
  }
  result<storage::transcript_row> create_transcript(const storage::transcript_row& row,
                                                    wall_ms) override {
    return write(row);
  }
  result<storage::analytics_row> create_analytics(const storage::analytics_row& row,
                                                  wall_ms) override {
    return write(row);
  }
  result<storage::metadata_row> create_or_update_metadata(const storage::metadata_row& row,
                                                          wall_ms) override {
    return write(row);
  }

  result<storage::erasure> begin_erasure(const std::string& id, const std::string& by,
                                         wall_ms) override {
    if (id == "active")
      return {storage_error::still_active, "goes on"};
    return storage::erasure{id, by, 1, std::nullopt, {"a.wav"}};
  }
  result<nothing> finish_erasure(const std::string&, wall_ms) override {
    ++log_->writes;
    return nothing{};
  }
  result<bool> forget_words(bool first) override { return first; }
  result<nothing> try_write() override {
    ++log_->own_writes;
    if (store_log::strike(log_->own_write_failures))
      return {storage_error::full, "no space"};
    return nothing{};
  }
  result<nothing> checkpoint() override {
    if (++log_->checkpoints == 1)
      log_->tidied.set_value();
    return nothing{};
  }
  result<std::vector<storage::erasure>> get_erasures(wall_ms, int64_t) override { return none(); }
  result<std::vector<std::string>> get_ended_before(wall_ms, int64_t) override { return none(); }

  void set_deadline(std::chrono::steady_clock::time_point) override {}
  result<storage::call_page> search_calls(const storage::call_query&) override { return none(); }
  result<storage::call_row> get_call_by_id(const std::string&) override { return none(); }
  result<storage::call_row> get_call_by_sid(const std::string&) override { return none(); }
  result<storage::call_details> get_call_with_details(const std::string&) override {
    return none();
  }
  result<std::vector<storage::call_row>> get_active_calls() override { return none(); }
  result<storage::analytics_aggregate> get_analytics_aggregate(std::optional<wall_ms>,
                                                               std::optional<wall_ms>) override {
    return none();
  }
  result<std::vector<storage::time_series_point>>
  get_analytics_time_series(std::optional<wall_ms>, std::optional<wall_ms>,
                            storage::bucket) override {
    return none();
  }

private:
  struct no_answer {
    template <class T>
    operator result<T>() const { // NOLINT(google-explicit-constructor)
      return {storage_error::bad_argument, "not for a writer"};
    }
  };
  static no_answer none() { return {}; }

  template <class Row>
  result<Row> write(const Row& row) {
    ++log_->writes;
    if (log_->refuse_rows)
      return {storage_error::io, "refused"};
    return row;
  }

  store_log_ptr log_;
};

struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  store_log_ptr log = std::make_shared<store_log>();
  node_state_ptr node = std::make_shared<node_state>();
  database_writer_actor writer = spawn_database_writer(
      system,
      [log = log]() -> std::unique_ptr<storage::call_store> {
        ++log->opens;
        if (store_log::strike(log->open_failures))
          return nullptr;
        return std::make_unique<fake_store>(log);
      },
      node);

  ~fixture() { self->send_exit(writer, caf::exit_reason::user_shutdown); }

  static storage::call_row row(const std::string& id) {
    storage::call_row out;
    out.id = id;
    return out;
  }
  using answers = std::pair<int, std::vector<caf::error>>; // rows, errors

  /// Sends `count` writes at once and collects the answers.
  answers write(size_t count) {
    answers out{0, {}};
    using handle = decltype(self->request(writer, 30s, atom::putcall_v, row("")));
    std::vector<handle> sent;
    for (size_t i = 0; i < count; ++i)
      sent.push_back(self->request(writer, 30s, atom::putcall_v, row(std::to_string(i))));
    for (auto& one : sent)
      one.receive([&](const storage::call_row&) { ++out.first; },
                  [&](const caf::error& why) { out.second.push_back(why); });
    return out;
  }
  /// Lets the first transaction wait until open_gate().
  void close_gate() { log->gate = log->go.get_future().share(); }
};

} // namespace

namespace {

/// The same writer in virtual time.
struct timed_fixture : test::virtual_world {
  store_log_ptr log = std::make_shared<store_log>();
  database_writer_actor writer = keep(spawn_database_writer(
      sys, [log = log] { return std::make_unique<fake_store>(log); },
      std::make_shared<node_state>(), false));

  void turn() { caf::anon_send(writer, atom::putturn_v, storage::transcript_row{}); }
  void call() { caf::anon_send(writer, atom::putcall_v, storage::call_row{}); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(database_writer_time_tests, timed_fixture)

CAF_TEST(turns wait longer for company than what calls wait for) {
  turn();
  pass(defaults::database::group_window, 1ms);
  turn();
  CAF_CHECK_EQUAL(log->writes.load(), 0);
  pass(defaults::database::turn_window, 1ms);
  CAF_CHECK_EQUAL(log->writes.load(), 2);
  CAF_CHECK_EQUAL(log->commits.load(), 1);
}

CAF_TEST(a call takes the turns that wait along) {
  turn();
  settle();
  call();
  pass(defaults::database::group_window, 1ms);
  CAF_CHECK_EQUAL(log->writes.load(), 2);
  CAF_CHECK_EQUAL(log->commits.load(), 1);
  pass(defaults::database::turn_window, 1ms); // the turn's own time finds nothing to do
  CAF_CHECK_EQUAL(log->commits.load(), 1);
}

CAF_TEST(who waits for a turn has it committed at once) {
  turn();
  caf::anon_send(writer, atom::commit_v);
  settle();
  CAF_CHECK_EQUAL(log->commits.load(), 1);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST_FIXTURE_SCOPE(database_writer_tests, fixture)

CAF_TEST(writes that arrive together share commits and each gets its own answer) {
  close_gate();
  std::thread opener{[this] {
    log->arrived.get_future().wait();
    log->go.set_value(); // by then most of the writes wait in the mailbox
  }};
  const auto done = write(500);
  opener.join();
  CAF_CHECK_EQUAL(done.first, 500);
  CAF_CHECK_EQUAL(log->writes.load(), 500);
  CAF_CHECK_LESS(log->commits.load(), 100);
  CAF_CHECK_EQUAL(log->begins.load(), log->commits.load());
  CAF_CHECK_EQUAL(log->opens.load(), 1);
  CAF_CHECK(node->database_ok);
  CAF_CHECK_EQUAL(node->metrics.batch_writes.sum(), 500u);
}

CAF_TEST(a commit that fails answers all of its group and the next group opens anew) {
  log->commit_failures = 1;
  close_gate(); // so that the first group is known: what came within its window
  log->go.set_value();
  const auto failed = write(1);
  CAF_REQUIRE_EQUAL(failed.second.size(), 1u);
  CAF_CHECK(failed.second[0] == actor_error::database);
  CAF_CHECK_EQUAL(log->rollbacks.load(), 1);
  CAF_CHECK(!node->database_ok);
  CAF_CHECK_EQUAL(node->metrics.database_failures.load(), 1u);
  const auto healed = write(10);
  CAF_CHECK_EQUAL(healed.first, 10);
  CAF_CHECK_EQUAL(log->opens.load(), 2);
  CAF_CHECK(node->database_ok);
}

CAF_TEST(no write of a failed group is told that it was stored) {
  log->commit_failures = 1'000'000;
  const auto failed = write(300);
  CAF_CHECK_EQUAL(failed.first, 0);
  CAF_CHECK_EQUAL(failed.second.size(), 300u);
  for (auto& why : failed.second)
    CAF_CHECK(why == actor_error::database);
}

CAF_TEST(a transaction that cannot start fails its writes without running them) {
  log->begin_failures = 1;
  CAF_CHECK_EQUAL(write(1).second.size(), 1u);
  CAF_CHECK_EQUAL(log->writes.load(), 0);
  CAF_CHECK_EQUAL(write(1).first, 1);
}

CAF_TEST(a database that cannot be opened is tried again with the next write) {
  log->open_failures = 2;
  CAF_CHECK_EQUAL(write(1).second.size(), 1u);
  CAF_CHECK_EQUAL(write(1).second.size(), 1u);
  CAF_CHECK_EQUAL(write(1).first, 1);
  CAF_CHECK_EQUAL(log->opens.load(), 3);
}

CAF_TEST(one change that fails does not fail the others of its group) {
  caf::error update_failed;
  auto update =
      self->request(writer, 30s, atom::updcall_v, std::string{"x"}, storage::call_update{});
  auto create = self->request(writer, 30s, atom::putcall_v, row("a"));
  update.receive([](const storage::call_row&) { CAF_ERROR("an unknown call was updated"); },
                 [&](caf::error& why) { update_failed = std::move(why); });
  create.receive([](const storage::call_row& stored) { CAF_CHECK_EQUAL(stored.id, "a"); },
                 [](const caf::error& why) { CAF_ERROR(caf::to_string(why)); });
  CAF_CHECK(update_failed == actor_error::not_found);
  CAF_CHECK_EQUAL(log->opens.load(), 1);
  log->refuse_rows = true;
  const auto refused = write(1);
  CAF_REQUIRE_EQUAL(refused.second.size(), 1u);
  CAF_CHECK(refused.second[0] == actor_error::database);
  CAF_CHECK_EQUAL(log->opens.load(), 1); // the database itself is fine
}

CAF_TEST(past its bound the writer answers busy at once) {
  close_gate();
  auto first = self->request(writer, 30s, atom::putcall_v, row("first"));
  CAF_REQUIRE(log->arrived.get_future().wait_for(10s) == std::future_status::ready);
  constexpr size_t extra = 1000;
  using handle = decltype(self->request(writer, 30s, atom::putcall_v, row("")));
  std::vector<handle> sent;
  for (size_t i = 0; i < defaults::database::writer_queue_max + extra; ++i)
    sent.push_back(self->request(writer, 30s, atom::putcall_v, row("")));
  log->go.set_value();
  size_t stored = 0, busy = 0;
  for (auto& one : sent)
    one.receive([&](const storage::call_row&) { ++stored; },
                [&](const caf::error& why) { busy += why == actor_error::busy ? 1 : 0; });
  first.receive([](const storage::call_row&) {}, [](const caf::error&) {});
  CAF_CHECK_GREATER(busy, 0u);
  CAF_CHECK_LESS_OR_EQUAL(busy, extra);
  CAF_CHECK_EQUAL(stored + busy, sent.size());
}

CAF_TEST(a writer that is stopped commits what it has) {
  auto last = self->request(writer, 30s, atom::putcall_v, row("last"));
  self->send_exit(writer, caf::exit_reason::user_shutdown);
  bool stored = false;
  last.receive([&](const storage::call_row&) { stored = true; }, [](const caf::error&) {});
  // The exit may overtake the write, which is refused then; it is never lost in silence.
  CAF_CHECK_EQUAL(stored, log->commits.load() > 0);
}

CAF_TEST(an erasure is begun and finished in commits of their own) {
  self->request(writer, 10s, atom::erase_v, std::string{"id"}, std::string{"ann"})
      .receive([](const storage::erasure& what) { CAF_CHECK_EQUAL(what.requested_by, "ann"); },
               [](const caf::error& why) { CAF_FAIL(caf::to_string(why)); });
  self->request(writer, 10s, atom::erase_v, std::string{"active"}, std::string{"ann"})
      .receive([](const storage::erasure&) { CAF_FAIL("it goes on"); },
               [](const caf::error& why) { CAF_CHECK(why == actor_error::still_active); });
  self->request(writer, 10s, atom::erased_v, std::string{"id"})
      .receive([](bool done) { CAF_CHECK(done); },
               [](const caf::error& why) { CAF_FAIL(caf::to_string(why)); });
  CAF_CHECK_EQUAL(log->commits.load(), 3);
}

CAF_TEST(a writer that failed sees by itself that the database works again) {
  log->commit_failures = 1;
  log->own_write_failures = 1;
  auto tidied = log->tidied.get_future();
  CAF_CHECK_EQUAL(write(1).second.size(), 1u);
  CAF_CHECK(!node->database_ok);
  CAF_REQUIRE(tidied.wait_for(60s) == std::future_status::ready); // only a database that works
  CAF_CHECK(node->database_ok);
  CAF_CHECK_EQUAL(log->own_writes.load(), 2);
  CAF_CHECK_EQUAL(node->metrics.database_failures.load(), 2u);
}

CAF_TEST(a row that the disk refuses tells of the database though its group is committed) {
  log->refuse_rows = true;
  CAF_CHECK_EQUAL(write(1).second.size(), 1u);
  CAF_CHECK(!node->database_ok);
  log->refuse_rows = false;
  CAF_CHECK_EQUAL(write(1).first, 1);
  CAF_CHECK(node->database_ok);
}

CAF_TEST(an idle writer empties the write ahead log once) {
  auto tidied = log->tidied.get_future();
  self->request(writer, 10s, atom::erased_v, std::string{"id"})
      .receive([](bool) {}, [](const caf::error& why) { CAF_FAIL(caf::to_string(why)); });
  CAF_CHECK_EQUAL(log->checkpoints.load(), 0);
  CAF_REQUIRE(tidied.wait_for(60s) == std::future_status::ready);
}

CAF_TEST_FIXTURE_SCOPE_END()
