#include "tools/sim_common/openai_script.hpp"

#include "tools/sim_common/audio_file.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace sim::openai {

namespace {

constexpr int hum_ms_per_character = 60;

/// Stands in for a voice where the script names no WAV: a 300 Hz tone that VAD takes for speech.
samples hum_for(const std::string& text) {
  samples out(std::max<size_t>(text.size(), 5) * hum_ms_per_character * samples_per_ms);
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<int16_t>(
        8000 * std::sin(2 * 3.14159265358979 * 300 * static_cast<double>(i) / 8000.0));
  return out;
}

speech hummed(const std::string& text) {
  return {text, std::make_shared<const samples>(hum_for(text))};
}

/// Reads JSON values and knows where it is, for the messages.
class reader {
public:
  explicit reader(const wav_loader& load) : load_(load) {}

  void check_keys(const json& value, const std::string& path, const std::set<std::string>& known) {
    if (!value.is_object())
      throw script_error(path + ": expected an object");
    for (const auto& [key, unused] : value.items())
      if (known.count(key) == 0)
        throw script_error(path + "." + key + ": unknown key");
  }

  std::string text_of(const json& value, const std::string& key, const std::string& path) {
    if (!value.contains(key))
      return {};
    if (!value[key].is_string())
      throw script_error(path + "." + key + ": expected a string");
    return value[key];
  }

  std::optional<speech> speech_of(const json& value, const std::string& key,
                                  const std::string& parent) {
    if (!value.contains(key))
      return std::nullopt;
    const auto path = parent + "." + key;
    check_keys(value[key], path, {"wav", "text"});
    const auto text = text_of(value[key], "text", path);
    if (text.empty())
      throw script_error(path + ".text: missing");
    const auto wav = text_of(value[key], "wav", path);
    if (wav.empty())
      return hummed(text);
    try {
      return speech{text, std::make_shared<const samples>(load_(wav))};
    } catch (const std::exception& problem) {
      throw script_error(path + ".wav: " + problem.what());
    }
  }

  tool_call call_of(const json& value, const std::string& path) {
    check_keys(value, path, {"name", "arguments"});
    tool_call call{text_of(value, "name", path), "{}"};
    if (call.name.empty())
      throw script_error(path + ".name: missing");
    if (value.contains("arguments"))
      call.arguments = value["arguments"].is_string() ? value["arguments"].get<std::string>()
                                                      : value["arguments"].dump();
    return call;
  }

  std::vector<tool_call> calls_of(const json& value, const std::string& path) {
    std::vector<tool_call> calls;
    if (value.contains("tool"))
      calls.push_back(call_of(value["tool"], path + ".tool"));
    if (!value.contains("tools"))
      return calls;
    if (!value["tools"].is_array())
      throw script_error(path + ".tools: expected an array");
    for (size_t i = 0; i < value["tools"].size(); ++i)
      calls.push_back(call_of(value["tools"][i], path + ".tools[" + std::to_string(i) + "]"));
    return calls;
  }

  std::optional<api_error> failure_of(const json& value, const std::string& parent) {
    if (!value.contains("fails"))
      return std::nullopt;
    const auto path = parent + ".fails";
    check_keys(value["fails"], path, {"type", "code", "message"});
    api_error error{text_of(value["fails"], "code", path), text_of(value["fails"], "message", path),
                    ""};
    const auto type = text_of(value["fails"], "type", path);
    error.type = type.empty() ? "server_error" : type;
    return error;
  }

  script_line line_of(const json& value, const std::string& path) {
    check_keys(value, path, {"wav", "text", "match", "tool", "tools"});
    json nested = json::object();
    for (const char* key : {"wav", "text"})
      if (value.contains(key))
        nested["says"][key] = value[key];
    return {speech_of(nested, "says", path), calls_of(value, path), std::nullopt};
  }

  script_turn turn_of(const json& value, const std::string& path) {
    check_keys(value, path,
               {"hears", "hears_after_ms", "transcription_fails", "before", "tool", "tools", "says",
                "fails"});
    script_turn turn;
    turn.hears = text_of(value, "hears", path);
    if (value.contains("hears_after_ms")) {
      if (!value["hears_after_ms"].is_number_unsigned())
        throw script_error(path + ".hears_after_ms: expected a number of milliseconds");
      turn.hears_after_ms = value["hears_after_ms"].get<int>();
    }
    if (value.contains("transcription_fails"))
      turn.transcription_fails = value["transcription_fails"] == true;
    turn.before = speech_of(value, "before", path);
    turn.calls = calls_of(value, path);
    turn.says = speech_of(value, "says", path);
    turn.failure = failure_of(value, path);
    return turn;
  }

