#include "tools/openai_sim/records.hpp"

#include "tools/sim_common/audio_file.hpp"

#include <chrono>
#include <cstdio>
#include <stdexcept>

namespace sim::openai {

namespace {

constexpr size_t longest_logged_text = 300;

int64_t steady_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

/// Audio has no place in a log: long strings become their length.
void shorten(json& value) {
  if (value.is_string() && value.get_ref<const std::string&>().size() > longest_logged_text)
    value = "<" + std::to_string(value.get_ref<const std::string&>().size()) + " characters>";
  else if (value.is_structured())
    for (auto& inner : value)
      shorten(inner);
}

} // namespace

void write_whole(const std::string& path, const std::string& content) {
  const auto partial = path + ".partial";
  std::ofstream(partial, std::ios::binary) << content;
  if (std::rename(partial.c_str(), path.c_str()) != 0)
    std::fprintf(stderr, "openai-sim: cannot write %s\n", path.c_str());
}

records::records(const options& chosen) : options_(chosen), start_ms_(steady_ms()) {
  if (options_.log_file.empty())
    return;
  log_.open(options_.log_file);
  if (!log_)
    throw std::runtime_error("cannot write " + options_.log_file);
}

int64_t records::now_ms() const {
  return steady_ms() - start_ms_;
}

void records::log(int session, const char* direction, const json& event) {
  if (!log_.is_open())
    return;
  if (event.is_object() && event.value("type", json()) == "input_audio_buffer.append")
    return;
  json line = {{"ms", now_ms()}, {"session", session}, {direction, event}};
  shorten(line[direction]);
  log_ << line.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
}

void records::note(int session, const std::string& what) {
  if (log_.is_open())
    log_ << json{{"ms", now_ms()}, {"session", session}, {"note", what}}.dump() << std::endl;
}

void records::open(int session, std::function<json()> report) {
  live_[session] = std::move(report);
}

void records::close(int session, json last, const samples& heard) {
  live_.erase(session);
  note(session, "closed: " + last.value("close", json()).dump());
  done_[session] = std::move(last);
  if (!options_.record_dir.empty() && !heard.empty())
    save_wav(options_.record_dir + "/session-" + std::to_string(session) + ".wav", heard, 8000, 1);
  write_report();
}

void records::write_report() const {
  if (options_.report_file.empty())
    return;
  auto all = done_;
  for (const auto& [number, report] : live_)
    all[number] = report();
  json sessions = json::array();
  for (auto& [number, report] : all)
    sessions.push_back(std::move(report));
  const json whole = {{"sessions", std::move(sessions)}};
  write_whole(options_.report_file,
              whole.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

} // namespace sim::openai
