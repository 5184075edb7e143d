#include "actors/call_analysis.hpp"

#include "actors/json_lines.hpp"
#include "conf/defaults/analysis.hpp"

#include <algorithm>
#include <array>

namespace switchboard::actors {

namespace {

namespace limits = defaults::analysis;

double seconds(uint64_t ms) {
  return static_cast<double>(ms) / 1000.0;
}

/// Names that our own TwiML gives to a stream; what else it carries is the customer's.
bool is_ours(const std::string& name) {
  static const std::array<const char*, 5> ours = {"ticket", "from", "to", "city", "country"};
  return std::any_of(ours.begin(), ours.end(), [&](const char* x) { return name == x; });
}

std::optional<std::string> custom_data(const call_snapshot& call) {
  json_object out;
  size_t bytes = 0;
  bool any = false;
  for (auto& [name, value] : call.parameters) {
    bytes += name.size() + value.size();
    if (is_ours(name) || bytes > limits::custom_data_bytes_max)
      continue;
    out.text(name, value);
    any = true;
  }
  return any ? std::optional<std::string>{out.done()} : std::nullopt;
}

std::optional<std::string> region(const call_facts& facts) {
  if (facts.country.empty())
    return std::nullopt;
  return facts.city.empty() ? facts.country : facts.country + ", " + facts.city;
}

/// What the caller calls with, as far as the number's form tells.
std::string device_type(const std::string& from) {
  if (from.rfind("client:", 0) == 0)
    return "app";
  return from.rfind("sip:", 0) == 0 ? "sip" : "phone";
}

/// How the caller's audio came in; not known of calls that were too short to tell.
std::optional<std::string> network_quality(const call_figures& figures) {
  const uint64_t received_ms = figures.frames_in * limits::frame_ms;
  if (received_ms < limits::quality_known_after_ms)
    return std::nullopt;
  const double missing =
      static_cast<double>(figures.gap_ms) / static_cast<double>(received_ms + figures.gap_ms);
  const uint64_t jitter_ms = figures.jitter_us / 1000;
  if (missing > limits::poor_missing || jitter_ms > limits::poor_jitter_ms)
    return "poor";
  const bool fair = missing > limits::fair_missing || jitter_ms > limits::fair_jitter_ms;
  return fair ? "fair" : "good";
}

std::string latency_json(const turn_timing::parts& sums) {
  const auto mean = [&](uint64_t sum) { return sum / std::max<uint64_t>(1, sums.turns); };
  json_object out;
  out.number("turns", sums.turns).number("totalMs", mean(sums.total_ms()));
  out.number("turnEndMs", mean(sums.vad_ms)).number("responseCreatedMs", mean(sums.created_ms));
  out.number("firstDeltaMs", mean(sums.delta_ms)).number("firstSentMs", mean(sums.sent_ms));
  out.number("acknowledgedMs", mean(sums.heard_ms));
  return out.done();
}

std::string usage_json(const model_usage& usage) {
  json_object out;
  out.number("total", usage.total_tokens).number("input", usage.input_tokens);
  out.number("inputText", usage.input_text_tokens).number("inputAudio", usage.input_audio_tokens);
  out.number("cached", usage.cached_tokens).number("output", usage.output_tokens);
  out.number("outputText", usage.output_text_tokens);
  out.number("outputAudio", usage.output_audio_tokens);
  return out.done();
}

} // namespace

void call_figures::count(const model_usage& more) {
  usage.total_tokens += more.total_tokens;
  usage.input_tokens += more.input_tokens;
  usage.output_tokens += more.output_tokens;
  usage.input_text_tokens += more.input_text_tokens;
  usage.input_audio_tokens += more.input_audio_tokens;
  usage.cached_tokens += more.cached_tokens;
  usage.output_text_tokens += more.output_text_tokens;
  usage.output_audio_tokens += more.output_audio_tokens;
}

double cost_of(const model_usage& usage, const conf::model_prices& prices) {
  // Cached tokens are part of the input; the vendor does not say of which kind in every event, and
  // those of a conversation by voice are nearly all text of its instructions and history.
  const uint64_t fresh_text =
      usage.input_text_tokens - std::min(usage.input_text_tokens, usage.cached_tokens);
  const auto part = [](uint64_t tokens, double price) {
    return static_cast<double>(tokens) * price;
  };
  return (part(fresh_text, prices.text_in) + part(usage.cached_tokens, prices.cached_in) +
          part(usage.input_audio_tokens, prices.audio_in) +
          part(usage.output_text_tokens, prices.text_out) +
          part(usage.output_audio_tokens, prices.audio_out)) /
         1e6;
}

storage::analytics_row analytics_of(const call_snapshot& call) {
  const auto& figures = call.figures;
  const uint64_t talk_ms = figures.caller_talk_ms + figures.agent_talk_ms;
  storage::analytics_row row;
  row.call_id = call.call_id;
  row.talk_time_s = seconds(talk_ms);
  row.silence_time_s = seconds(call.length_ms - std::min(call.length_ms, talk_ms));
  row.interruptions = static_cast<int64_t>(figures.interruptions);
  const auto& waits = figures.timing.sums();
  if (waits.turns > 0)
    row.average_latency_ms =
        static_cast<double>(waits.total_ms()) / static_cast<double>(waits.turns);
  if (call.review) {
    row.sentiment = call.review->sentiment;
    row.sentiment_score = call.review->score;
  }
  row.metrics_json = metrics_json(call);
  row.snapshot_time = call.taken_at;
  return row;
}

std::string metrics_json(const call_snapshot& call) {
  const auto& figures = call.figures;
  json_object out;
  out.flag("final", call.last).number("lengthMs", call.length_ms);
  out.number("callerTalkMs", figures.caller_talk_ms).number("agentTalkMs", figures.agent_talk_ms);
  out.number("framesIn", figures.frames_in).number("modelRestarts", figures.model_restarts);
  out.number("streams", figures.streams)
      .number("gaps", figures.gaps)
      .number("gapMs", figures.gap_ms);
  out.number("jitterMs", figures.jitter_us / 1000);
  out.number("callerAudioDroppedMs", call.dropped_audio_ms);
  out.number("recordingPausedMs", call.recording_paused_ms);
  // The two sums by their old names; `tokens` has all of them.
  out.number("inputTokens", figures.usage.input_tokens);
  out.number("outputTokens", figures.usage.output_tokens);
  out.raw("tokens", usage_json(figures.usage));
  if (call.prices)
    out.real("costUsd", cost_of(figures.usage, *call.prices));
  if (figures.timing.sums().turns > 0)
    out.raw("latency", latency_json(figures.timing.sums()));
  // What was said while the recording was paused is in no row, nor in a summary of it.
  if (call.review && call.recording_paused_ms == 0)
    out.text("summary", call.review->summary);
  return out.done();
}

storage::metadata_row metadata_of(const call_snapshot& call) {
  storage::metadata_row row;
  row.call_id = call.call_id;
  const bool heard = call.review && !call.review->language.empty();
  const auto& language = heard ? call.review->language : call.language;
  if (!language.empty())
    row.language = language;
  row.region = region(call.facts);
  row.device_type = device_type(call.facts.from);
  row.network_quality = network_quality(call.figures);
  row.custom_data_json = custom_data(call);
  return row;
}

} // namespace switchboard::actors
