#include "actors/actor_error.hpp"
#include "actors/database.hpp"
#include "actors/wall_clock.hpp"
#include "conf/defaults/database.hpp"
#include "conf/log.hpp"
#include "storage/call_store.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <optional>

namespace switchboard::actors {

namespace {

using store = storage::call_store;

/// What a write may change: a call's id (empty = none that is known) and row_aspect bits.
struct touched {
  std::string call_id;
  uint8_t aspects = 0;
};

/// One write: runs inside the group's transaction, answers after the commit.
struct pending_write {
  std::function<storage::storage_error(store&)> run; // deliver tells the requester
  std::function<void(bool committed)> deliver;
  touched what;
};

struct writer_state {
  explicit writer_state(database_writer_actor::pointer self_ptr) : self(self_ptr) {}

  template <class Row>
  caf::result<Row> submit(touched what, std::function<storage::result<Row>(store&)> change,
                          std::chrono::milliseconds patience = defaults::database::group_window);
  void commit_within(std::chrono::milliseconds patience);
  void commit_group();
  void tidy();
  void schedule_tidy();
  bool run_group(std::vector<pending_write>& group);
  bool ready();
  void look_again();
  void tell_health(bool works);

  database_writer_actor::pointer self;
  store_factory open;
  node_state_ptr node;
  std::unique_ptr<store> db;
  std::vector<pending_write> group;
  std::optional<caf::actor_clock::time_point> commit_due; // of the group; none: nobody waits
  bool tidy_scheduled = false;
  bool disk_fails = false; // some write of the latest group met it, though the group was committed
  caf::actor_clock::time_point last_commit{};
  static inline const char* name = "database_writer";
};

/// Answers once the group that the change belongs to is committed.
template <class Row>
caf::result<Row> writer_state::submit(touched what,
                                      std::function<storage::result<Row>(store&)> change,
                                      std::chrono::milliseconds patience) {
  if (self->mailbox().size() >= defaults::database::writer_queue_max)
    return make_error(actor_error::busy);
  auto promise = self->make_response_promise<Row>();
  auto outcome = std::make_shared<storage::result<Row>>(storage::storage_error::io, "not run");
  group.push_back(
      {[outcome, change = std::move(change)](store& s) {
         *outcome = change(s);
         if (!*outcome)
           log::warn("database", "change failed",
                     {{"code", storage::to_string(outcome->code())}, {"what", outcome->detail()}});
         return *outcome ? storage::storage_error::none : outcome->code();
       },
       [promise, outcome](bool committed) mutable {
         if (committed && *outcome)
           promise.deliver(std::move(**outcome));
         else if (committed && outcome->code() == storage::storage_error::not_found)
           promise.deliver(make_error(actor_error::not_found));
         else if (committed && outcome->code() == storage::storage_error::still_active)
           promise.deliver(make_error(actor_error::still_active));
         else
           promise.deliver(make_error(actor_error::database, storage::to_string(outcome->code())));
       },
       std::move(what)});
  if (group.size() >= defaults::database::group_max)
    commit_group();
  else
    commit_within(patience);
  return promise;
}

/// A commit that was due later comes all the same, and finds less to do or nothing.
void writer_state::commit_within(std::chrono::milliseconds patience) {
  const auto due = self->home_system().clock().now() + patience;
  if (commit_due && *commit_due <= due)
    return;
  commit_due = due;
  self->delayed_send(self, patience, atom::commit_v);
}

/// Whether an error tells of the database and not of the row.
bool is_of_disk(storage::storage_error code) {
  using storage::storage_error;
  return code == storage_error::full || code == storage_error::io ||
         code == storage_error::read_only || code == storage_error::corrupt ||
         code == storage_error::busy;
}

void writer_state::tell_health(bool works) {
  const bool before = node->database_ok.exchange(works);
  if (works && !before)
    log::info("database", "writing works again", {});
  if (!works)
    ++node->metrics.database_failures;
}

/// Nobody may come whose write would show that the database works again: one of our own does.
void writer_state::look_again() {
  const bool begun = ready() && db->begin();
  const bool works = begun && db->try_write() && db->commit();
  if (begun && !works)
    db->rollback();
  if (!works)
    db.reset();
  tell_health(works);
}

bool writer_state::ready() {
  if (db == nullptr)
    db = open();
  return db != nullptr;
}

bool writer_state::run_group(std::vector<pending_write>& writes) {
  disk_fails = false;
  if (!ready())
    return false;
  auto begun = db->begin();
  if (!begun) {
    log::error("database", "transaction could not start", {{"what", begun.detail()}});
    return false;
  }
  for (auto& write : writes)
    disk_fails |= is_of_disk(write.run(*db));
  auto committed = db->commit();
  if (committed)
    return true;
  log::error("database", "commit failed", {{"what", committed.detail()}});
  db->rollback();
  return false;
}

void writer_state::commit_group() {
  commit_due.reset();
  if (group.empty())
    return;
  auto writes = std::move(group);
  group.clear();
  auto& metrics = node->metrics;
  metrics.batch_writes.observe(writes.size());
  metrics.database_queue = self->mailbox().size();
  const auto begun = std::chrono::steady_clock::now();
  const bool committed = run_group(writes);
  const auto took = std::chrono::steady_clock::now() - begun;
  metrics.commit_time.observe(
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  tell_health(committed && !disk_fails);
  for (auto& write : writes) // before any requester hears of it: what it reads next is not older
    node->versions.touch(write.what.call_id, write.what.aspects);
  if (!committed)
    db.reset(); // the next group opens a new connection: a passing fault heals by itself
  for (auto& write : writes)
    write.deliver(committed);
  last_commit = self->home_system().clock().now();
  schedule_tidy();
}

void writer_state::schedule_tidy() {
  if (tidy_scheduled)
    return;
  tidy_scheduled = true;
  const auto pause = node->database_ok ? defaults::database::idle_before_checkpoint
                                       : defaults::database::probe_interval;
  self->delayed_send(self, pause, atom::tidy_v);
}

/// An idle writer empties the write-ahead log: a restart has less to read, a copy of the file is
/// whole. One whose database does not work looks whether it does again.
void writer_state::tidy() {
  tidy_scheduled = false;
  if (!node->database_ok) {
    look_again();
    schedule_tidy();
    return;
  }
  const auto idle = self->home_system().clock().now() - last_commit;
  if (!group.empty() || idle < defaults::database::idle_before_checkpoint) {
    schedule_tidy();
    return;
  }
  if (db == nullptr)
    return;
  if (auto done = db->checkpoint(); !done)
    log::warn("database", "checkpoint failed", {{"what", done.detail()}});
}

uint8_t aspects_of(const storage::call_update& change) {
  const bool status = change.status || change.end_time || change.duration_s;
  return static_cast<uint8_t>((status ? rows_status : 0) | (change.notes ? rows_words : 0));
}

database_writer_actor::behavior_type
writer(database_writer_actor::stateful_pointer<writer_state> self, store_factory open,
       node_state_ptr node) {
  auto& state = self->state;
  state.open = std::move(open);
  state.node = std::move(node);
  self->set_exit_handler([self](caf::exit_msg& stop) {
    self->state.commit_group();
    self->quit(std::move(stop.reason));
  });
  return {
      [&state](atom::putcall, const storage::call_row& row) {
        return state.submit<storage::call_row>(
            {row.id, rows_all}, [row](store& s) { return s.create_call(row, wall_now_ms()); });
      },
      [&state](atom::updcall, const std::string& id, const storage::call_update& change) {
        return state.submit<storage::call_row>({id, aspects_of(change)}, [id, change](store& s) {
          return s.update_call(id, change, wall_now_ms());
        });
      },
      [&state](atom::putrec, const storage::recording_row& row) {
        return state.submit<storage::recording_row>(
            {row.call_id, 0}, [row](store& s) { return s.create_recording(row, wall_now_ms()); });
      },
      [&state](atom::putturn, const storage::transcript_row& row) {
        return state.submit<storage::transcript_row>(
            {row.call_id, rows_words},
            [row](store& s) { return s.create_transcript(row, wall_now_ms()); },
            defaults::database::turn_window);
      },
      [&state](atom::putstats, const storage::analytics_row& row) {
        return state.submit<storage::analytics_row>({row.call_id, rows_feeling}, [row](store& s) {
          return s.create_analytics(row, wall_now_ms());
        });
      },
      [&state](atom::putmeta, const storage::metadata_row& row) {
        return state.submit<storage::metadata_row>({row.call_id, 0}, [row](store& s) {
          return s.create_or_update_metadata(row, wall_now_ms());
        });
      },
      [&state](atom::erase, const std::string& id, const std::string& by) {
        return state.submit<storage::erasure>(
            {}, [id, by](store& s) { return s.begin_erasure(id, by, wall_now_ms()); });
      },
      [&state](atom::erased, const std::string& id) {
        return state.submit<bool>({id, rows_all}, [id](store& s) -> storage::result<bool> {
          auto done = s.finish_erasure(id, wall_now_ms());
          return done ? storage::result<bool>(true)
                      : storage::result<bool>(done.code(), done.detail());
        });
      },
      [&state](atom::forget, bool first) {
        return state.submit<bool>({}, [first](store& s) { return s.forget_words(first); });
      },
      [&state](atom::tidy) { state.tidy(); },
      [&state](atom::commit) { state.commit_group(); },
  };
}

} // namespace

database_writer_actor spawn_database_writer(caf::actor_system& system, store_factory open,
                                            node_state_ptr node, bool detached) {
  return detached ? system.spawn<caf::detached>(writer, std::move(open), std::move(node))
                  : system.spawn(writer, std::move(open), std::move(node));
}

} // namespace switchboard::actors
