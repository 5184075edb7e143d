#include "tools/sim_common/openai_speech.hpp"

#include <algorithm>

namespace sim::openai {

namespace {

constexpr int shortest_chunk_ms = 40;
constexpr int longest_chunk_ms = 400;
/// Text without sound comes at this pace.
constexpr int64_t ms_per_word = 15;
/// Words are sent when this share of the time until their sound has passed.
constexpr double lead = 0.7;

void plan_words(const speech& said, int64_t sound_ms, size_t sound, size_t limit,
                std::vector<speech_step>& out) {
  size_t characters = 0;
  int64_t count = 0;
  for (auto& word : split_words(said.text)) {
    const double share = static_cast<double>(characters) / static_cast<double>(said.text.size());
    if (share * static_cast<double>(sound) > static_cast<double>(limit))
      break;
    speech_step step;
    step.at_ms = sound_ms > 0 ? static_cast<int64_t>(share * lead * static_cast<double>(sound_ms))
                              : count * ms_per_word;
    characters += word.size();
    ++count;
    step.words = std::move(word);
    out.push_back(std::move(step));
  }
}

} // namespace

std::vector<std::string> split_words(const std::string& text) {
  std::vector<std::string> out;
  for (size_t i = 0; i < text.size();) {
    const size_t next = text.find(' ', i + 1);
    const size_t end = next == std::string::npos ? text.size() : next;
    out.push_back(text.substr(i, end - i));
    i = end;
  }
  return out;
}

std::vector<speech_step> plan_speech(const speech& said, double speed, bool with_sound,
                                     size_t limit, wire& random) {
  const size_t total = with_sound && said.sound ? said.sound->size() : 0;
  const auto wire_ms = [&](size_t sample) {
    return static_cast<int64_t>(static_cast<double>(sample) / static_cast<double>(samples_per_ms) /
                                speed);
  };
  std::vector<speech_step> out;
  plan_words(said, wire_ms(total), total, limit, out);
  const size_t end = std::min(total, limit);
  for (size_t begin = 0; begin < end;) {
    speech_step step;
    const auto chunk =
        static_cast<size_t>(random.random(shortest_chunk_ms, longest_chunk_ms)) * samples_per_ms;
    step.at_ms = wire_ms(begin);
    step.begin = begin;
    step.end = begin = std::min(begin + chunk, end);
    out.push_back(std::move(step));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const speech_step& a, const speech_step& b) { return a.at_ms < b.at_ms; });
  return out;
}

} // namespace sim::openai
