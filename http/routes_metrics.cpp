#include "conf/log.hpp"
#include "http/metrics_page.hpp"
#include "http/process_figures.hpp"
#include "http/site.hpp"
#include "http/stream_acceptor.hpp"
#include "http/traffic.hpp"

#include <array>
#include <chrono>

namespace switchboard::http {

namespace {

using actors::node_state;

constexpr double us_per_s = 1e6;
constexpr double ms_per_s = 1e3;
constexpr double pcmu_bytes_per_s = 8'000;
constexpr const char* page_type = "text/plain; version=0.0.4; charset=utf-8";

double number(const actors::counter& value) {
  return static_cast<double>(value.load(std::memory_order_relaxed));
}

double number(const std::atomic<int64_t>& value) {
  return static_cast<double>(value.load(std::memory_order_relaxed));
}

void add_calls(metrics_page& page, const node_state& state) {
  auto& m = state.metrics;
  page.gauges("switchboard_calls_active", "Calls that are admitted and not over.");
  page.add(state.active_calls);
  page.gauges("switchboard_calls", "Calls with a stream, by their state.");
  for (size_t i = 0; i < actors::call_states; ++i)
    page.add(number(m.calls_in[i]), {{"state", to_string(static_cast<actors::call_state>(i))}});
  page.counters("switchboard_admissions_total", "Calls that asked to be taken, by the answer.");
  for (size_t i = 0; i < m.admissions.size(); ++i)
    page.add(number(m.admissions[i]), {{"result", actors::admission_names[i]}});
  page.counters("switchboard_calls_ended_total", "Calls that are over, by how they ended.");
  page.add(number(m.calls_completed), {{"status", "completed"}});
  page.add(number(m.calls_failed), {{"status", "failed"}});
  page.histograms("switchboard_turn_latency_seconds",
                  "From where the caller stopped speaking to the answer's first sound.", ms_per_s);
  page.add(m.turn_latency);
  page.counters("switchboard_interruptions_total", "Times that a caller spoke into an answer.");
  page.add(number(m.interruptions));
}

template <size_t N>
void add_by_reason(metrics_page& page, const char* side,
                   const std::array<actors::counter, N>& counts, const char* (*name_of)(size_t)) {
  for (size_t i = 0; i < N; ++i)
    page.add(number(counts[i]), {{"side", side}, {"reason", name_of(i)}});
}

void add_connections(metrics_page& page, const node_state& state) {
  auto& m = state.metrics;
  page.counters("switchboard_connections_lost_total",
                "Media streams and model sessions that ended, by side and reason.");
  add_by_reason(page, "carrier", m.carrier_lost, actors::carrier_reason_name);
  add_by_reason(page, "model", m.model_lost, actors::model_reason_name);
  page.counters("switchboard_reconnects_total",
                "Calls that got another media stream or model session, by side and by why they had "
                "lost the one before.");
  add_by_reason(page, "carrier", m.carrier_reconnects, actors::carrier_reason_name);
  add_by_reason(page, "model", m.model_reconnects, actors::model_reason_name);
}

/// One family over all lines.
template <class Value>
void add_lines(metrics_page& page, const http_services& services, Value value) {
  for (auto* line : services.lines)
    page.add(value(*line), {{"line", line->name()}});
}

void add_media(metrics_page& page, const http_services& services) {
  using actors::line;
  page.counters("switchboard_caller_frames_total", "Media messages received from carriers.");
  add_lines(page, services, [](line& l) { return number(l.metrics().caller_frames); });
  page.counters("switchboard_agent_audio_seconds_total", "Audio sent to carriers.");
  add_lines(page, services,
            [](line& l) { return number(l.metrics().agent_audio_bytes) / pcmu_bytes_per_s; });
  page.histograms(
      "switchboard_frame_delay_seconds",
      "How much later than its stream's earliest frames a caller's audio went on to the "
      "model: network jitter and our own queueing.",
      us_per_s);
  for (auto* each : services.lines)
    page.add(each->metrics().frame_delay, {{"line", each->name()}});
  page.histograms("switchboard_line_lateness_seconds",
                  "How late a thread's tick came: what anything waits that arrives there.",
                  us_per_s);
  for (auto* each : services.lines)
    page.add(each->metrics().lateness, {{"line", each->name()}});
  if (services.http_line != nullptr)
    page.add(services.http_line->metrics().lateness, {{"line", "http"}});
  page.gauges("switchboard_line_overloaded", "1 while a line does not keep up.");
  for (size_t i = 0; i < services.lines.size(); ++i)
    page.add(services.state->line_late[i] ? 1 : 0, {{"line", services.lines[i]->name()}});
  page.gauges("switchboard_line_actors", "Actors that live on a line.");
  add_lines(page, services, [](line& l) { return static_cast<double>(l.actors()); });
}

void add_storage(metrics_page& page, const node_state& state) {
  auto& m = state.metrics;
  page.histograms("switchboard_journal_lag_seconds",
                  "From a recorder's getting audio to its being written.", ms_per_s);
  page.add(m.journal_lag);
  page.gauges("switchboard_journal_waiting_bytes", "Audio that waits to be written.");
  page.add(number(m.journal_waiting_bytes));
  page.counters("switchboard_journal_lost_bytes_total", "Audio that could not be kept.");
  page.add(number(state.journal_lost_bytes));
  page.gauges("switchboard_recorders", "Recordings under way, sealing included.");
  page.add(state.recorders);
  page.gauges("switchboard_recorders_failing", "Recordings that the disk does not take now.");
  page.add(state.recorders_failing);
  page.counters("switchboard_recordings_left_total", "Recordings left for the next start.");
  page.add(number(state.recordings_left));
  page.gauges("switchboard_disk_free_bytes", "Free space, by what is kept there.");
  page.add(number(state.storage.recording_free_bytes), {{"of", "recordings"}});
  page.add(number(state.storage.database_free_bytes), {{"of", "database"}});
  page.gauges("switchboard_disk_low", "1 while less than DISK_FREE_MIN_MB is free.");
  page.add(state.storage.recording_low ? 1 : 0, {{"of", "recordings"}});
  page.add(state.storage.database_low ? 1 : 0, {{"of", "database"}});
  page.histograms("switchboard_database_commit_seconds", "One transaction of the writer.",
                  us_per_s);
  page.add(m.commit_time);
  page.histograms("switchboard_database_batch_writes", "Writes that shared a transaction.", 1);
  page.add(m.batch_writes);
  page.gauges("switchboard_database_queue", "Writes that waited at the last commit.");
  page.add(number(m.database_queue));
  page.gauges("switchboard_reads_waiting",
              "Jobs of the readers that wait or are at work, by what they read.");
  page.add(number(m.database_reads), {{"of", "database"}});
  page.add(number(m.disk_reads), {{"of", "disk"}});
  page.counters("switchboard_database_failures_total", "Transactions that failed.");
  page.add(number(m.database_failures));
  page.gauges("switchboard_ends_waiting", "Ends of calls that could not be written yet.");
  page.add(number(state.ends_waiting));
  page.counters("switchboard_actors_restarted_total", "Writers that died and were brought back.");
  page.add(number(m.actors_restarted));
}

void add_http(metrics_page& page, const site_context& context) {
  page.counters("switchboard_http_requests_total", "Requests answered.");
  if (context.counted != nullptr)
    for (auto& [kind, count] : context.counted->answers())
      page.add(static_cast<double>(count), {{"method", kind.method},
                                            {"route", kind.route},
                                            {"status", std::to_string(kind.status)}});
  page.histograms("switchboard_http_request_seconds", "From a request to its answer.", us_per_s);
  if (context.counted != nullptr)
    for (auto& [route, times] : context.counted->times())
      page.add(*times, {{"route", route}});
  page.gauges("switchboard_sse_clients", "Connected event stream clients.");
  page.add(context.services.state->event_clients);
  page.counters("switchboard_sse_dropped_total", "Event stream clients dropped for being slow.");
  page.add(number(context.services.state->event_clients_dropped));
  page.gauges("switchboard_streams_pending", "Media sockets whose ticket is not checked yet.");
  page.add(context.streams ? static_cast<double>(context.streams->pending()) : 0);
}

void add_process(metrics_page& page, const http_services& services) {
  const auto& state = *services.state;
  page.gauges("switchboard_build_info", "1, with the version.");
  page.add(1, {{"version", conf::version()}});
  page.gauges("switchboard_uptime_seconds", "Since the start of the process.");
  const auto up = std::chrono::steady_clock::now() - state.started;
  page.add(std::chrono::duration<double>(up).count());
  page.gauges("switchboard_draining", "1 while no new calls are taken before the end.");
  page.add(state.draining ? 1 : 0);
  page.gauges("switchboard_healthy", "1 while the listener, the database and recording work.");
  const bool written = state.database_ok && state.storage.database_writable && state.recording_ok();
  page.add(state.listening && written ? 1 : 0);
  page.gauges("switchboard_actors", "Actors of the process.");
  page.add(services.actors ? static_cast<double>(services.actors()) : 0);
  page.counters("switchboard_log_lines_dropped_total", "Log lines that nobody took in time.");
  page.add(static_cast<double>(log::dropped()));
  const auto process = read_process_figures();
  page.counters("process_cpu_seconds_total", "User and system CPU time.");
  page.add(process.cpu_s);
  page.gauges("process_resident_memory_bytes", "Resident memory.");
  page.add(static_cast<double>(process.resident_bytes));
  page.gauges("process_threads", "Threads.");
  page.add(static_cast<double>(process.threads));
  page.gauges("process_open_fds", "Open descriptors.");
  page.add(static_cast<double>(process.descriptors));
  page.gauges("process_max_fds", "Descriptors that may be open.");
  page.add(static_cast<double>(process.descriptors_max));
}

void metrics(site_context& context, const exchange_ptr& x) {
  metrics_page page;
  auto& state = *context.services.state;
  add_calls(page, state);
  add_connections(page, state);
  add_media(page, context.services);
  add_storage(page, state);
  add_http(page, context);
  add_process(page, context.services);
  x->answer(text_response(200, page_type, page.text()));
}

} // namespace

void add_metrics_routes(std::vector<route>& routes) {
  routes.push_back({"GET", "/metrics", access_need::read, metrics});
}

} // namespace switchboard::http
