#include "actors/call.hpp"

#include "actors/atoms.hpp"
#include "actors/call_actor.hpp"
#include "actors/turn_json.hpp"
#include "actors/wall_clock.hpp"
#include "conf/agent_profiles.hpp"
#include "conf/defaults/analysis.hpp"
#include "conf/defaults/database.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <cctype>
#include <ctime>
#include <utility>

namespace switchboard::actors {

namespace {

/// In place of a turn that was spoken, in part or whole, while the recording was paused.
constexpr const char* not_recorded = "[recording paused]";

} // namespace

std::string recording_stem(const std::string& call_id, int64_t started_wall_ms) {
  const std::time_t seconds = started_wall_ms / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char date[16];
  std::strftime(date, sizeof date, "%Y-%m-%d", &utc);
  return std::string{date} + "/" + call_id;
}

namespace {

/// What of a carrier's id can stand in JSON as it is: ids are letters and digits.
std::string plain(std::string id) {
  id.erase(
      std::remove_if(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) == 0; }),
      id.end());
  return id;
}

} // namespace

/// Streams that name no profile are answered as the configuration's variables say.
static call_setup with_profile(call_setup setup, const conf::config& config) {
  if (setup.facts.profile == nullptr)
    setup.facts.profile = std::make_shared<conf::agent_profile>(conf::built_in_profile(config));
  return setup;
}

call_actor::call_actor(caf::actor_config& cfg, line* where, call_services_ptr services,
                       call_setup setup)
    : line_actor(cfg, where),
      services_(std::move(services)),
      setup_(with_profile(std::move(setup), *services_->config)),
      context_(std::make_shared<call_context>()),
      children_(this, setup_.call_id, std::hash<std::string>{}(setup_.call_id)),
      disk_low_(services_->node->storage.not_recording && !setup_.past),
      limits_(setup_.facts.profile->limits, line_now()) {
  context_->call_id = setup_.call_id;
  context_->facts = setup_.facts;
  context_->node = services_->node;
  context_->media = where != nullptr ? &where->metrics() : nullptr;
  context_->stamps = services_->stamps;
  context_->started = line_now();
  if (!recorded())
    context_->journal.turn_off();
  call_wall_ms_ = wall_now_ms();
  stem_ = recording_stem(setup_.call_id, call_wall_ms_);
  if (setup_.past)
    go_on(*setup_.past);
}

caf::behavior call_actor::make_behavior() {
  set_exit_handler([this](caf::exit_msg& stop) { quit(std::move(stop.reason)); });
  set_down_handler([this](caf::down_msg& down) { on_down(down); });
  start();
  return {
      [this](atom::modelup, uint64_t left_ms) { on_model_up(left_ms); },
      [this](atom::standby) { next_ready_ = true; },
      [this](atom::streamover) -> caf::result<next_step> { return what_next(); },
      [this](atom::stopped) { happened(call_event::carrier_stopped, "the caller hung up"); },
      [this](atom::legdown, const link_close& why) {
        happened(call_event::carrier_lost, std::string{"stream lost: "} + to_string(why.end));
      },
      [this](atom::resume, const carrier_link_box& box, const stream_start& begun) {
        on_stream(box, begun);
      },
      [this](atom::finish, const std::string& why) { happened(call_event::hang_up, why); },
      [this](atom::restart, uint8_t id, uint64_t generation) {
        children_.on_restart(id, generation);
      },
      [this](atom::deadline, uint64_t generation) {
        if (generation == resume_generation_)
          happened(call_event::resume_expired, "the carrier did not come back");
      },
      [this](atom::digit, char digit) { pressed_.press(digit, line_now()); },
      [this](atom::runtool, const function_call& call) { run_tool(call); },
      [this](atom::gone, const std::string& why) { happened(call_event::carrier_stopped, why); },
      [this](atom::linger) { hang_up_by_rest(); },
      [this](atom::pauserec, bool paused) { return pause_recording(paused); },
      [this](atom::expire) { maybe_quit(); },
      [this](atom::commit) { write_end(); },
  };
}

