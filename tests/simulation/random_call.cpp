#include "tests/simulation/random_call.hpp"

#include "conf/defaults/call.hpp"
#include "storage/journal.hpp"

namespace switchboard::test {

using namespace std::chrono_literals;
using type = model_event_type;

random_call::random_call(uint64_t seed)
    : random_(seed),
      world_("sim-" + std::to_string(seed), seed, random_() % 80, random_() % 80),
      length_ms_(between(1'000, 20'000)) {
  configure_at_ms_ = between(0, 2'000);
  world_.config.review_calls = random_() % 2 == 0;
}

/// True about `per_second` times a second.
bool random_call::chance(double per_second) {
  return std::uniform_real_distribution<double>{0, 1}(random_) < per_second / 50;
}

std::vector<std::string> random_call::play() {
  while (world_.now_ms() < length_ms_ && !over_)
    world_.frame([this] { something_happens(); });
  end_somehow();
  calm_down();
  std::vector<std::string> wrong;
  check_end(wrong);
  check_rows(wrong);
  check_remains(wrong);
  check_journal(wrong);
  return wrong;
}

void random_call::something_happens() {
  model_acts();
  caller_acts();
  carrier_acts();
  faults_act();
}

// -- the model
// ---------------------------------------------------------------------------------------

void random_call::model_acts() {
  if (session_ != world_.model.sessions.size()) { // a new one: it takes its time
    if (world_.now_ms() < configure_at_ms_ || !world_.model_listens())
      return;
    session_ = world_.model.sessions.size();
    configure_at_ms_ = world_.now_ms() + between(0, 1'000);
    response_.clear();
    speech_.clear();
    untranscribed_.clear();
    world_.configure();
  }
  model_answers();
  if (!untranscribed_.empty() && chance(1.5)) { // in any order
    const size_t which = random_() % untranscribed_.size();
    const bool silent = random_() % 5 == 0;
    world_.transcript(untranscribed_[which], silent ? "" : "said " + untranscribed_[which], 0.5);
    untranscribed_.erase(untranscribed_.begin() + static_cast<std::ptrdiff_t>(which));
  }
  if (chance(0.1)) // events of things that do not exist
    world_.tell(static_cast<type>(random_() % 28), fresh("ghost"), fresh("ghost"), "boo");
  if (chance(0.05))
    world_.lose_model();
}

void random_call::model_answers() {
  if (response_.empty()) {
    if (!chance(0.8))
      return;
    response_ = fresh("r");
    item_ = fresh("a");
    world_.tell(type::response_created, {}, response_);
  }
  if (chance(6)) {
    world_.tell(type::audio_transcript_delta, item_, response_, "some words ");
    world_.model_audio(response_, item_, between(20, 1'500));
  }
  if (chance(0.2) && world_.model_listens())
    world_.model_calls(response_, fresh("f"), random_() % 4 == 0 ? "unknown" : "find");
  if (chance(0.8)) {
    if (random_() % 4 != 0) { // cancelled responses have no done events
      world_.tell(type::audio_transcript_done, item_, response_, "some words and more of them");
      world_.tell(type::audio_done, item_, response_);
    }
    world_.tell(type::response_done, {}, response_);
    response_.clear();
  }
}

// -- the caller and the carrier
// ----------------------------------------------------------------------

void random_call::caller_acts() {
  if (session_ == 0)
    return;
  if (speech_.empty() && chance(0.5)) {
    speech_ = fresh("u");
    world_.caller_speaks = true;
    world_.speech(type::speech_started, speech_,
                  world_.now_ms() - std::min<uint64_t>(world_.now_ms(), 300));
  } else if (!speech_.empty() && chance(1)) {
    world_.caller_speaks = false;
    world_.speech(type::speech_stopped, speech_, world_.now_ms());
    untranscribed_.push_back(speech_);
    speech_.clear();
  }
  if (chance(0.05))
    if (auto* sink = world_.at_carrier())
      sink->on_dtmf('5');
}

void random_call::carrier_acts() {
  if (chance(0.1))
    world_.frames_lost = !world_.frames_lost;
  if (chance(0.03))
    world_.carrier_closes(link_end::lost);
  if (!world_.carrier_listens() && chance(0.5) && !world_.ended->has_value())
    world_.carrier_returns();
  if (chance(0.02))
    world_.carrier_returns(); // a second stream while the first one runs
  if (chance(0.1))
    if (auto* sink = world_.at_carrier())
      sink->on_mark_echo("no such mark");
  over_ = over_ || world_.ended->has_value() || chance(0.02);
}

// -- what goes wrong around it
// -----------------------------------------------------------------------

void random_call::faults_act() {
  if (chance(1))
    world_.answer_tools();
  if (chance(0.1))
    world_.rows->failures += static_cast<int>(between(1, 3));
  if (chance(0.1))
    world_.disk_log->failures += static_cast<int>(between(1, 3));
  if (chance(0.05)) {
    const auto writer = caf::actor_cast<caf::actor>(world_.rows->turn_writer);
    if (writer)
      caf::anon_send_exit(writer, caf::exit_reason::kill);
  }
  if (chance(0.05)) {
    const auto recorder = caf::actor_cast<caf::actor>(world_.disk_log->recorder);
    if (recorder) {
      recorder_killed_ = true;
      caf::anon_send_exit(recorder, caf::exit_reason::kill);
    }
  }
  if (chance(0.02))
    world_.tell(type::error, {}, {}, {}); // an error without a word
}

void random_call::end_somehow() {
  world_.frames_lost = false;
  world_.carrier_answers = random_() % 4 != 0;
  world_.model_answers = random_() % 4 != 0;
  switch (random_() % 6) {
  case 0:
    world_.caller_hangs_up();
    break;
  case 1:
    world_.hang_up();
    break;
  case 2:
    world_.status("completed");
    break;
  case 3:
    world_.carrier_closes(link_end::lost);
    break;
  case 4:
    world_.close_model(link_end::upgrade_refused);
    break;
  default:
    world_.caller_hangs_up();
    world_.carrier_closes();
    world_.hang_up();
  }
}

/// The faults stop, and whatever waits for a deadline gets there.
void random_call::calm_down() {
  world_.rows->failures = std::min(world_.rows->failures, 3);
  world_.disk_log->failures = std::min(world_.disk_log->failures, 3);
  for (int i = 0; i < 10; ++i)
    world_.frame();
  review();
  for (int i = 0; i < 80 && !world_.ended->has_value(); ++i) {
    world_.pass(500ms, 100ms);
    world_.frame();
    if (i == 40) // the carrier is back for good and nobody ended the call
      world_.hang_up();
  }
  world_.pass(20'000ms, 500ms); // the recorder goes on by itself, and so does a review
}

/// What the model says of the call, if it says anything.
void random_call::review() {
  if (random_() % 3 == 0 || !world_.model_listens())
    return;
  model_event event;
  event.response_id = event.metadata_kind = "review";
  event.type = type::response_created;
  world_.tell(event);
  event.type = type::text_done;
  event.text = random_() % 2 == 0
                   ? R"({"sentiment":"neutral","score":0,"summary":"s","language":null})"
                   : "rubbish";
  world_.tell(event);
  event.type = type::response_done;
  event.status = random_() % 4 == 0 ? response_status::failed : response_status::completed;
  world_.tell(event);
}

} // namespace switchboard::test
