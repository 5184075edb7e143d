#include "actors/transcript_writer.hpp"

#include "actors/line.hpp"
#include "conf/defaults/call.hpp"
#include "conf/defaults/database.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

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

class transcript_writer : public line_actor {
public:
  transcript_writer(caf::actor_config& cfg, line* where, transcript_writer_setup setup)
      : line_actor(cfg, where), setup_(std::move(setup)) {}

  const char* name() const override { return "transcript_writer"; }

  using line_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* host) override {
    if (where() != nullptr && !awaited_) // nobody waits for a turn as for a frame
      caf::event_based_actor::enqueue(std::move(what), &where()->unhurried());
    else
      line_actor::enqueue(std::move(what), host);
  }

  caf::behavior make_behavior() override {
    set_exit_handler([this](caf::exit_msg& stop) {
      answer(false); // a promise left open would keep the call waiting
      quit(std::move(stop.reason));
    });
    return {
        [this](atom::turn, const turn_update& update) { on_turn(update); },
        [this](atom::finish) -> caf::result<bool> {
          finished_ = make_response_promise<bool>();
          awaited_ = true;
          if (doing_ == task::asking)
            hurry();
          store_next();
          return *finished_;
        },
        [this](atom::restart) {
          doing_ = task::none;
          store_next();
        },
        [this](atom::deadline) { look_at_deadline(); },
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
    if (doing_ != task::none)
      return;
    if (waiting_.empty()) {
      answer(!lost_);
      return;
    }
    doing_ = task::asking;
    on_way_ = std::move(waiting_.front());
    waiting_.pop_front();
    asked_at_ = line_now();
    const auto asked = ++asked_;
    // With a deadline of our own: one of CAF's for each request wakes its clock's thread twice.
    request(setup_.writer, caf::infinite, atom::putturn_v, to_row(setup_.call_id, on_way_))
        .then(
            [this, asked](const storage::transcript_row& row) {
              if (asked == asked_)
                on_stored(row);
            },
            [this, asked](const caf::error& why) {
              if (asked == asked_)
                on_failed(why);
            });
    watch();
    if (finished_)
      hurry();
  }

  /// Has the deadline looked at when the request on its way is due, or before.
  void watch() {
    if (std::exchange(watching_, true))
      return;
    send_later(asked_at_ + defaults::database::write_timeout - line_now(), atom::deadline_v);
  }

  void look_at_deadline() {
    watching_ = false;
    if (doing_ != task::asking)
      return;
    if (line_now() >= asked_at_ + defaults::database::write_timeout) {
      ++asked_; // a late answer is none: the row is stored again, which changes nothing
      on_failed(caf::sec::request_timeout);
    } else {
      watch();
    }
  }

  /// The end of the call waits for what the database writer has been asked for.
  void hurry() { anon_send(setup_.writer, atom::commit_v); }

  void on_stored(const storage::transcript_row& row) {
    doing_ = task::none;
    feed_event event;
    event.type = feed_type::transcript;
    event.call_id = setup_.call_id;
    event.data = row;
    anon_send(setup_.feed, atom::publish_v, std::move(event));
    store_next();
  }

  void on_failed(const caf::error& why) {
    doing_ = task::pausing;
    log::error("transcript_writer", "a turn could not be stored, trying again",
               {{"call_id", setup_.call_id}, {"why", caf::to_string(why)}});
    const bool newer_waits =
        std::any_of(waiting_.begin(), waiting_.end(),
                    [&](const turn_update& w) { return w.key == on_way_.key; });
    if (!newer_waits)
      waiting_.push_front(std::move(on_way_));
    send_later(limits::recorder_retry, atom::restart_v);
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
  std::atomic<bool> awaited_{false}; // the call's end waits for what is left: read by other threads
  enum class task : uint8_t { none, asking, pausing };
  task doing_ = task::none;
  turn_update on_way_; // asking, and until it is back among those that wait
  uint64_t asked_ = 0; // requests so far: an answer to an earlier one is too late
  monotonic asked_at_{};
  bool watching_ = false; // a look at the deadline is on its way
  bool lost_ = false;
};

} // namespace

caf::actor spawn_transcript_writer(caf::actor_system& system, line* where,
                                   transcript_writer_setup setup) {
  return spawn_on<transcript_writer>(system, where, std::move(setup));
}

} // namespace switchboard::actors
