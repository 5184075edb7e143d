#include "actors/call_actor.hpp"
#include "actors/openai_leg.hpp"
#include "actors/recorder.hpp"
#include "actors/transcript_writer.hpp"
#include "actors/wall_clock.hpp"

#include <caf/all.hpp>

namespace switchboard::actors {

/// The supervision table of a call (ARCHITECTURE.md has it in words).
void call_actor::add_children() {
  auto* self = this;
  children_.add(carrier_leg, {"twilio_leg",
                              {},
                              [self] {
                                return spawn_twilio_leg(self->home_system(), self->where(),
                                                        caf::actor_cast<caf::actor>(self),
                                                        self->context_);
                              },
                              nullptr,
                              [self](const caf::error& why) {
                                self->happened(call_event::carrier_stopped,
                                               "the carrier leg died: " + caf::to_string(why));
                              },
                              nullptr});
  children_.add(model_leg,
                {"openai_leg", model_leg_policy(), [self] { return self->spawn_model_leg(); },
                 [](const caf::error& why) { return why == actor_error::model_fatal; },
                 [self](const caf::error& why) {
                   self->happened(call_event::model_given_up, caf::to_string(why));
                 },
                 [self] { self->count_model_reconnect(); }});
  children_.add(next_model,
                {"openai_leg",
                 {},
                 [self] { return self->open_session(caf::actor_cast<caf::actor>(self)); },
                 nullptr,
                 [self](const caf::error&) { self->next_session_failed(); },
                 nullptr});
  children_.add(recorder,
                {"recorder", local_child_policy(), [self] { return self->spawn_call_recorder(); },
                 nullptr, [](const caf::error&) {}, nullptr});
  children_.add(turns,
                {"transcript_writer", local_child_policy(),
                 [self] {
                   return spawn_transcript_writer(
                       self->home_system(), self->where(),
                       {self->setup_.call_id, self->services_->writer, self->services_->feed});
                 },
                 nullptr, [](const caf::error&) {},
                 [self] { self->context_->talk.tell_again(); }}); // what waited in it is lost
  children_.add(analyst,
                {"analyst", local_child_policy(), [self] { return self->spawn_call_analyst(); },
                 nullptr, [](const caf::error&) {}, nullptr});
}

caf::actor call_actor::spawn_call_analyst() {
  return spawn_analyst(home_system(), {services_->writer, services_->feed, services_->node});
}

journal_way call_actor::way_of_journal() const {
  journal_way way;
  way.call_id = setup_.call_id;
  way.journal_path = services_->config->recording_storage_path + "/" + stem_ + ".journal";
  way.disk = services_->disks[std::hash<std::string>{}(setup_.call_id) % services_->disks.size()];
  way.feed = services_->feed;
  way.node = services_->node;
  return way;
}

caf::actor call_actor::spawn_call_recorder() {
  recorder_setup setup;
  setup.journal = journal_way_;
  setup.storage_path = services_->config->recording_storage_path;
  setup.wav_path = stem_ + ".wav";
  setup.stereo = services_->config->channels == conf::recording_channels::stereo;
  setup.sealer = services_->sealer;
  setup.writer = services_->writer;
  return spawn_recorder(home_system(), std::move(setup));
}

} // namespace switchboard::actors
