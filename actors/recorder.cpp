#include "actors/recorder.hpp"

#include "actors/actor_error.hpp"
#include "actors/ticker.hpp"
#include "conf/defaults/call.hpp"
#include "conf/defaults/database.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

#include <deque>

namespace switchboard::actors {

namespace {

namespace limits = defaults::call;

class recorder : public caf::event_based_actor {
public:
  recorder(caf::actor_config& cfg, recorder_setup setup)
      : caf::event_based_actor(cfg), setup_(std::move(setup)) {
    ++setup_.node->recorders;
  }

  const char* name() const override { return "recorder"; }

  void on_exit() override {
    --setup_.node->recorders;
    setup_.node->metrics.journal_waiting_bytes -= static_cast<int64_t>(waiting_bytes_);
  }

  caf::behavior make_behavior() override {
    set_exit_handler([this](caf::exit_msg& stop) { quit(std::move(stop.reason)); });
    return {
        [this](atom::facts, const record_batch& batch) { on_facts(batch); },
        [this](atom::finish) { on_finish(); },
        [this](atom::restart) {
          pausing_ = false;
          write_next();
        },
        [this](atom::written) { ask_ticket(); },
        [this](atom::deadline) { give_up(); },
    };
  }

private:
  void on_facts(const record_batch& batch);
  void on_finish();
  void write_next();
  void on_written(size_t batches, size_t bytes);
  void on_failed(const caf::error& why);
  void on_late(const caf::error& why);
  void ask_ticket();
  void warn(const caf::error& why);
  void close_journal();
  void seal();
  void store(const storage::recording_row& row);
  void report(const std::string& code, const std::string& message);
  void give_up();

  recorder_setup setup_;
  struct waiting_batch {
    record_batch batch;
    monotonic since;
  };
  monotonic now() { return home_system().clock().now(); }

  append_ticket_ptr ticket_; // of the append on its way
  size_t on_way_batches_ = 0, on_way_bytes_ = 0;
  std::deque<waiting_batch> waiting_;
  size_t waiting_bytes_ = 0;
  bool writing_ = false;
  bool finishing_ = false;
  bool failing_ = false;
  bool pausing_ = false; // after a failure: facts that arrive meanwhile start no try of their own
  bool sealing_ = false;
  uint64_t lost_bytes_ = 0;
};

void recorder::on_facts(const record_batch& batch) {
  if (waiting_bytes_ + batch->size() > limits::recorder_bytes_max) {
    lost_bytes_ += batch->size();
    setup_.node->journal_lost_bytes += batch->size();
    return;
  }
  waiting_.push_back({batch, now()});
  waiting_bytes_ += batch->size();
  setup_.node->metrics.journal_waiting_bytes += static_cast<int64_t>(batch->size());
  write_next();
}

void recorder::on_finish() {
  finishing_ = true;
  delayed_send(this, limits::recorder_finish_deadline, atom::deadline_v);
  write_next();
}

/// Writes everything that waits with one append; one append is on its way at a time.
void recorder::write_next() {
  if (writing_ || pausing_)
    return;
  if (waiting_.empty()) {
    if (finishing_)
      close_journal();
    return;
  }
  writing_ = true;
  record_batches batches;
  for (auto& one : waiting_)
    batches.push_back(one.batch);
  on_way_batches_ = batches.size();
  on_way_bytes_ = waiting_bytes_;
  ticket_ = std::make_shared<append_ticket>();
  request(setup_.disk, caf::duration{limits::disk_timeout}, atom::facts_v, setup_.journal_path,
          ticket_, std::move(batches))
      .then([this](uint64_t) { on_written(on_way_batches_, on_way_bytes_); },
            [this](const caf::error& why) { on_late(why); });
}

void recorder::on_written(size_t batches, size_t bytes) {
  writing_ = false;
  auto& metrics = setup_.node->metrics;
  const auto waited = now() - waiting_.front().since; // the oldest of them
  metrics.journal_lag.observe(
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(waited).count()));
  metrics.journal_waiting_bytes -= static_cast<int64_t>(bytes);
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(batches));
  waiting_bytes_ -= bytes;
  if (failing_) {
    failing_ = false;
    setup_.node->recording_ok = true;
    log::info("recorder", "writing resumed",
              {{"call_id", setup_.call_id}, {"lost_bytes", lost_bytes_}});
  }
  write_next();
}

