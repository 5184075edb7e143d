#include "actors/keeper.hpp"

#include "actors/actor_error.hpp"
#include "actors/wall_clock.hpp"
#include "conf/defaults/database.hpp"
#include "conf/defaults/keeper.hpp"
#include "conf/log.hpp"
#include "storage/call_files.hpp"
#include "storage/call_store.hpp"
#include "storage/journal_sweep.hpp"

#include <caf/all.hpp>

namespace switchboard::actors {

namespace {

namespace limits = defaults::keeper;

constexpr int64_t ms_per_hour = 3'600'000;
constexpr const char* by_retention = "retention";

} // namespace

// -- one call
// ----------------------------------------------------------------------------------------

caf::result<bool> keeper_state::erase(const std::string& call_id, const std::string& by) {
  auto promise = self_->make_response_promise<bool>();
  begin(call_id, by, [promise](const caf::error* failed) mutable {
    if (failed != nullptr)
      promise.deliver(*failed);
    else
      promise.deliver(true);
  });
  return promise;
}

void keeper_state::begin(const std::string& call_id, const std::string& by, on_done done) {
  self_
      ->request(setup_.writer, caf::duration{defaults::database::write_timeout}, atom::erase_v,
                call_id, by)
      .then([this, done](const storage::erasure& what) { remove(what, done); },
            [done](const caf::error& why) { done(&why); });
}

void keeper_state::remove(const storage::erasure& what, on_done done) {
  const auto removed = storage::remove_call_files(setup_.storage_path, what);
  if (!removed) {
    log::error("keeper", "the files of an erased call cannot be removed, trying again later",
               {{"call_id", what.call_id}, {"what", removed.detail()}});
    const auto why = make_error(actor_error::disk, storage::to_string(removed.code()));
    done(&why);
    return;
  }
  self_
      ->request(setup_.writer, caf::duration{defaults::database::write_timeout}, atom::erased_v,
                what.call_id)
      .then(
          [this, what, files = *removed, done](bool) {
            words_due_ = true;
            caf::anon_send(setup_.feed, atom::erased_v, what.call_id);
            log::info("audit", "call erased",
                      {{"call_id", what.call_id}, {"by", what.requested_by}, {"files", files}});
            done(nullptr);
          },
          [done](const caf::error& why) { done(&why); });
}

/// Step by step, with pauses, so that calls have the writer in between; many erasures share one
/// run.
void keeper_state::forget_words(bool first) {
  if (first)
    words_due_ = false;
  self_
      ->request(setup_.writer, caf::duration{defaults::database::write_timeout}, atom::forget_v,
                first)
      .then(
          [this](bool more) {
            forgetting_ = more;
            if (more)
              self_->delayed_send(self_, limits::forget_pause, atom::forget_v, false);
          },
          [this](const caf::error& why) {
            forgetting_ = false;
            words_due_ = true; // the next round tries again
            log::warn("keeper", "the search index was not tidied", {{"why", caf::to_string(why)}});
          });
}

// -- what is over
// ------------------------------------------------------------------------------------

void keeper_state::look_over() {
  sweep_journals();
  resume_erasures();
  if (setup_.retention_days > 0 && old_calls_.empty())
    look_for_old_calls();
  if (words_due_ && !forgetting_) {
    forgetting_ = true;
    forget_words(true);
  }
  self_->delayed_send(self_, limits::interval, atom::expire_v);
}

void keeper_state::sweep_journals() const {
  const auto oldest = wall_now_ms() - int64_t{setup_.journal_retention_h} * ms_per_hour;
  const auto swept = storage::sweep_journals(setup_.storage_path, oldest);
  if (swept.removed + swept.failed > 0)
    log::info("keeper", "journals swept", {{"removed", swept.removed}, {"failed", swept.failed}});
}

/// Asks a reader; what it finds travels beside the job's answer, which is made for HTTP.
template <class Found, class Query>
void keeper_state::query(Query find, std::function<void(const Found&)> next) {
  auto found = std::make_shared<Found>();
  read_job job = [found, find](storage::call_store& store) -> read_result {
    auto rows = find(store);
    if (rows)
      *found = std::move(*rows);
    return {rows ? 200 : 500, rows ? std::string{} : rows.detail(), {}};
  };
  self_->request(setup_.reader, caf::duration{limits::query_timeout}, atom::job_v, std::move(job))
      .then(
          [found, next = std::move(next)](const read_result& done) {
            if (done.status == 200)
              next(*found);
            else
              log::warn("keeper", "query failed", {{"what", done.body}});
          },
          [](const caf::error& why) {
            log::warn("keeper", "no answer from the database", {{"why", caf::to_string(why)}});
          });
}

/// Erasures that a crash or a failing disk cut short; and once more the files of those just
/// finished, since a recorder that was still at work may have put one back.
void keeper_state::resume_erasures() {
  using erasures = std::vector<storage::erasure>;
  const auto since = wall_now_ms() - limits::second_look.count();
  query<erasures>(
      [since](storage::call_store& s) { return s.get_erasures(since, limits::batch_max); },
      [this](const erasures& found) {
        for (auto& what : found) {
          if (!what.erased_at)
            remove(what, [](const caf::error*) {});
          else if (auto again = storage::remove_call_files(setup_.storage_path, what);
                   again && *again > 0)
            log::info("audit", "files of an erased call removed",
                      {{"call_id", what.call_id}, {"by", what.requested_by}, {"files", *again}});
        }
      });
}

void keeper_state::look_for_old_calls() {
  using ids = std::vector<std::string>;
  const auto before = wall_now_ms() - int64_t{setup_.retention_days} * 24 * ms_per_hour;
  query<ids>(
      [before](storage::call_store& s) { return s.get_ended_before(before, limits::batch_max); },
      [this](const ids& found) {
        old_calls_.assign(found.begin(), found.end());
        batch_failed_ = false;
        if (!old_calls_.empty())
          erase_next_old_call();
      });
}

/// One after the other, so that a long backlog leaves room for calls and for erasures that people
/// ask for; then the next batch.
void keeper_state::erase_next_old_call() {
  begin(old_calls_.front(), by_retention, [this](const caf::error* failed) {
    if (failed != nullptr) {
      batch_failed_ = true;
      log::warn("keeper", "an old call was not erased",
                {{"call_id", old_calls_.front()}, {"why", caf::to_string(*failed)}});
    }
    old_calls_.pop_front();
    if (!old_calls_.empty())
      erase_next_old_call();
    else if (!batch_failed_)
      look_for_old_calls();
  });
}

keeper_actor::behavior_type keeper_state::make_behavior(keeper_setup setup) {
  setup_ = std::move(setup);
  self_->send(self_, atom::expire_v);
  return {
      [this](atom::erase, const std::string& call_id, const std::string& by) {
        return erase(call_id, by);
      },
      [this](atom::forget, bool first) { forget_words(first); },
      [this](atom::expire) { look_over(); },
  };
}

keeper_actor::behavior_type keeper(keeper_actor::stateful_pointer<keeper_state> self,
                                   keeper_setup setup) {
  return self->state.make_behavior(std::move(setup));
}

} // namespace switchboard::actors
