#include "actors/analyst.hpp"

#include "actors/actor_error.hpp"
#include "actors/openai_leg.hpp"
#include "conf/defaults/analysis.hpp"
#include "conf/defaults/database.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <chrono>
#include <optional>

namespace switchboard::actors {

namespace {

namespace limits = defaults::analysis;

class analyst : public caf::event_based_actor {
public:
  analyst(caf::actor_config& cfg, analyst_setup setup)
      : caf::event_based_actor(cfg), setup_(std::move(setup)) {}

  const char* name() const override { return "analyst"; }

  caf::behavior make_behavior() override {
    set_exit_handler([this](caf::exit_msg& stop) {
      answer(false); // a promise left open would keep the call waiting
      quit(std::move(stop.reason));
    });
    return {
        [this](atom::figures, const call_snapshot& call) { on_snapshot(call); },
        [this](atom::finish, const call_snapshot& call) -> caf::result<bool> {
          on_last(call);
          finished_ = make_response_promise<bool>();
          store();
          return *finished_;
        },
        [this](atom::review, const review_answer& said) { on_review(said); },
        [this](atom::deadline) { on_review({}); },
        [this](atom::restart) { look_again(); },
    };
  }

  void on_exit() override {
    if (counted_)
      --setup_.node->reviews;
  }

private:
  static caf::duration patience() { return caf::duration{defaults::database::write_timeout}; }

  void on_snapshot(const call_snapshot& call) {
    if (last_ || storing_ || snapshots_ >= limits::snapshots_max)
      return;
    storing_ = true;
    ++snapshots_;
    request(setup_.writer, patience(), atom::putstats_v, analytics_of(call))
        .then([this](const storage::analytics_row&) { storing_ = false; },
              [this, id = call.call_id](const caf::error& why) {
                storing_ = false;
                log::warn("analyst", "a snapshot is left out",
                          {{"call_id", id}, {"why", caf::to_string(why)}});
              });
  }

  void on_last(const call_snapshot& call) {
    last_ = call;
    if (!call.review_due)
      return;
    counted_ = true;
    ++setup_.node->reviews; // a node that stops waits for it
    delayed_send(this, limits::review_patience, atom::deadline_v);
  }

  /// The metadata first: who sees the last row sees the rest, too.
  void store() {
    request(setup_.writer, patience(), atom::putmeta_v, metadata_of(*last_))
        .then([this](const storage::metadata_row&) { store_figures(); },
              [this](const caf::error& why) { failed(why); });
  }

  void store_figures() {
    auto row = analytics_of(*last_);
    row.id = row_id_; // empty = a new row
    request(setup_.writer, patience(), atom::putstats_v, std::move(row))
        .then(
            [this](const storage::analytics_row& stored) {
              row_id_ = stored.id;
              done(true);
            },
            [this](const caf::error& why) { failed(why); });
  }

  void failed(const caf::error& why) {
    log::error("analyst", "figures not stored",
               {{"call_id", last_->call_id}, {"why", caf::to_string(why)}});
    if (++tries_ >= (ending() ? limits::store_tries_at_end : limits::store_tries)) {
      done(false);
      return;
    }
    const auto doubled = limits::store_pause * (uint64_t{1} << (tries_ - 1));
    next_try_ = now() + std::min<std::chrono::milliseconds>(doubled, limits::store_pause_max);
    delayed_send(this, limits::store_pause, atom::restart_v);
  }

  /// Waits in short steps: a node that is to end does not wait for a long pause.
  void look_again() {
    if (now() < next_try_ && !ending())
      delayed_send(this, limits::store_pause, atom::restart_v);
    else
      store();
  }

  bool ending() const { return setup_.node->draining; }
  caf::actor_clock::time_point now() const { return home_system().clock().now(); }

  /// What is there is stored, or given up.
  void done(bool stored) {
    answer(stored);
    if (!stored || !last_->review_due)
      quit();
    else if (reviewed_)
      publish();
    else if (said_)
      take_in_review();
    else
      waiting_ = true;
  }

  void answer(bool stored) {
    if (!finished_)
      return;
    finished_->deliver(stored);
    finished_.reset();
  }

  // -- what the model said
  // ------------------------------------------------------------------------------

  void on_review(const review_answer& said) {
    if (said_)
      return;
    said_ = said;
    if (waiting_)
      take_in_review();
  }

  void take_in_review() {
    waiting_ = false;
    reviewed_ = true;
    last_->review = storage::parse_call_review(said_->text);
    if (!last_->review && !said_->text.empty())
      log::warn("analyst", "what the model said of the call is of no use",
                {{"call_id", last_->call_id}});
    last_->figures.count(said_->usage);
    if (!last_->review && said_->usage.total_tokens == 0) {
      quit(); // nothing is known that was not stored
      return;
    }
    tries_ = 0;
    store();
  }

  /// An update of nothing: it answers with the row as it is.
  void publish() {
    request(setup_.writer, patience(), atom::updcall_v, last_->call_id, storage::call_update{})
        .then(
            [this](const storage::call_row& row) {
              feed_event event;
              event.type = feed_type::call_updated;
              event.call_id = row.id;
              event.stream_sid = row.stream_sid.value_or("");
              event.data = row;
              anon_send(setup_.feed, atom::publish_v, std::move(event));
              quit();
            },
            [this](const caf::error& why) {
              log::warn("analyst", "a review is stored and not told",
                        {{"call_id", last_->call_id}, {"why", caf::to_string(why)}});
              quit();
            });
  }

  analyst_setup setup_;
  std::optional<call_snapshot> last_;
  std::optional<caf::typed_response_promise<bool>> finished_;
  std::optional<review_answer> said_;
  std::string row_id_;    // of the last figures, once they are stored
  bool waiting_ = false;  // for the model
  bool reviewed_ = false; // what it said is being stored
  bool counted_ = false;
  bool storing_ = false;
  uint64_t snapshots_ = 0;
  unsigned tries_ = 0;
  caf::actor_clock::time_point next_try_{};
};

} // namespace

caf::actor spawn_analyst(caf::actor_system& system, analyst_setup setup) {
  return system.spawn<analyst>(std::move(setup));
}

} // namespace switchboard::actors
