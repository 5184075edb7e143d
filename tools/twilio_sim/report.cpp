#include "tools/twilio_sim/report.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace sim {

namespace {

using json = nlohmann::ordered_json;

json or_null(int64_t ms) {
  return ms < 0 ? json{} : json(ms);
}

json or_null(const std::string& text) {
  return text.empty() ? json{} : json(text);
}

json render(const http_record& x) {
  return {{"kind", x.kind},     {"method", x.method}, {"url", x.url},
          {"status", x.status}, {"ms", x.ms},         {"error", or_null(x.error)}};
}

json render(const stream_record& x) {
  json out{{"streamSid", x.stream_sid},
           {"url", x.url},
           {"extra", x.extra},
           {"upgradeStatus", x.upgrade_status},
           {"started", x.started},
           {"startedAtMs", x.started_at_ms},
           {"durationMs", x.duration_ms},
           {"framesSent", x.frames_sent},
           {"framesReceived", x.frames_received},
           {"framesDropped", x.frames_dropped},
           {"bytesSent", x.bytes_sent},
           {"bytesReceived", x.bytes_received}};
  out["heardMs"] = x.heard_ms;
  out["clearedMs"] = x.cleared_ms;
  out["heardAtClearsMs"] = x.heard_at_clears_ms;
  out["bufferedMaxMs"] = x.buffered_max_ms;
  out["marksReceived"] = x.marks_received;
  out["marksEchoed"] = x.marks_echoed;
  out["marksCleared"] = x.marks_cleared;
  out["clears"] = x.clears;
  out["dtmfSent"] = x.dtmf_sent;
  out["pings"] = x.pings;
  out["firstAudioMs"] = or_null(x.first_audio_ms);
  out["longestGapMs"] = x.longest_gap_ms;
  out["underruns"] = x.underruns;
  out["longestUnderrunMs"] = x.longest_underrun_ms;
  out["tickLateMaxMs"] = x.tick_late_max_ms;
  out["endedBy"] = x.ended_by;
  out["closeCode"] = x.close_code == 0 ? json{} : json(x.close_code);
  out["closeReason"] = or_null(x.close_reason);
  out["error"] = or_null(x.error);
  return out;
}

/// Sums over the call's own streams.
json totals(const std::vector<stream_record>& streams) {
  stream_record sum;
  for (const auto& x : streams) {
    if (x.extra) {
      continue;
    }
    sum.frames_sent += x.frames_sent;
    sum.frames_received += x.frames_received;
    sum.bytes_sent += x.bytes_sent;
    sum.bytes_received += x.bytes_received;
    sum.heard_ms += x.heard_ms;
    sum.marks_received += x.marks_received;
    sum.marks_echoed += x.marks_echoed;
    sum.clears += x.clears;
    sum.longest_gap_ms = std::max(sum.longest_gap_ms, x.longest_gap_ms);
    sum.longest_underrun_ms = std::max(sum.longest_underrun_ms, x.longest_underrun_ms);
    sum.underruns += x.underruns;
  }
  return {{"framesSent", sum.frames_sent},
          {"framesReceived", sum.frames_received},
          {"bytesSent", sum.bytes_sent},
          {"bytesReceived", sum.bytes_received},
          {"heardMs", sum.heard_ms},
          {"marksReceived", sum.marks_received},
          {"marksEchoed", sum.marks_echoed},
          {"clears", sum.clears},
          {"longestGapMs", sum.longest_gap_ms},
          {"underruns", sum.underruns},
          {"longestUnderrunMs", sum.longest_underrun_ms}};
}

json render_turns(const call_record& x) {
  auto out = json::array();
  for (size_t i = 0; i < x.turns.size(); ++i) {
    out.push_back({{"file", x.turn_files[i]},
                   {"startMs", or_null(x.turns[i].start_ms)},
                   {"endMs", or_null(x.turns[i].end_ms)},
                   {"answerMs", or_null(x.turns[i].answer_ms)}});
  }
  return out;
}

json render(const call_record& x) {
  json out{{"number", x.number},
           {"callSid", x.call_sid},
           {"from", x.from},
           {"to", x.to},
           {"ok", x.ok},
           {"failure", or_null(x.failure)},
           {"status", x.status},
           {"endedBy", x.ended_by},
           {"answered", x.answered},
           {"refused", x.refused},
           {"rejected", x.rejected},
           {"startedAt", x.started_at},
           {"answeredAfterMs", x.answered_after_ms},
           {"durationSeconds", x.duration_s},
           {"answerToFirstAudioMs", or_null(x.answer_to_first_audio_ms)},
           {"verbs", x.verbs}};
  out["totals"] = totals(x.streams);
  out["turns"] = render_turns(x);
  out["streams"] = json::array();
  for (const auto& stream : x.streams) {
    out["streams"].push_back(render(stream));
  }
  out["http"] = json::array();
  for (const auto& http : x.http) {
    out["http"].push_back(render(http));
  }
  out["warnings"] = json::array();
  for (const auto& warning : x.warnings) {
    out["warnings"].push_back({{"code", warning.code}, {"text", warning.text}});
  }
  out["warningsLeftOut"] = x.warnings_left_out;
  return out;
}

} // namespace

std::string render_report(const std::vector<call_record>& calls) {
  json out{{"calls", json::array()}};
  std::vector<stream_record> all;
  uint64_t ok = 0;
  for (const auto& x : calls) {
    out["calls"].push_back(render(x));
    ok += x.ok ? 1 : 0;
    all.insert(all.end(), x.streams.begin(), x.streams.end());
  }
  out["summary"] = {{"calls", calls.size()}, {"ok", ok}, {"failed", calls.size() - ok}};
  out["summary"].update(totals(all));
  return out.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string render_line(const call_record& x) {
  const auto sum = totals(x.streams);
  char text[512];
  std::snprintf(text, sizeof text,
                "call %d %s %s: %s, ended by %s after %.1f s; %llu frames sent, %llu received, "
                "%.1f s heard, marks %llu/%llu, clears %llu, first audio %lld ms, longest gap %lld "
                "ms, warnings %zu",
                x.number, x.call_sid.c_str(), x.ok ? "ok" : "FAILED", x.status.c_str(),
                x.ended_by.c_str(), x.duration_s,
                static_cast<unsigned long long>(sum["framesSent"].get<uint64_t>()),
                static_cast<unsigned long long>(sum["framesReceived"].get<uint64_t>()),
                static_cast<double>(sum["heardMs"].get<int64_t>()) / 1000,
                static_cast<unsigned long long>(sum["marksEchoed"].get<uint64_t>()),
                static_cast<unsigned long long>(sum["marksReceived"].get<uint64_t>()),
                static_cast<unsigned long long>(sum["clears"].get<uint64_t>()),
                static_cast<long long>(x.answer_to_first_audio_ms),
                static_cast<long long>(sum["longestGapMs"].get<int64_t>()), x.warnings.size());
  return x.failure.empty() ? text : std::string{text} + "\n  reason: " + x.failure;
}

} // namespace sim
