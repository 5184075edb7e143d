#include "actors/transcript_writer.hpp"

#include "conf/defaults/call.hpp"
#include "conf/defaults/database.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <deque>

namespace switchboard::actors {

namespace {

namespace limits = defaults::call;

storage::transcript_row to_row(const std::string& call_id, const turn_update& update) {
  storage::transcript_row row;
  row.id = call_id + "-" + update.key;
  row.call_id = call_id;
  row.who = update.who;
  row.text = update.text;
  row.confidence = update.confidence;
  row.start_time_s = static_cast<double>(update.start_ms) / 1000.0;
  if (update.end_ms)
    row.end_time_s = static_cast<double>(*update.end_ms) / 1000.0;
  row.version = update.version;
  row.removed = update.removed;
  if (!update.generated.empty())
    row.generated_text = update.generated;
  return row;
}

class transcript_writer : public caf::event_based_actor {
public:
  transcript_writer(caf::actor_config& cfg, transcript_writer_setup setup)
      : caf::event_based_actor(cfg), setup_(std::move(setup)) {}

  const char* name() const override { return "transcript_writer"; }

  caf::behavior make_behavior() override {
    set_exit_handler([this](caf::exit_msg& stop) {
      answer(false); // a promise left open would keep the call waiting
      quit(std::move(stop.reason));
    });
    return {
        [this](atom::turn, const turn_update& update) { on_turn(update); },
        [this](atom::finish) -> caf::result<bool> {
          finished_ = make_response_promise<bool>();
          if (storing_)
            hurry();
          store_next();
          return *finished_;
        },
        [this](atom::restart) {
          storing_ = false;
          store_next();
        },
    };
  }

private:
  void on_turn(const turn_update& update) {
    for (auto& waits : waiting_)
      if (waits.key == update.key) { // only the latest state matters
        waits = update;
        return;
      }
    if (waiting_.size() >= limits::turn_updates_max) {
      log::error("transcript_writer", "a turn is lost: too many wait for the database",
                 {{"call_id", setup_.call_id}});
      waiting_.pop_front();
      lost_ = true;
    }
    waiting_.push_back(update);
    store_next();
  }

  void store_next() {
    if (storing_)
      return;
    if (waiting_.empty()) {
      answer(!lost_);
      return;
    }
    storing_ = true;
    auto update = waiting_.front();
    waiting_.pop_front();
    request(setup_.writer, caf::duration{defaults::database::write_timeout}, atom::putturn_v,
            to_row(setup_.call_id, update))
        .then([this](const storage::transcript_row& row) { on_stored(row); },
              [this, update](const caf::error& why) { on_failed(update, why); });
    if (finished_)
      hurry();
  }

  /// The end of the call waits for what the database writer has been asked for.
  void hurry() { anon_send(setup_.writer, atom::commit_v); }

  void on_stored(const storage::transcript_row& row) {
    storing_ = false;
    feed_event event;
    event.type = feed_type::transcript;
    event.call_id = setup_.call_id;
    event.data = row;
    anon_send(setup_.feed, atom::publish_v, std::move(event));
    store_next();
  }

  void on_failed(const turn_update& update, const caf::error& why) {
    log::error("transcript_writer", "a turn could not be stored, trying again",
               {{"call_id", setup_.call_id}, {"why", caf::to_string(why)}});
    const bool newer_waits = std::any_of(waiting_.begin(), waiting_.end(),
                                         [&](const turn_update& w) { return w.key == update.key; });
    if (!newer_waits)
      waiting_.push_front(update);
    delayed_send(this, limits::recorder_retry, atom::restart_v);
  }

  void answer(bool complete) {
    if (!finished_)
      return;
    finished_->deliver(complete);
    finished_.reset();
  }

  transcript_writer_setup setup_;
  std::deque<turn_update> waiting_;
  std::optional<caf::typed_response_promise<bool>> finished_;
  bool storing_ = false;
  bool lost_ = false;
};

} // namespace

caf::actor spawn_transcript_writer(caf::actor_system& system, transcript_writer_setup setup) {
  return system.spawn<transcript_writer>(std::move(setup));
}

} // namespace switchboard::actors
