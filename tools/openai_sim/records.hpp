#pragma once

#include "tools/openai_sim/options.hpp"
#include "tools/sim_common/openai_session.hpp"

#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <string>

namespace sim::openai {

/// What the simulator leaves behind: the event log, the report, the recordings. One thread.
class records {
public:
  /// @throws std::runtime_error when the log cannot be opened.
  explicit records(const options& chosen);

  /// Logs one event; audio is replaced by its size, appends are left out.
  /// @param direction "in" or "out".
  void log(int session, const char* direction, const json& event);
  /// Logs what is no event.
  void note(int session, const std::string& what);

  /// Registers a session in progress; `report` is asked whenever the report is written.
  void open(int session, std::function<json()> report);
  /// Its last state; rewrites the report file.
  void close(int session, json last, const samples& heard);

  /// Writes the report of all sessions so far, live ones included.
  void write_report() const;

private:
  int64_t now_ms() const;

  const options& options_;
  int64_t start_ms_;
  mutable std::ofstream log_;
  std::map<int, std::function<json()>> live_;
  std::map<int, json> done_;
};

/// Writes a file under a temporary name and renames it, so that a reader never sees half of it.
void write_whole(const std::string& path, const std::string& content);

} // namespace sim::openai
