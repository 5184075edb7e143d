#include "storage/call_past.hpp"

#include "audio/g711.hpp"
#include "conf/defaults/storage.hpp"
#include "storage/journal_reader.hpp"
#include "storage/posix_file.hpp"
#include "storage/recording_names.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <map>
#include <system_error>

namespace switchboard::storage {

namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;

constexpr uint64_t bytes_per_ms = audio::ulaw_bytes_per_ms;

json object_of(std::string_view text) {
  auto parsed = json::parse(text, nullptr, false);
  return parsed.is_object() ? parsed : json::object();
}

std::string text_in(const json& from, const char* name) {
  const auto found = from.find(name);
  return found != from.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::optional<double> number_in(const json& from, const char* name) {
  const auto found = from.find(name);
  return found != from.end() && found->is_number() ? std::optional<double>(found->get<double>())
                                                   : std::nullopt;
}

/// A turn as actors/turn_json.cpp writes it; nothing if it has no key.
std::optional<transcript_row> turn_of(const std::string& call_id, std::string_view text) {
  const auto from = object_of(text);
  transcript_row row;
  const auto key = text_in(from, "key");
  row.id = call_id + "-" + key;
  if (turn_number(call_id, row.id) == 0)
    return std::nullopt;
  row.call_id = call_id;
  row.who = text_in(from, "speaker") == "assistant" ? speaker::assistant : speaker::user;
  row.text = text_in(from, "text");
  row.confidence = number_in(from, "confidence");
  row.start_time_s = number_in(from, "startMs").value_or(0) / 1000;
  if (const auto end = number_in(from, "endMs"))
    row.end_time_s = *end / 1000;
  return row;
}

/// Collects what the facts say.
class past_reader {
public:
  explicit past_reader(call_past& past) : past_(past) {}

  void tell(const fact& x) {
    if (x.at_ms > defaults::storage::recording_ms_max)
      return;
    past_.ended = x.type == fact_type::call_ended;
    switch (x.type) {
    case fact_type::call_started:
      started(object_of(x.text()));
      break;
    case fact_type::caller_audio:
      past_.length_ms = std::max(past_.length_ms, x.at_ms + x.bytes.size / bytes_per_ms);
      return;
    case fact_type::item_opened:
      item_bytes_ = 0;
      break;
    case fact_type::agent_audio:
      item_bytes_ += x.bytes.size;
      break;
    case fact_type::call_ended:
      past_.ended_failed = x.flag != 0;
      break;
    case fact_type::turn:
      if (auto row = turn_of(past_.call_id, x.text()))
        turns_.insert_or_assign(turn_number(past_.call_id, row->id), std::move(*row));
      break;
    default:
      break;
    }
    past_.length_ms = std::max(past_.length_ms, x.at_ms);
  }

  void finish() {
    past_.last_item_ms = item_bytes_ / bytes_per_ms;
    for (auto& [number, row] : turns_)
      past_.turns.push_back(std::move(row));
  }

private:
  void started(const json& from) {
    if (auto sid = text_in(from, "callSid"); !sid.empty())
      past_.call_sid = std::move(sid);
    const auto at = number_in(from, "startedAtMs");
    if (at && !past_.started_at && *at > 0 && *at < 1e15)
      past_.started_at = static_cast<wall_ms>(*at);
  }

  call_past& past_;
  uint64_t item_bytes_ = 0;
  std::map<uint64_t, transcript_row> turns_; // the last state of each
};

} // namespace

uint64_t turn_number(const std::string& call_id, const std::string& turn_id) {
  if (turn_id.size() <= call_id.size() + 1 || turn_id.compare(0, call_id.size(), call_id) != 0 ||
      turn_id[call_id.size()] != '-')
    return 0;
  const char* from = turn_id.data() + call_id.size() + 1;
  const char* end = turn_id.data() + turn_id.size();
  uint64_t number = 0;
  const auto [last, problem] = std::from_chars(from, end, number);
  return problem == std::errc{} && last == end ? number : 0;
}

result<call_past> read_call_past(const std::string& storage_path, const std::string& stem) {
  auto reader = journal_reader::open(storage_path + "/" + stem + ".journal");
  if (!reader)
    return {reader.code(), reader.detail()};
  auto& journal = **reader;
  call_past past;
  past.stem = stem;
  past.call_id = fs::path(stem).filename().string();
  past_reader facts(past);
  while (true) {
    auto x = journal.next();
    if (!x)
      return {x.code(), x.detail()};
    if (!*x)
      break;
    facts.tell(**x);
  }
  facts.finish();
  const auto& report = journal.report();
  past.end = report.end;
  past.facts = report.facts;
  past.cut_bytes = journal.file_bytes() - std::min(report.good_bytes, journal.file_bytes());
  return past;
}

std::vector<found_journal> find_journals(const std::string& storage_path) {
  std::vector<found_journal> found;
  for (const auto& date : recording_dates(storage_path)) {
    std::error_code failed;
    for (fs::directory_iterator file{fs::path{storage_path} / date, failed}, none;
         !failed && file != none; file.increment(failed)) {
      const auto call_id = file->path().stem().string();
      if (file->path().extension() == ".journal" && is_file_id(call_id))
        found.push_back({call_id, date + "/" + call_id});
    }
  }
  std::sort(found.begin(), found.end(), [](auto& a, auto& b) { return a.stem < b.stem; });
  return found;
}

result<std::string> set_journal_aside(const std::string& journal_path) {
  auto to = journal_path + ".corrupt";
  std::error_code failed;
  for (int i = 2; fs::exists(to, failed); ++i)
    to = journal_path + ".corrupt." + std::to_string(i);
  if (std::rename(journal_path.c_str(), to.c_str()) != 0) {
    const int why = errno;
    return {posix::from_errno(why), posix::describe("set aside", journal_path, why)};
  }
  return to;
}

} // namespace switchboard::storage
