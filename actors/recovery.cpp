#include "actors/recovery.hpp"

#include "actors/actor_error.hpp"
#include "actors/row_end.hpp"
#include "actors/wall_clock.hpp"
#include "conf/defaults/call.hpp"
#include "conf/defaults/database.hpp"
#include "conf/log.hpp"
#include "storage/call_store.hpp"

#include <caf/all.hpp>

#include <deque>
#include <unordered_map>
#include <unordered_set>

namespace switchboard::actors {

namespace {

namespace limits = defaults::call;
using storage::storage_error;

/// One call to finish.
struct task {
  std::string call_id;
  std::string stem;    ///< of its journal; empty = look for it
  bool active = false; ///< its row may be active: nobody else finishes it
  unsigned tries = 0;
};

struct recovery_state {
  explicit recovery_state(recovery_actor::pointer self_ptr) : self(self_ptr) {}

  void add(task next);
  void found(task next);
  void add_all();
  void work();
  void done(bool well);
  void try_again();
  void take_up_again();
  void rest();

  // -- the steps of one call, in order
  // --------------------------------------------------------------
  bool examine();
  bool make_row(const storage::call_past& past);
  void store_turns(const std::function<void()>& then);
  void store_figures();
  void store_end();
  void seal();
  void store_recording(const storage::recording_row& row);
  void stop(const char* what, const caf::error& why);

  caf::result<storage::call_past_ptr> past_of(const std::string& call_id);
  bool open_database();
  storage::result<storage::call_details> known(const std::string& call_id);
  std::string stem_of(const std::string& call_id);
  std::optional<storage::call_past> read_past(const std::string& stem, bool& failed);
  void set_aside(const storage::call_past& past);
  void publish(feed_type type, const std::string& call_id, decltype(feed_event::data) data);

