#include "actors/session_setup.hpp"

#include "conf/agent_profiles.hpp"
#include "conf/built_in_tools.hpp"
#include "conf/defaults/model.hpp"

namespace switchboard::actors {

session_settings settings_for(const conf::config& config, const call_facts& facts) {
  const auto agent = facts.profile ? *facts.profile : conf::built_in_profile(config);
  session_settings settings;
  settings.instructions = agent.instructions;
  settings.voice = agent.voice;
  settings.language = agent.language;
  settings.transcription_model = agent.transcription_model;
  settings.pcmu = config.openai_audio_format == conf::audio_format::pcmu;
  settings.vad_threshold = defaults::model::vad_threshold;
  settings.vad_prefix_padding_ms = defaults::model::vad_prefix_padding_ms;
  settings.vad_silence_ms = defaults::model::vad_silence_ms;
  settings.interrupt_response = agent.interruptions == conf::barge_in::on;
  for (auto& tool : conf::tools_of(agent))
    settings.tools.push_back({tool.name, tool.description, tool.parameters_json});
  return settings;
}

} // namespace switchboard::actors
