#include "actors/recorder.hpp"

#include "actors/actor_error.hpp"
#include "actors/ticker.hpp"
#include "conf/defaults/call.hpp"
#include "conf/defaults/database.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace switchboard::actors {

namespace {

namespace limits = defaults::call;
using std::chrono::milliseconds;

class recorder : public line_actor {
public:
  recorder(caf::actor_config& cfg, recorder_setup setup)
      : line_actor(cfg, nullptr), // on CAF's scheduler: no frame waits for what it does
        setup_(std::move(setup)),
        feeder_(*this, setup_.journal) {
    ++node().recorders;
  }

  const char* name() const override { return "recorder"; }

  void release() override {
    --node().recorders;
    feeder_.give_up(); // killed: nobody else has what waits
    well_again();
  }

  caf::behavior make_behavior() override {
    set_exit_handler([this](caf::exit_msg& stop) { quit(std::move(stop.reason)); });
    return {
        [this](atom::finish, const journal_tail_ptr& tail) { on_finish(tail); },
        [this](atom::written) { write_on(); },
        [this](atom::seal) { look_at_recording(); },
    };
  }

private:
  node_state& node() { return *setup_.journal.node; }
  const std::string& call_id() const { return setup_.journal.call_id; }
  monotonic now() { return home_system().clock().now(); }

  void on_finish(const journal_tail_ptr& tail);
  void write_on();
  void look_later();
  void close_journal();
  void not_closed(const caf::error& why);
  void well_again();
  void seal();
  void on_sealed(const storage::recording_row& row);
  void store();
  void on_stored(const storage::recording_row& stored);
  void later(const char* code, const char* message, const caf::error& why);
  void look_at_recording();
  void give_up();

  recorder_setup setup_;
  journal_feeder feeder_;
  bool failing_ = false; // the journal cannot be closed
  bool sealing_ = false;
  std::optional<storage::recording_row> sealed_; // its row is to be stored
  unsigned seal_tries_ = 0;
  monotonic give_up_at_{};
  monotonic next_try_{};
  bool last_try_ = false; // the node drains: the next start does it then
  std::string told_;      // the trouble with the recording that was reported last
};

void recorder::on_finish(const journal_tail_ptr& tail) {
  feeder_.take_over(*tail);
  give_up_at_ = now() + limits::recorder_finish_deadline;
  write_on();
}

/// One step on the way to a journal that is whole. Looks at its deadline itself: a delayed message
/// for that would keep each recorder in memory until then, hundreds of them where calls are short.
void recorder::write_on() {
  if (sealing_)
    return;
  if (now() >= give_up_at_) {
    give_up();
    return;
  }
  feeder_.go_on();
  if (feeder_.tail().empty())
    close_journal();
  else
    look_later();
}

void recorder::look_later() {
  const bool soon = feeder_.tail().on_way() && !feeder_.tail().late();
  delayed_send(this, soon ? limits::recorder_last_look : limits::recorder_retry, atom::written_v);
}

void recorder::close_journal() {
  const auto left = std::chrono::ceil<milliseconds>(give_up_at_ - now());
  request(setup_.journal.disk, caf::duration{std::min(limits::disk_timeout, left)}, atom::finish_v,
          setup_.journal.journal_path)
      .then([this](uint64_t) { seal(); }, [this](const caf::error& why) { not_closed(why); });
}

void recorder::not_closed(const caf::error& why) {
  if (sealing_)
    return; // given up meanwhile
  if (!std::exchange(failing_, true)) {
    ++node().recorders_failing;
    feeder_.report("RECORDING_FAILED",
                   "The recording's journal cannot be closed; it is tried again.");
    log::error("recorder", "journal not closed, trying again",
               {{"call_id", call_id()}, {"why", caf::to_string(why)}});
  }
  delayed_send(this, limits::recorder_retry, atom::written_v);
}

void recorder::well_again() {
  if (std::exchange(failing_, false))
    --node().recorders_failing;
}

void recorder::seal() {
  if (sealing_)
    return;
  sealing_ = true;
  well_again(); // closed or given up: the disk's part is over
  storage::seal_request wanted;
  wanted.journal_path = setup_.journal.journal_path;
  wanted.storage_path = setup_.storage_path;
  wanted.wav_path = setup_.wav_path;
  wanted.call_id = call_id();
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
  sealed_->missing_ms_max += setup_.journal.loss->lost_ms;
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
  event.call_id = call_id();
  event.data = stored;
  anon_send(setup_.journal.feed, atom::publish_v, std::move(event));
  log::info("recorder", "recording saved",
            {{"call_id", call_id()},
             {"bytes", stored.size_bytes},
             {"duration_ms", static_cast<int64_t>(stored.duration_s * 1000)}});
  quit();
}

/// The recording is not there yet. Each trouble is told once, however often it is met.
void recorder::later(const char* code, const char* message, const caf::error& why) {
  const bool news = std::exchange(told_, code) != code;
  if (news)
    feeder_.report(code, message);
  const bool gone = node().draining && why == caf::sec::request_receiver_down;
  const bool last = ++seal_tries_ >= limits::seal_tries || last_try_ || gone;
  if (news || last)
    log::error("recorder",
               last ? "the recording is left to the next start"
                    : "the recording is not stored, trying again",
               {{"call_id", call_id()}, {"code", code}, {"why", caf::to_string(why)}});
  if (last) {
    ++node().recordings_left;
    quit(make_error(actor_error::disk));
    return;
  }
  const auto doubled = limits::seal_pause_first * (uint64_t{1} << (seal_tries_ - 1));
  next_try_ = now() + std::min<milliseconds>(doubled, limits::seal_pause_max);
  delayed_send(this, limits::recorder_retry, atom::seal_v);
}

/// Waits in short steps: a node that is to end does not wait for a long pause.
void recorder::look_at_recording() {
  if (now() < next_try_ && !node().draining) {
    delayed_send(this, limits::recorder_retry, atom::seal_v);
    return;
  }
  last_try_ = node().draining;
  if (sealed_) {
    store();
    return;
  }
  sealing_ = false;
  seal();
}

void recorder::give_up() {
  if (!feeder_.tail().empty()) {
    feeder_.report("RECORDING_INCOMPLETE", "The end of the recording could not be written.");
    log::error("recorder", "given up", {{"call_id", call_id()}, {"bytes", feeder_.tail().bytes()}});
    feeder_.give_up();
    anon_send(setup_.journal.disk, atom::finish_v, setup_.journal.journal_path); // once it can
  }
  seal(); // of what the journal has, as soon as the disk allows
}

} // namespace

caf::actor spawn_recorder(caf::actor_system& system, recorder_setup setup) {
  return system.spawn<recorder>(std::move(setup));
}

} // namespace switchboard::actors
