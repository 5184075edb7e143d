#include "storage/journal.hpp"

#include "storage/call_past.hpp"
#include "storage/recording_names.hpp"
#include "tools/switchboard/commands.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>

namespace switchboard {

namespace {

using storage::fact;
using storage::fact_type;

const char* name_of(fact_type type) {
  switch (type) {
  case fact_type::call_started:
    return "call_started";
  case fact_type::stream_started:
    return "stream_started";
  case fact_type::stream_stopped:
    return "stream_stopped";
  case fact_type::session_started:
    return "session_started";
  case fact_type::session_stopped:
    return "session_stopped";
  case fact_type::caller_audio:
    return "caller_audio";
  case fact_type::agent_audio:
    return "agent_audio";
  case fact_type::mark_sent:
    return "mark_sent";
  case fact_type::mark_echoed:
    return "mark_echoed";
  case fact_type::cleared:
    return "cleared";
  case fact_type::item_opened:
    return "item_opened";
  case fact_type::item_done:
    return "item_done";
  case fact_type::turn:
    return "turn";
  case fact_type::call_ended:
    return "call_ended";
  default:
    return "unknown";
  }
}

const char* name_of(storage::read_end end) {
  switch (end) {
  case storage::read_end::complete:
    return "complete";
  case storage::read_end::torn_tail:
    return "torn_tail";
  case storage::read_end::corrupt:
    return "corrupt";
  case storage::read_end::not_a_journal:
    return "not_a_journal";
  case storage::read_end::newer_version:
    return "newer_version";
  }
  return "unknown";
}

bool is_audio(fact_type type) {
  return type == fact_type::caller_audio || type == fact_type::agent_audio;
}

/// One record as JSON: a line of its own. Bytes that are no UTF-8 are replaced.
nlohmann::ordered_json json_of(const fact& x) {
  nlohmann::ordered_json line{
      {"type", name_of(x.type)}, {"typeNumber", static_cast<int>(x.type)}, {"atMs", x.at_ms},
      {"item", x.item},          {"offsetBytes", x.offset_bytes},          {"flag", x.flag},
      {"bytes", x.bytes.size}};
  if (!is_audio(x.type))
    line["text"] = std::string{x.text()};
  return line;
}

/// `journal FILE|CALL_ID [--json]`
class journal_command : public command {
public:
  void declare(CLI::App& options) override {
    options.add_option("FILE|CALL_ID", what_, "a journal's file, or the id of a call")->required();
    options.add_flag("--json", json_, "a line of JSON for each record, and one for the end");
  }
  int run(const conf::config& config) override;

private:
  std::string path_of(const conf::config& config) const;
  void print(const fact& x) const;
  void print_end(const storage::read_report& report, uint64_t file_bytes) const;

  std::string what_;
  bool json_ = false;
};

std::string journal_command::path_of(const conf::config& config) const {
  if (!storage::is_file_id(what_))
    return what_;
  for (auto& journal : storage::find_journals(config.recording_storage_path))
    if (journal.call_id == what_)
      return config.recording_storage_path + "/" + journal.stem + ".journal";
  return what_;
}

void journal_command::print(const fact& x) const {
  using nlohmann::json;
  const auto replace = json::error_handler_t::replace;
  if (json_) {
    std::printf("%s\n", json_of(x).dump(-1, ' ', false, replace).c_str());
    return;
  }
  // A text is shown as JSON, so that it cannot drive the terminal.
  const auto text = is_audio(x.type) || x.bytes.empty()
                        ? std::string{}
                        : json(std::string{x.text()}).dump(-1, ' ', true, replace);
  std::printf("%10.3fs  %-15s  item %-4u  at %-9llu  %6zu bytes  %s\n",
              static_cast<double>(x.at_ms) / 1000, name_of(x.type), x.item,
              static_cast<unsigned long long>(x.offset_bytes), x.bytes.size, text.c_str());
}

void journal_command::print_end(const storage::read_report& report, uint64_t file_bytes) const {
  if (json_) {
    const nlohmann::ordered_json line{{"end", name_of(report.end)},
                                      {"facts", report.facts},
                                      {"goodBytes", report.good_bytes},
                                      {"fileBytes", file_bytes},
                                      {"lastAtMs", report.last_at_ms}};
    std::printf("%s\n", line.dump().c_str());
    return;
  }
  std::printf("%s: %llu records up to byte %llu of %llu, the last at %.3f s\n", name_of(report.end),
              static_cast<unsigned long long>(report.facts),
              static_cast<unsigned long long>(report.good_bytes),
              static_cast<unsigned long long>(file_bytes),
              static_cast<double>(report.last_at_ms) / 1000);
}

int journal_command::run(const conf::config& config) {
  const auto path = path_of(config);
  const auto report = storage::read_journal(path, [this](const fact& x) {
    print(x);
    return true;
  });
  if (!report)
    return failed(report.detail());
  std::error_code unknown;
  print_end(*report, std::filesystem::file_size(path, unknown));
  return report->end == storage::read_end::complete ? exit_ok : exit_incomplete;
}

} // namespace

command_ptr make_journal() {
  return std::make_unique<journal_command>();
}

} // namespace switchboard