  recovery_actor::pointer self;
  recovery_setup setup;
  std::unique_ptr<storage::call_store> db;
  std::deque<task> tasks;
  std::vector<task> later;                 ///< failed; tried again after a pause
  std::unordered_set<std::string> went_on; ///< calls that live again: their recorders seal
  std::unordered_map<std::string, std::string> stems; ///< of the journals that were found, by call
  bool looked = false;
  bool working = false;
  task now;
  storage::recovery_plan plan;
  std::optional<storage::call_past> past;
  recovery_report report;
  std::vector<caf::typed_response_promise<recovery_report>> waiting;
  static inline const char* name = "recovery";
};

// -- what is there to do
// -----------------------------------------------------------------------------

void recovery_state::add(task next) {
  tasks.push_back(std::move(next));
  if (!working)
    self->send(self, atom::commit_v);
}

void recovery_state::found(task next) {
  ++setup.node->recovering;
  add(std::move(next));
}

void recovery_state::add_all() {
  looked = false;
  stem_of(std::string{}); // no call has this id, but now all names are known
  for (auto& [call_id, stem] : stems)
    found({call_id, stem, setup.active_too, 0});
  if (!setup.active_too)
    return;
  if (!open_database())
    return;
  auto active = db->get_active_calls();
  if (!active) {
    log::error("recovery", "active calls cannot be read", {{"what", active.detail()}});
    return;
  }
  for (auto& row : *active)
    if (stems.count(row.id) == 0)
      found({row.id, {}, true, 0});
}

/// Looks again for a journal that is not known: names may have changed since.
std::string recovery_state::stem_of(const std::string& call_id) {
  for (int look = 0; look < 2; ++look, looked = false) {
    if (!looked) {
      stems.clear();
      for (auto& journal : storage::find_journals(setup.storage_path))
        stems.insert_or_assign(journal.call_id, journal.stem);
      looked = true;
    }
    if (auto found = stems.find(call_id); found != stems.end())
      return found->second;
  }
  return {};
}

void recovery_state::work() {
  if (working)
    return;
  if (tasks.empty()) {
    rest();
    return;
  }
  working = true;
  now = std::move(tasks.front());
  tasks.pop_front();
  if (tasks.size() % limits::recovery_progress_calls == 0 && tasks.size() > 0)
    log::info("recovery", "unfinished journals are being looked at", {{"left", tasks.size()}});
  if (examine())
    store_turns([this] { store_figures(); });
}

void recovery_state::done(bool well) {
  working = false;
  --setup.node->recovering;
  report.failed += well ? 0 : 1;
  past.reset();
  self->send(self, atom::commit_v);
}

/// Later, if it may help: a disk that is full now may have room then.
void recovery_state::try_again() {
  working = false;
  if (++now.tries >= limits::recovery_tries || setup.active_too) { // a command does not wait
    done(false);
    return;
  }
  if (later.empty())
    self->delayed_send(self, limits::recovery_retry, atom::restart_v);
  --setup.node->recovering;
  ++setup.node->recovering_later;
  later.push_back(std::move(now));
  self->send(self, atom::commit_v);
}

void recovery_state::take_up_again() {
  for (auto& again : std::exchange(later, {})) {
    --setup.node->recovering_later;
    found(std::move(again));
  }
}

void recovery_state::rest() {
  db.reset();
  if (waiting.empty())
    return;
  if (report.finished + report.sealed + report.set_aside + report.failed > 0)
    log::info("recovery", "done",
              {{"finished", report.finished},
               {"sealed", report.sealed},
               {"set_aside", report.set_aside},
               {"failed", report.failed}});
  for (auto& promise : std::exchange(waiting, {}))
    promise.deliver(report);
  report = {};
}

// -- reading
// -----------------------------------------------------------------------------------------

bool recovery_state::open_database() {
  if (db == nullptr)
    db = setup.open();
  if (db != nullptr)
    db->set_deadline(std::chrono::steady_clock::now() + defaults::database::write_timeout);
  return db != nullptr;
}

storage::result<storage::call_details> recovery_state::known(const std::string& call_id) {
  if (!open_database())
    return {storage_error::io, "no database"};
  auto details = db->get_call_with_details(call_id);
  if (!details && details.code() != storage_error::not_found)
    db.reset(); // a fresh connection may work
  return details;
}

std::optional<storage::call_past> recovery_state::read_past(const std::string& stem, bool& failed) {
  failed = false;
  if (stem.empty())
    return std::nullopt;
  auto read = storage::read_call_past(setup.storage_path, stem);
  if (!read) {
    failed = read.code() != storage_error::not_found;
    if (failed)
      log::error(
          "recovery", "journal cannot be read",
          {{"stem", stem}, {"code", storage::to_string(read.code())}, {"what", read.detail()}});
    return std::nullopt;
  }
  if (read->end == storage::read_end::newer_version) {
    log::error("recovery", "journal of a newer version is left alone", {{"stem", stem}});
    failed = true;
    return std::nullopt;
  }
  if (read->facts == 0) {
    set_aside(*read);
    return std::nullopt;
  }
  return std::move(*read);
}

void recovery_state::set_aside(const storage::call_past& broken) {
  auto moved = storage::set_journal_aside(setup.storage_path + "/" + broken.stem + ".journal");
  ++report.set_aside;
  log::error("recovery", "a journal is set aside",
             {{"call_id", broken.call_id},
              {"facts", broken.facts},
              {"unread_bytes", broken.cut_bytes},
              {"to", moved ? *moved : moved.detail()}});
  publish(
      feed_type::error, broken.call_id,
      feed_error{"JOURNAL_CORRUPT", "A part of the call's journal cannot be read; it is kept."});
}

/// @returns false if there is nothing (more) to do for this call.
bool recovery_state::examine() {
  auto details = known(now.call_id);
  if (!details && details.code() != storage_error::not_found) {
    log::error("recovery", "the call's row cannot be read",
               {{"call_id", now.call_id}, {"what", details.detail()}});
    try_again();
    return false;
  }
  const bool active = details && details->call.status == storage::call_status::active;
  const bool complete = details && !active && !details->recordings.empty();
  const bool not_ours = !now.active && (active || went_on.count(now.call_id) > 0);
  if (complete || not_ours) { // it is live, or may come back
    done(true);
    return false;
  }
  if (now.stem.empty())
    now.stem = stem_of(now.call_id);
  bool failed = false;
  past = read_past(now.stem, failed);
  if (failed) {
    done(false);
    return false;
  }
  if (!details) {
    if (past)
      return make_row(*past);
    done(true); // set aside: there is nothing else of this call
    return false;
  }
  plan = storage::plan_recovery(*details, past ? &*past : nullptr);
  return true;
}

/// A power cut may take the last commits: then the journal alone knows of the call.
bool recovery_state::make_row(const storage::call_past& left) {
  if (left.call_sid.empty()) {
    log::error("recovery", "a journal belongs to no call", {{"stem", left.stem}});
    done(false);
    return false;
  }
  storage::call_row row;
  row.id = left.call_id;
  row.call_sid = left.call_sid;
  row.agent = setup.agent;
  row.start_time = left.started_at.value_or(wall_now_ms());
  self->request(setup.writer, caf::duration{defaults::database::write_timeout}, atom::putcall_v,
                row)
      .then(
          [this](const storage::call_row& stored) {
            storage::call_details details;
            details.call = stored;
            if (stored.id != now.call_id) { // its CallSid is another call's
              done(false);
              return;
            }
            plan = storage::plan_recovery(details, &*past);
            store_turns([this] { store_figures(); });
          },
          [this](const caf::error& why) { stop("row", why); });
  return false;
}

// -- writing
// -----------------------------------------------------------------------------------------

void recovery_state::store_turns(const std::function<void()>& then) {
  if (plan.turns.empty()) {
    then();
    return;
  }
  auto turn = plan.turns.front();
  plan.turns.erase(plan.turns.begin());
  self->request(setup.writer, caf::duration{defaults::database::write_timeout}, atom::putturn_v,
                turn)
      .then(
          [this, then](const storage::transcript_row& row) {
            publish(feed_type::transcript, row.call_id, row);
            store_turns(then);
          },
          [this](const caf::error& why) { stop("turn", why); });
  caf::anon_send(setup.writer, atom::commit_v); // one after the other: none waits for company
}

void recovery_state::store_figures() {
  if (!plan.figures) {
    store_end();
    return;
  }
  self->request(setup.writer, caf::duration{defaults::database::write_timeout}, atom::putstats_v,
                *plan.figures)
      .then([this](const storage::analytics_row&) { store_end(); },
            [this](const caf::error& why) { stop("figures", why); });
}

void recovery_state::store_end() {
  if (!plan.end) {
    seal();
    return;
  }
  write_call_end(self, setup.writer, setup.feed, now.call_id, *plan.end, [this](bool written) {
    if (!written) {
      try_again();
      return;
    }
    ++report.finished;
    log::info("recovery", "call finished",
              {{"call_id", now.call_id},
               {"status", storage::to_string(*plan.end->status)},
               {"duration_s", plan.end->duration_s.value_or(0)}});
    seal();
  });
}

void recovery_state::seal() {
  if (!plan.seal) {
    done(true);
    return;
  }
  storage::seal_request wanted;
  wanted.storage_path = setup.storage_path;
  wanted.journal_path = setup.storage_path + "/" + now.stem + ".journal";
  wanted.wav_path = now.stem + ".wav";
  wanted.call_id = now.call_id;
  wanted.stereo = setup.stereo;
  self->request(setup.sealer, caf::duration{limits::seal_timeout}, atom::seal_v, wanted)
      .then([this](const storage::recording_row& row) { store_recording(row); },
            [this](const caf::error& why) { stop("recording", why); });
}

void recovery_state::store_recording(const storage::recording_row& row) {
  self->request(setup.writer, caf::duration{defaults::database::write_timeout}, atom::putrec_v, row)
      .then(
          [this](const storage::recording_row& stored) {
            ++report.sealed;
            publish(feed_type::recording_saved, stored.call_id, stored);
            log::info("recovery", "recording saved",
                      {{"call_id", stored.call_id}, {"missing_ms_max", stored.missing_ms_max}});
            if (past && past->end == storage::read_end::corrupt)
              set_aside(*past); // there may be good records behind the bad one
            done(true);
          },
          [this](const caf::error& why) { stop("recording's row", why); });
}

void recovery_state::stop(const char* what, const caf::error& why) {
  log::error("recovery", "a call could not be finished",
             {{"call_id", now.call_id}, {"at", what}, {"why", caf::to_string(why)}});
  try_again();
}

void recovery_state::publish(feed_type type, const std::string& call_id,
                             decltype(feed_event::data) data) {
  feed_event event;
  event.type = type;
  event.call_id = call_id;
  event.data = std::move(data);
  caf::anon_send(setup.feed, atom::publish_v, std::move(event));
}

// -- a call that goes on
// -----------------------------------------------------------------------------

/// Does not touch `past`, `plan` and `now`: another call may be in work.
caf::result<storage::call_past_ptr> recovery_state::past_of(const std::string& call_id) {
  auto details = known(call_id);
  if (!details)
    return make_error(actor_error::database, details.detail());
  went_on.insert(call_id);
  bool failed = false;
  auto left = read_past(stem_of(call_id), failed);
  auto result = std::make_shared<storage::call_past>();
  if (left)
    *result = std::move(*left);
  result->call_id = call_id;
  result->started_at = result->started_at.value_or(details->call.start_time);
  auto turns = std::move(details->transcripts);
  for (auto& missing :
       storage::plan_recovery({details->call, {}, turns, {}, {}}, result.get()).turns) {
    self->request(setup.writer, caf::duration{defaults::database::write_timeout}, atom::putturn_v,
                  missing)
        .then([](const storage::transcript_row&) {},
              [call_id](const caf::error& why) {
                log::error("recovery", "a turn is not stored",
                           {{"call_id", call_id}, {"why", caf::to_string(why)}});
              });
    auto row =
        std::find_if(turns.begin(), turns.end(), [&](auto& t) { return t.id == missing.id; });
    if (row == turns.end())
      turns.push_back(missing);
    else
      *row = missing;
  }
  std::stable_sort(turns.begin(), turns.end(),
                   [](auto& a, auto& b) { return a.start_time_s < b.start_time_s; });
  result->turns = std::move(turns);
  return storage::call_past_ptr{result};
}

recovery_actor::behavior_type recovery(recovery_actor::stateful_pointer<recovery_state> self,
                                       recovery_setup setup) {
  auto& state = self->state;
  state.setup = std::move(setup);
  self->set_exit_handler([self](caf::exit_msg& stop) {
    self->state.tasks.clear();
    self->state.rest(); // a promise left open would keep its asker waiting
    self->quit(std::move(stop.reason));
  });
  return {
      [&state](atom::past, const std::string& id) { return state.past_of(id); },
      [&state](atom::finish, const std::string& id) {
        state.add({id, state.stem_of(id), true, 0});
      },
      [&state](atom::recover) -> caf::result<recovery_report> {
        auto promise = state.self->make_response_promise<recovery_report>();
        state.waiting.push_back(promise);
        state.add_all();
        state.self->send(state.self, atom::commit_v);
        return promise;
      },
      [&state](atom::commit) { state.work(); },
      [&state](atom::restart) { state.take_up_again(); },
  };
}

} // namespace

recovery_actor spawn_recovery(caf::actor_system& system, recovery_setup setup) {
  return setup.detached ? system.spawn<caf::detached>(recovery, std::move(setup))
                        : system.spawn(recovery, std::move(setup));
}

} // namespace switchboard::actors
