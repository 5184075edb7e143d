#include "actors/recorder.hpp"

#include "actors/actor_error.hpp"
#include "actors/ticker.hpp"
#include "conf/defaults/call.hpp"
#include "conf/defaults/database.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

namespace switchboard::actors {

namespace {

namespace limits = defaults::call;
using std::chrono::milliseconds;

class recorder : public caf::event_based_actor {
public:
  recorder(caf::actor_config& cfg, recorder_setup setup)
      : caf::event_based_actor(cfg), setup_(std::move(setup)), facts_until_(now()) {
    ++setup_.node->recorders;
  }

  const char* name() const override { return "recorder"; }

  void on_exit() override {
    --setup_.node->recorders;
    setup_.node->metrics.journal_waiting_bytes -= static_cast<int64_t>(waiting_bytes_);
    well_again();
    if (!waiting_.empty()) // killed, or given up: nobody else has them
      lose(waiting_bytes_, waiting_.front().after);
  }

  caf::behavior make_behavior() override {
    set_exit_handler([this](caf::exit_msg& stop) { quit(std::move(stop.reason)); });
    delayed_send(this, limits::recorder_look_interval, atom::tick_v);
    find_disk();
    return {
        [this](atom::facts, const record_batch& batch) { on_facts(batch); },
        [this](atom::finish) { on_finish(); },
        [this](atom::restart) {
          pausing_ = false;
          write_next();
        },
        [this](atom::written) { ask_ticket(); },
        [this](atom::tick) { look_at_append(); },
        [this](atom::deadline) { give_up(); },
        [this](atom::seal) { look_at_recording(); },
    };
  }

private:
  void on_facts(const record_batch& batch);
  void on_finish();
  void find_disk();
  void write_next();
  void settle(uint64_t append, const caf::error& failed);
  void on_written();
  void on_failed(const caf::error& why);
  void look_at_append();
  void ask_ticket();
  void warn(const caf::error& why);
  void close_journal();
  void well_again();
  void lose(size_t bytes, monotonic after);
  void seal();
  void on_sealed(const storage::recording_row& row);
  void store();
  void on_stored(const storage::recording_row& stored);
  void later(const char* code, const char* message, const caf::error& why);
  void look_at_recording();
  void report(const std::string& code, const std::string& message);
  void give_up();

  recorder_setup setup_;
  struct waiting_batch {
    record_batch batch;
    monotonic since;
    monotonic after; // its facts happened after this
  };
  monotonic now() { return home_system().clock().now(); }

  disk_writer_actor disk_;   // the disk writer itself, or who stands in for it
  append_ticket_ptr ticket_; // of the append on its way; null: there is none
  uint64_t append_ = 0;      // its number
  monotonic append_since_{};
  bool append_late_ = false; // past our patience: its ticket is asked
  size_t on_way_batches_ = 0, on_way_bytes_ = 0;
  std::deque<waiting_batch> waiting_;
  size_t waiting_bytes_ = 0;
  bool writing_ = false;
  bool finishing_ = false;
  bool failing_ = false;
  bool pausing_ = false; // after a failure: facts that arrive meanwhile start no try of their own
  bool sealing_ = false;
  monotonic facts_until_; // what happened until then has come
  uint64_t lost_bytes_ = 0;
  std::optional<storage::recording_row> sealed_; // its row is to be stored
  unsigned seal_tries_ = 0;
  monotonic next_try_{};
  bool last_try_ = false; // the node drains: the next start does it then
  std::string told_;      // the trouble with the recording that was reported last
};

void recorder::on_facts(const record_batch& batch) {
  const auto after = std::exchange(facts_until_, now());
  if (waiting_bytes_ + batch->size() > limits::recorder_bytes_max) {
    if (lost_bytes_ == 0)
      report("RECORDING_LOST", "The disk takes nothing and memory is full: sound is lost.");
    lose(batch->size(), after);
    return;
  }
  waiting_.push_back({batch, now(), after});
  waiting_bytes_ += batch->size();
  setup_.node->metrics.journal_waiting_bytes += static_cast<int64_t>(batch->size());
  write_next();
}

/// What happened since `after` is in no file.
void recorder::lose(size_t bytes, monotonic after) {
  lost_bytes_ += bytes;
  setup_.node->journal_lost_bytes += bytes;
  setup_.loss->lost_ms +=
      std::chrono::duration_cast<std::chrono::milliseconds>(facts_until_ - after).count();
}

void recorder::on_finish() {
  finishing_ = true;
  delayed_send(this, limits::recorder_finish_deadline, atom::deadline_v);
  write_next();
}

/// Ten appends a second and call are worth asking who stands behind the one who keeps it alive.
void recorder::find_disk() {
  disk_ = setup_.disk;
  request(caf::actor_cast<caf::actor>(setup_.disk), caf::duration{limits::disk_timeout},
          atom::direct_v)
      .then([this](const caf::actor& now) { disk_ = caf::actor_cast<disk_writer_actor>(now); },
            [](const caf::error&) {}); // the detour does as well
}

/// Writes everything that waits with one append; one append is on its way at a time.
void recorder::write_next() {
  if (writing_ || pausing_ || sealing_)
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
  append_since_ = now();
  append_late_ = false;
  const auto mine = ++append_;
  // No deadline of CAF's: ten of them a second and call kept its clock's thread busy. The time is
  // looked at in longer steps.
  request(disk_, caf::infinite, atom::facts_v, setup_.journal_path, ticket_, std::move(batches))
      .then([this, mine](uint64_t) { settle(mine, caf::none); },
            [this, mine](const caf::error& why) { settle(mine, why); });
}

/// The answer to an append. One that was given up before may still be answered.
void recorder::settle(uint64_t append, const caf::error& failed) {
  if (append != append_ || ticket_ == nullptr)
    return;
  if (failed)
    on_failed(failed);
  else
    on_written();
}

void recorder::on_written() {
  ticket_ = nullptr;
  writing_ = false;
  if (waiting_.empty())
    return; // given up before the disk was done
  auto& metrics = setup_.node->metrics;
  const auto waited = now() - waiting_.front().since; // the oldest of them
  metrics.journal_lag.observe(
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(waited).count()));
  metrics.journal_waiting_bytes -= static_cast<int64_t>(on_way_bytes_);
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(on_way_batches_));
  waiting_bytes_ -= on_way_bytes_;
  if (failing_) {
    well_again();
    log::info("recorder", "writing resumed",
              {{"call_id", setup_.call_id}, {"lost_bytes", lost_bytes_}});
  }
  write_next();
}

