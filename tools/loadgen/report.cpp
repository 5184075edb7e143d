#include "tools/loadgen/report.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace sim::load {

using json = nlohmann::json;

namespace {

json spread(const load_spread& values) {
  const auto ms = [](int64_t us) { return static_cast<double>(us) / 1000; };
  return {{"count", values.count()},
          {"p50", ms(values.at(0.5))},
          {"p99", ms(values.at(0.99))},
          {"p999", ms(values.at(0.999))},
          {"max", ms(values.max())}};
}

json direction(const flow& way) {
  return {{"sent", way.sent},
          {"received", way.received},
          {"lost", way.sent > way.received ? way.sent - way.received : 0},
          {"delay_ms", spread(way.delay)}};
}

json both(const flows& group) {
  return {{"to_model", direction(group.to_model)}, {"to_carrier", direction(group.to_carrier)}};
}

json server_figures(const outcome& what, uint64_t live) {
  const double user = what.after.user_s - what.before.user_s;
  const double system = what.after.system_s - what.before.system_s;
  const double per = what.call_seconds > 0 ? 1000 / what.call_seconds : 0;
  const double grown = static_cast<double>(what.after.resident_bytes) -
                       static_cast<double>(what.idle.resident_bytes);
  return {{"cpu_ms_per_call_second", (user + system) * per},
          {"user_ms_per_call_second", user * per},
          {"system_ms_per_call_second", system * per},
          {"core_share", what.measured_s > 0 ? (user + system) / what.measured_s : 0},
          {"resident_idle_kb", static_cast<double>(what.idle.resident_bytes) / 1000},
          {"resident_kb", static_cast<double>(what.after.resident_bytes) / 1000},
          {"resident_kb_per_call", live > 0 ? grown / 1000 / static_cast<double>(live) : 0},
          {"resident_ended_kb", static_cast<double>(what.ended.resident_bytes) / 1000},
          {"descriptors_idle", what.idle.descriptors},
          {"descriptors", what.after.descriptors},
          {"descriptors_ended", what.ended.descriptors},
          {"threads", what.after.threads}};
}

std::string line(const char* name, const json& d) {
  char text[200];
  const auto& delay = d["delay_ms"];
  std::snprintf(text, sizeof text,
                "  %-12s %9llu sent %6llu lost   p50 %7.2f  p99 %7.2f  p99.9 %7.2f  max %8.2f ms\n",
                name, d["sent"].get<unsigned long long>(), d["lost"].get<unsigned long long>(),
                delay["p50"].get<double>(), delay["p99"].get<double>(), delay["p999"].get<double>(),
                delay["max"].get<double>());
  return text;
}

} // namespace

json report_json(const options& how, const tally& told, const load_spread& lateness,
                 const outcome& what) {
  const double own = what.self_after.cpu_s() - what.self_before.cpu_s();
  return {{"void", what.void_run},
          {"void_why", what.void_why},
          {"not_carried", what.not_carried},
          {"through", how.relay_port != 0 ? "relay" : "server"},
          {"calls", how.calls},
          {"measured_s", what.measured_s},
          {"call_seconds", what.call_seconds},
          {"started", told.started},
          {"ended", told.ended},
          {"refused", told.refused},
          {"failed", told.failed},
          {"lost", told.lost},
          {"sessions", told.sessions},
          {"sessions_lost", told.sessions_lost},
          {"sessions_unopened", told.sessions_unopened},
          {"first_problem", told.first_problem},
          {"odd_messages", told.odd_messages},
          {"marks", told.marks},
          {"clears", told.clears},
          {"truncates", told.truncates},
          {"frames", both(told.main)},
          {"other_frames", both(told.others)},
          {"frames_timed", !how.pcm16},
          {"set_up_ms", spread(told.set_up)},
          {"first_audio_ms", spread(told.first_audio)},
          {"clear_ms", spread(told.clear)},
          {"api_ms", spread(told.api)},
          {"api_errors", told.api_errors},
          {"event_streams", how.sse},
          {"event_streams_lost", what.streams_lost},
          {"event_stream_bytes", what.stream_bytes},
          {"server", server_figures(what, how.calls)},
          {"own",
           {{"lateness_ms", spread(lateness)},
            {"core_share", what.measured_s > 0 ? own / what.measured_s : 0}}}};
}

std::string report_text(const json& r) {
  char text[600];
  const auto& server = r["server"];
  std::snprintf(
      text, sizeof text,
      "%s: %u calls through the %s, %.1f s measured: %llu started, %llu ended, %llu refused, "
      "%llu failed, %llu lost\n",
      r["void"].get<bool>() ? "VOID" : "measured", r["calls"].get<unsigned>(),
      r["through"].get<std::string>().c_str(), r["measured_s"].get<double>(),
      r["started"].get<unsigned long long>(), r["ended"].get<unsigned long long>(),
      r["refused"].get<unsigned long long>(), r["failed"].get<unsigned long long>(),
      r["lost"].get<unsigned long long>());
  std::string out = text;
  if (r["void"].get<bool>())
    out += "  " + r["void_why"].get<std::string>() + "\n";
  if (!r["not_carried"].get<std::string>().empty())
    out += "  not all calls were carried: " + r["not_carried"].get<std::string>() + "\n";
  if (!r["first_problem"].get<std::string>().empty())
    out += "  first problem: " + r["first_problem"].get<std::string>() + "\n";
  out += line("to model", r["frames"]["to_model"]) + line("to carrier", r["frames"]["to_carrier"]);
  if (r["other_frames"]["to_model"]["sent"].get<uint64_t>() > 0)
    out += line("others: in", r["other_frames"]["to_model"]) +
           line("others: out", r["other_frames"]["to_carrier"]);
  std::snprintf(
      text, sizeof text,
      "  first audio  p50 %.1f  p99 %.1f ms; set-up p50 %.1f  p99 %.1f ms; API %llu, p99 %.1f ms\n"
      "  server       %.3f ms CPU a call-second (user %.3f, system %.3f), %.0f %% of a core, "
      "%.0f kB a call\n"
      "  ourselves    late p99 %.2f  max %.2f ms, %.0f %% of a core\n",
      r["first_audio_ms"]["p50"].get<double>(), r["first_audio_ms"]["p99"].get<double>(),
      r["set_up_ms"]["p50"].get<double>(), r["set_up_ms"]["p99"].get<double>(),
      r["api_ms"]["count"].get<unsigned long long>(), r["api_ms"]["p99"].get<double>(),
      server["cpu_ms_per_call_second"].get<double>(),
      server["user_ms_per_call_second"].get<double>(),
      server["system_ms_per_call_second"].get<double>(), server["core_share"].get<double>() * 100,
      server["resident_kb_per_call"].get<double>(), r["own"]["lateness_ms"]["p99"].get<double>(),
      r["own"]["lateness_ms"]["max"].get<double>(), r["own"]["core_share"].get<double>() * 100);
  out += text;
  if (const auto& clear = r["clear_ms"]; clear["count"].get<uint64_t>() > 0) {
    std::snprintf(text, sizeof text, "  clear after speech_started  %llu, p50 %.2f  p99 %.2f ms\n",
                  clear["count"].get<unsigned long long>(), clear["p50"].get<double>(),
                  clear["p99"].get<double>());
    out += text;
  }
  return out;
}

} // namespace sim::load