void call_actor::start() {
  count_state(+1);
  if (where() != nullptr) {
    where()->ticks().add(this);
    ticking_ = true;
  }
  add_children();
  // Ids only: the journal holds no phone numbers.
  context_->journal.call_started(now_ms(),
                                 "{\"callId\":\"" + setup_.call_id + "\",\"callSid\":\"" +
                                     plain(setup_.facts.call_sid) +
                                     "\",\"startedAtMs\":" + std::to_string(call_wall_ms_) + "}");
  started_ = true;
  if (recorded()) {
    journal_way_ = way_of_journal();
    feeder_.emplace(*this, journal_way_);
    children_.start(recorder);
  } else if (disk_low_)
    tell_not_recorded();
  children_.start(turns);
  children_.start(analyst);
  children_.start(carrier_leg);
  model_away_since_ = context_->started;
  children_.start(model_leg);
  send(children_.child(carrier_leg), atom::resume_v, setup_.link, setup_.start);
  store_stream_sid(setup_.start.stream_sid);
  anon_send(services_->registry, atom::live_v, setup_.call_id, caf::actor_cast<caf::actor>(this));
  log::info("call", "call started",
            {{"call_id", setup_.call_id}, {"stream_sid", setup_.start.stream_sid}});
}

/// Whoever looks for the recording later shall know why there is none.
void call_actor::tell_not_recorded() {
  log::warn("call", "not recorded: the disk is nearly full", {{"call_id", setup_.call_id}});
  feed_event event;
  event.type = feed_type::error;
  event.call_id = setup_.call_id;
  event.data = feed_error{"NOT_RECORDED", "The disk is nearly full: the call is not recorded."};
  anon_send(services_->feed, atom::publish_v, std::move(event));
}

void call_actor::on_down(const caf::down_msg& down) {
  if (children_.is(model_leg, down.source))
    on_model_down();
  if (children_.on_down(down))
    maybe_quit();
}

void call_actor::release() {
  if (ticking_)
    where()->ticks().remove(this);
  setup_.link.reset();
  if (started_)
    count_state(-1);
  if (started_ && !recorder_told_) // we end out of turn: what was said is saved all the same
    finish_recorder();
  if (last_analyst_)
    send_exit(last_analyst_, caf::exit_reason::user_shutdown);
  last_analyst_ = nullptr;
  children_.stop_all();
  children_.forget_all();
}

/// The one place where the call's state changes.
void call_actor::happened(call_event what, const std::string& why) {
  carrier_over_ = carrier_over_ || what == call_event::carrier_stopped;
  const auto step = advance(state_, what, model_ready_);
  if (step.next != state_)
    log::info("call", "state changed",
              {{"call_id", setup_.call_id},
               {"from", to_string(state_)},
               {"to", to_string(step.next)},
               {"why", why}});
  count_state(-1);
  state_ = step.next;
  count_state(+1);
  switch (step.effect) {
  case call_effect::none:
    return;
  case call_effect::await_carrier:
    await_carrier();
    return;
  case call_effect::end_completed:
    end(storage::call_status::completed, why);
    return;
  case call_effect::end_failed:
    end(storage::call_status::failed, why);
    return;
  case call_effect::wind_up:
    wind_up();
    return;
  }
}

/// Counts the call among those in its state (+1), or takes it out again (-1).
void call_actor::count_state(int64_t step) {
  services_->node->metrics.calls_in[static_cast<size_t>(state_)] += step;
}

void call_actor::on_stream(const carrier_link_box& box, const stream_start& begun) {
  if (state_ == call_state::ending || state_ == call_state::ended)
    return; // the box's socket closes with its last owner
  send(children_.child(carrier_leg), atom::resume_v, box, begun);
  store_stream_sid(begun.stream_sid);
  happened(call_event::carrier_back, "the carrier came back");
  digits_pressed();
}

void call_actor::await_carrier() {
  send_later(std::chrono::seconds{services_->config->resume_window_s}, atom::deadline_v,
             ++resume_generation_);
}

next_step call_actor::what_next() {
  // Nobody here has ended the call, and a caller who hangs up makes no such request: the stream
  // broke, whether or not its socket has told us yet.
  if (state_ == call_state::connecting || state_ == call_state::live)
    happened(call_event::carrier_lost, "the carrier says that the stream is over");
  if (state_ == call_state::recovering) {
    if (dtmf_.empty())
      return {after_stream::reconnect, {}};
    return {after_stream::press_digits, std::exchange(dtmf_, {})};
  }
  if (!will_be_asked_)
    return {after_stream::hang_up, {}};
  will_be_asked_ = false;
  maybe_quit();
  return sequel_;
}