/// No answer in time is no answer at all: the disk may be slow and write it yet.
void recorder::on_late(const caf::error& why) {
  if (why != caf::sec::request_timeout || ticket_->take_back()) {
    on_failed(why);
    return;
  }
  warn(why);
  ask_ticket();
}

/// Waits for the end of an append that takes the disk longer than our patience.
void recorder::ask_ticket() {
  const auto state = ticket_->now();
  // Ours is the last handle: its writer is gone, and with it whatever it was about to write.
  const bool forsaken = state == append_ticket::state::taken && ticket_.use_count() == 1;
  if (state == append_ticket::state::written)
    on_written(on_way_batches_, on_way_bytes_);
  else if (state == append_ticket::state::failed || forsaken)
    on_failed(make_error(actor_error::disk));
  else
    delayed_send(this, limits::recorder_retry, atom::written_v);
}

void recorder::warn(const caf::error& why) {
  if (failing_)
    return;
  failing_ = true;
  setup_.node->recording_ok = false;
  report("RECORDING_FAILED", "The recording cannot be written; it is kept in memory for now.");
  log::error("recorder", "journal write failed, trying again",
             {{"call_id", setup_.call_id}, {"why", caf::to_string(why)}});
}

void recorder::on_failed(const caf::error& why) {
  writing_ = false;
  warn(why);
  pausing_ = true;
  delayed_send(this, limits::recorder_retry, atom::restart_v);
}

void recorder::close_journal() {
  writing_ = true; // nothing else may start
  request(setup_.disk, caf::duration{limits::disk_timeout}, atom::finish_v, setup_.journal_path)
      .then([this](uint64_t) { seal(); },
            [this](const caf::error& why) {
              writing_ = false;
              on_failed(why);
            });
}

void recorder::seal() {
  if (sealing_)
    return;
  sealing_ = true;
  storage::seal_request wanted;
  wanted.journal_path = setup_.journal_path;
  wanted.storage_path = setup_.storage_path;
  wanted.wav_path = setup_.wav_path;
  wanted.call_id = setup_.call_id;
  wanted.stereo = setup_.stereo;
  request(setup_.sealer, caf::duration{limits::seal_timeout}, atom::seal_v, wanted)
      .then([this](const storage::recording_row& row) { store(row); },
            [this](const caf::error& why) {
              report("RECORDING_NOT_SEALED",
                     "The recording could not be made; its journal is kept.");
              log::error("recorder", "sealing failed",
                         {{"call_id", setup_.call_id}, {"why", caf::to_string(why)}});
              quit();
            });
}

void recorder::store(const storage::recording_row& row) {
  request(setup_.writer, caf::duration{defaults::database::write_timeout}, atom::putrec_v, row)
      .then(
          [this](const storage::recording_row& stored) {
            feed_event event;
            event.type = feed_type::recording_saved;
            event.call_id = setup_.call_id;
            event.data = stored;
            anon_send(setup_.feed, atom::publish_v, std::move(event));
            log::info("recorder", "recording saved",
                      {{"call_id", setup_.call_id},
                       {"bytes", stored.size_bytes},
                       {"duration_ms", static_cast<int64_t>(stored.duration_s * 1000)}});
            quit();
          },
          [this](const caf::error& why) {
            report("RECORDING_NOT_STORED",
                   "The recording's row could not be written; its file is kept.");
            log::error("recorder", "row not written",
                       {{"call_id", setup_.call_id}, {"why", caf::to_string(why)}});
            quit();
          });
}

void recorder::report(const std::string& code, const std::string& message) {
  feed_event event;
  event.type = feed_type::error;
  event.call_id = setup_.call_id;
  event.data = feed_error{code, message};
  anon_send(setup_.feed, atom::publish_v, std::move(event));
}

void recorder::give_up() {
  if (sealing_)
    return; // it takes its own time
  if (waiting_.empty()) {
    seal(); // everything is written; only the journal's last sync did not work
    return;
  }
  report("RECORDING_INCOMPLETE", "The end of the recording could not be written.");
  log::error("recorder", "given up", {{"call_id", setup_.call_id}, {"bytes", waiting_bytes_}});
  quit(make_error(actor_error::disk));
}

} // namespace

caf::actor spawn_recorder(caf::actor_system& system, recorder_setup setup) {
  return system.spawn<recorder>(std::move(setup));
}

} // namespace switchboard::actors