  template <class Each>
  void each(const json& root, const std::string& key, Each read) {
    if (!root.contains(key))
      return;
    if (!root[key].is_array())
      throw script_error(key + ": expected an array");
    for (size_t i = 0; i < root[key].size(); ++i)
      read(root[key][i], key + "[" + std::to_string(i) + "]");
  }

private:
  const wav_loader& load_;
};

std::vector<script_prompt> prompts_of(reader& read, const json& root, const std::string& key) {
  std::vector<script_prompt> out;
  read.each(root, key, [&](const json& value, const std::string& path) {
    auto line = read.line_of(value, path);
    out.push_back({read.text_of(value, "match", path), std::move(line)});
  });
  return out;
}

/// The first response of a turn.
script_line open_turn(const script_turn& turn, const dialogue& state) {
  script_line line{turn.before, {}, turn.failure};
  for (const auto& call : turn.calls)
    if (!state.offers || state.offers(call.name))
      line.calls.push_back(call);
  if (line.calls.empty() && !line.says)
    line.says = turn.says;
  return line;
}

const script_prompt* find_prompt(const std::vector<script_prompt>& prompts,
                                 const std::string& text) {
  const auto hit = std::find_if(prompts.begin(), prompts.end(), [&](const script_prompt& prompt) {
    return text.find(prompt.match) != std::string::npos;
  });
  return hit == prompts.end() ? nullptr : &*hit;
}

} // namespace

script parse_script(const std::string& text, const wav_loader& load) {
  const auto root = json::parse(text, nullptr, false, true);
  if (root.is_discarded())
    throw script_error("script: not JSON");
  reader read(load);
  read.check_keys(root, "script", {"greeting", "turns", "otherwise", "prompts", "out_of_band"});
  script out = default_script();
  if (root.contains("greeting"))
    out.greeting = read.line_of(root["greeting"], "greeting");
  read.each(root, "turns", [&](const json& value, const std::string& path) {
    out.turns.push_back(read.turn_of(value, path));
  });
  if (root.contains("otherwise"))
    out.otherwise = read.turn_of(root["otherwise"], "otherwise");
  out.prompts = prompts_of(read, root, "prompts");
  if (root.contains("out_of_band"))
    for (auto& prompt : prompts_of(read, root, "out_of_band"))
      out.out_of_band.insert(out.out_of_band.end() - 1,
                             std::move(prompt)); // the default stays last
  return out;
}

script load_script(const std::string& path) {
  std::ifstream file(path);
  if (!file)
    throw script_error(path + ": cannot be read");
  std::stringstream text;
  text << file.rdbuf();
  const auto folder = std::filesystem::path(path).parent_path();
  try {
    return parse_script(text.str(), [&](const std::string& name) {
      return load_wav_8k_mono((folder / name).string()); // an absolute name replaces the folder
    });
  } catch (const script_error& problem) {
    throw script_error(path + ": " + problem.what());
  }
}

script default_script() {
  script out;
  out.greeting.says = hummed("Hello, how can I help you?");
  out.otherwise.hears = "Something the script does not know.";
  out.otherwise.says = hummed("I see. Is there anything else?");
  script_line summary;
  summary.says = speech{"The caller and the agent had a short conversation.", nullptr};
  out.out_of_band.push_back({"", summary});
  return out;
}

const script_turn& turn_at(const script& lines, size_t user_turn) {
  const bool known = user_turn >= 1 && user_turn <= lines.turns.size();
  return known ? lines.turns[user_turn - 1] : lines.otherwise;
}

script_line choose_line(const script& lines, const dialogue& state) {
  if (!state.instructions.empty())
    if (const auto* prompt = find_prompt(lines.prompts, state.instructions))
      return prompt->line;
  if (state.user_turns == 0) {
    const bool resumed = state.any_assistant && state.instructions.empty();
    return resumed ? open_turn(lines.otherwise, state) : lines.greeting;
  }
  const auto& turn = turn_at(lines, state.user_turns);
  if (state.answered || (state.called && !state.tool_output))
    return open_turn(lines.otherwise, state);
  if (state.tool_output)
    return {turn.says, {}, std::nullopt};
  return open_turn(turn, state);
}

script_line choose_apart(const script& lines, const std::string& prompt) {
  const auto* hit = find_prompt(lines.out_of_band, prompt);
  return hit != nullptr ? hit->line : script_line{};
}

} // namespace sim::openai