void call_actor::store_stream_sid(const std::string& stream_sid) {
  storage::call_update change;
  change.stream_sid = stream_sid;
  ask(services_->writer, defaults::database::write_timeout, atom::updcall_v, setup_.call_id, change)
      .then(
          [this](const storage::call_row& row) {
            feed_event event;
            event.type = feed_type::call_updated;
            event.call_id = setup_.call_id;
            event.stream_sid = row.stream_sid.value_or("");
            event.data = row;
            anon_send(services_->feed, atom::publish_v, std::move(event));
          },
          [this](const caf::error& why) {
            log::error("call", "stream sid not stored",
                       {{"call_id", setup_.call_id}, {"why", caf::to_string(why)}});
          });
}

// -- on each tick
// ------------------------------------------------------------------------------------

void call_actor::on_tick(monotonic now) {
  const uint64_t now_media = context_->media_ms(now);
  context_->bridge.tick();
  roll_over(now);
  fill_the_gap(now);
  watch_limits(now);
  go_on_parting(now);
  send_caller_digits(now);
  context_->talk.look_over(now_media);
  count_answers();
  pass_on_turns();
  pass_on_facts();
  pass_on_figures(now_media);
}

/// What is said while the recording is paused goes into no file and no row; the model hears it.
/// @returns whether the recording is paused now.
bool call_actor::pause_recording(bool paused) {
  const auto now = now_ms();
  const bool changed = paused ? pauses_.pause(now) : pauses_.resume(now);
  if (!changed)
    return paused;
  if (paused)
    context_->journal.pause(now);
  else
    context_->journal.resume(now);
  log::info("call", paused ? "recording paused" : "recording resumed",
            {{"call_id", setup_.call_id}, {"at_ms", now}});
  return paused;
}

/// Answers that began to be heard since the last tick.
void call_actor::count_answers() {
  const auto all = context_->talk.answer_latency();
  const uint64_t fresh = all.count - answers_counted_.count;
  if (fresh == 0)
    return;
  const uint64_t each_ms = (all.sum_ms - answers_counted_.sum_ms) / fresh;
  for (uint64_t i = 0; i < fresh; ++i)
    services_->node->metrics.turn_latency.observe(each_ms);
  answers_counted_ = all;
}

void call_actor::pass_on_turns() {
  if (!children_.alive(turns))
    return;
  for (auto& update : context_->talk.take_updates()) {
    if (pauses_.touches(update.start_ms, update.end_ms)) {
      update.text = not_recorded;
      update.generated.clear(); // it would tell what was said
    }
    if (update.final)
      context_->journal.turn(now_ms(), turn_json(update));
    send(children_.child(turns), atom::turn_v, std::move(update));
  }
}

void call_actor::pass_on_facts() {
  if (!feeder_ || recorder_told_)
    return;
  if (auto batch = context_->journal.take())
    feeder_->add(std::move(batch));
  feeder_->go_on();
}

void call_actor::pass_on_figures(uint64_t now_media_ms) {
  if (end_ || now_media_ms < next_snapshot_ms_ || !children_.alive(analyst))
    return;
  send(children_.child(analyst), atom::figures_v, snapshot(now_media_ms, wall_now_ms()));
  next_snapshot_ms_ = now_media_ms + defaults::analysis::snapshot_interval_ms;
}

call_snapshot call_actor::snapshot(uint64_t length_ms, storage::wall_ms taken_at) const {
  call_snapshot call;
  call.call_id = setup_.call_id;
  call.facts = context_->facts;
  call.parameters = setup_.start.parameters;
  call.language = context_->facts.profile->language;
  call.prices = services_->config->prices;
  call.figures = context_->figures;
  call.dropped_audio_ms = context_->bridge.dropped_bytes() / 8;
  call.recording_paused_ms = pauses_.total_ms(length_ms);
  call.length_ms = length_ms;
  call.taken_at = taken_at;
  return call;
}

caf::actor spawn_call(caf::actor_system& system, line* where, call_services_ptr services,
                      call_setup setup) {
  return spawn_on<call_actor>(system, where, std::move(services), std::move(setup));
}

} // namespace switchboard::actors
