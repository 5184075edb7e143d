#include "actors/call_actor.hpp"
#include "actors/openai_leg.hpp"
#include "actors/recorder.hpp"
#include "actors/transcript_writer.hpp"
#include "actors/wall_clock.hpp"
#include "conf/defaults/model.hpp"

#include <caf/all.hpp>

namespace switchboard::actors {

namespace {

session_settings settings_of(const conf::config& config) {
  session_settings settings;
  settings.instructions = config.agent_instructions;
  settings.voice = config.openai_voice;
  settings.transcription_model = config.openai_transcription_model;
  settings.pcmu = config.openai_audio_format == conf::audio_format::pcmu;
  settings.vad_threshold = defaults::model::vad_threshold;
  settings.vad_prefix_padding_ms = defaults::model::vad_prefix_padding_ms;
  settings.vad_silence_ms = defaults::model::vad_silence_ms;
  return settings;
}

} // namespace

/// The supervision table of a call (ARCHITECTURE.md has it in words).
void call_actor::add_children() {
  auto* self = this;
  children_.add(carrier_leg,
                {"twilio_leg", {}, [self] {
                   return spawn_twilio_leg(self->home_system(), self->where(),
                                           caf::actor_cast<caf::actor>(self), self->context_);
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
                   self->model_ready_ = false;
                   self->happened(call_event::model_given_up, caf::to_string(why));
                 },
                 [self] { ++self->context_->figures.model_restarts; }});
  children_.add(recorder, {"recorder", scheduler_child_policy(),
                           [self] { return self->spawn_call_recorder(); }, nullptr,
                           [](const caf::error&) {}, nullptr});
  children_.add(turns, {"transcript_writer", scheduler_child_policy(),
                        [self] {
                          return spawn_transcript_writer(
                            self->home_system(),
                            {self->setup_.call_id, self->services_->writer, self->services_->feed});
                        },
                        nullptr, [](const caf::error&) {}, nullptr});
}

caf::actor call_actor::spawn_model_leg() {
  model_ready_ = false;
  if (was_ready_)
    happened(call_event::model_lost, "a new model session is started");
  model_leg_setup setup;
  setup.connector = services_->connectors[setup_.line];
  setup.settings = settings_of(*services_->config);
  setup.greeting = services_->config->agent_greeting;
  setup.history = context_->talk.history();
  setup.answer_due = context_->talk.answer_is_due();
  return spawn_openai_leg(home_system(), where(), caf::actor_cast<caf::actor>(this),
                          children_.child(carrier_leg), context_, std::move(setup));
}

caf::actor call_actor::spawn_call_recorder() {
  recorder_setup setup;
  setup.call_id = setup_.call_id;
  setup.storage_path = services_->config->recording_storage_path;
  setup.journal_path = setup.storage_path + "/" + stem_ + ".journal";
  setup.wav_path = stem_ + ".wav";
  setup.stereo = services_->config->channels == conf::recording_channels::stereo;
  const size_t disk = std::hash<std::string>{}(setup_.call_id) % services_->disks.size();
  setup.disk = services_->disks[disk];
  setup.sealer = services_->sealer;
  setup.writer = services_->writer;
  setup.feed = services_->feed;
  setup.node = services_->node;
  return spawn_recorder(home_system(), std::move(setup));
}

} // namespace switchboard::actors