/// No answer in time is no answer at all: the disk may be slow and write it yet.
void recorder::look_at_append() {
  if (sealing_)
    return; // all appends are over
  delayed_send(this, limits::recorder_look_interval, atom::tick_v);
  if (ticket_ == nullptr || append_late_ || now() - append_since_ < limits::disk_timeout)
    return;
  const auto why = make_error(caf::sec::request_timeout);
  if (ticket_->take_back()) {
    on_failed(why);
    return;
  }
  append_late_ = true;
  warn(why);
  ask_ticket();
}

/// Waits for the end of an append that takes the disk longer than our patience.
void recorder::ask_ticket() {
  if (ticket_ == nullptr)
    return; // answered meanwhile
  const auto state = ticket_->now();
  // Ours is the last handle: its writer is gone, and with it whatever it was about to write.
  const bool forsaken = state == append_ticket::state::taken && ticket_.use_count() == 1;
  if (state == append_ticket::state::written)
    on_written();
  else if (state == append_ticket::state::failed || forsaken)
    on_failed(make_error(actor_error::disk));
  else
    delayed_send(this, limits::recorder_retry, atom::written_v);
}

void recorder::well_again() {
  if (std::exchange(failing_, false))
    --setup_.node->recorders_failing;
}

void recorder::warn(const caf::error& why) {
  if (failing_)
    return;
  failing_ = true;
  ++setup_.node->recorders_failing;
  report("RECORDING_FAILED", "The recording cannot be written; it is kept in memory for now.");
  log::error("recorder", "journal write failed, trying again",
             {{"call_id", setup_.call_id}, {"why", caf::to_string(why)}});
}

void recorder::on_failed(const caf::error& why) {
  ticket_ = nullptr;
  writing_ = false;
  warn(why);
  find_disk(); // it may have died
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
      .then([this](const storage::recording_row& row) { on_sealed(row); },
            [this](const caf::error& why) {
              later("RECORDING_NOT_SEALED", "The recording could not be made; its journal is kept.",
                    why);
            });
}

void recorder::on_sealed(const storage::recording_row& row) {
  sealed_ = row;
  sealed_->missing_ms_max += setup_.loss->lost_ms;
  store();
}

void recorder::store() {
  request(setup_.writer, caf::duration{defaults::database::write_timeout}, atom::putrec_v, *sealed_)
      .then([this](const storage::recording_row& stored) { on_stored(stored); },
            [this](const caf::error& why) {
              later("RECORDING_NOT_STORED",
                    "The recording's row could not be written; its file is kept.", why);
            });
}

void recorder::on_stored(const storage::recording_row& stored) {
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
}

/// The recording is not there yet. Each trouble is reported once, however often it is met.
void recorder::later(const char* code, const char* message, const caf::error& why) {
  log::error("recorder", "the recording is not stored",
             {{"call_id", setup_.call_id}, {"code", code}, {"why", caf::to_string(why)}});
  if (told_ != code)
    report(code, message);
  told_ = code;
  if (++seal_tries_ >= limits::seal_tries || last_try_) {
    ++setup_.node->recordings_left;
    quit(make_error(actor_error::disk));
    return;
  }
  const auto doubled = limits::seal_pause_first * (uint64_t{1} << (seal_tries_ - 1));
  next_try_ = now() + std::min<milliseconds>(doubled, limits::seal_pause_max);
  delayed_send(this, limits::recorder_retry, atom::seal_v);
}

/// Waits in short steps: a node that is to end does not wait for a long pause.
void recorder::look_at_recording() {
  if (now() < next_try_ && !setup_.node->draining) {
    delayed_send(this, limits::recorder_retry, atom::seal_v);
    return;
  }
  last_try_ = setup_.node->draining;
  if (sealed_) {
    store();
    return;
  }
  sealing_ = false;
  seal();
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
  lose(waiting_bytes_, waiting_.front().after);
  setup_.node->metrics.journal_waiting_bytes -=
      static_cast<int64_t>(std::exchange(waiting_bytes_, 0));
  waiting_.clear();
  seal(); // of what the journal has, as soon as the disk allows
}

} // namespace

caf::actor spawn_recorder(caf::actor_system& system, recorder_setup setup) {
  return system.spawn<recorder>(std::move(setup));
}

} // namespace switchboard::actors
