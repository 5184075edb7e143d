#include "storage/journal.hpp"
#include "tests/simulation/random_call.hpp"

namespace switchboard::test {

namespace {

/// Five fakes, the registry and the fixture's own: what stays when a call is gone.
constexpr size_t lasting_actors = 7;

} // namespace

void random_call::check_end(std::vector<std::string>& wrong) {
  if (!world_.ended->has_value())
    wrong.push_back("the call's actor lives");
  if (const auto ends = world_.count(feed_type::call_ended); ends != 1)
    wrong.push_back(std::to_string(ends) + " ends were told");
  const auto& row = world_.rows->calls[world_.call_id];
  if (row.status == storage::call_status::active || !row.end_time || !row.duration_s)
    wrong.push_back("the row is not ended");
}

void random_call::check_rows(std::vector<std::string>& wrong) {
  if (world_.rows->recordings.size() != 1 && world_.events->error_codes().empty())
    wrong.push_back(std::to_string(world_.rows->recordings.size()) + " recordings and no error");
  const auto& figures = world_.rows->figures;
  if (figures.empty() || figures.back().metrics_json->find("\"final\":true") == std::string::npos)
    wrong.push_back("the last figures are missing");
  if (world_.rows->metadata.empty())
    wrong.push_back("the metadata is missing");
  std::map<std::string, int64_t> versions;
  for (auto& event : world_.events->of(feed_type::transcript)) {
    const auto& turn = std::get<storage::transcript_row>(event.data);
    if (turn.version <= versions[turn.id])
      wrong.push_back("a version of " + turn.id + " went back");
    versions[turn.id] = turn.version;
    if (!turn.removed && turn.text.empty())
      wrong.push_back(turn.id + " says nothing");
    if (turn.end_time_s && *turn.end_time_s < turn.start_time_s)
      wrong.push_back(turn.id + " ends before it starts");
  }
}

void random_call::check_remains(std::vector<std::string>& wrong) {
  if (!world_.wire->destroyed)
    wrong.push_back("the carrier's socket is left");
  for (auto& session : world_.model.sessions)
    if (!session->destroyed)
      wrong.push_back("a model's socket is left");
  if (world_.node->active_calls != 0 || world_.node->recorders != 0 || world_.node->reviews != 0)
    wrong.push_back("the node still counts the call, its recorder or its review");
  if (const auto left = world_.sys.registry().running(); left != lasting_actors)
    wrong.push_back(std::to_string(left) + " actors are left");
}

void random_call::check_journal(std::vector<std::string>& wrong) {
  for (auto& [path, records] : world_.disk_log->journals) {
    audio::byte_buffer file;
    storage::append_journal_header(file);
    file.insert(file.end(), records.begin(), records.end());
    size_t ends = 0;
    uint64_t sent_bytes = 0;
    const auto report = storage::read_journal_bytes(file, [&](const storage::fact& fact) {
      ends += fact.type == storage::fact_type::call_ended ? 1 : 0;
      sent_bytes += fact.type == storage::fact_type::agent_audio ? fact.bytes.size : 0;
      return true;
    });
    if (report.end != storage::read_end::complete || ends != 1)
      wrong.push_back("the journal is torn or has " + std::to_string(ends) + " ends");
    if (!recorder_killed_ && sent_bytes != bytes_sent())
      wrong.push_back("the journal holds " + std::to_string(sent_bytes) +
                      " bytes of the agent, sent were " + std::to_string(bytes_sent()));
  }
}

uint64_t random_call::bytes_sent() {
  uint64_t sum = world_.sent_ms("clip") * 8; // the tone of a gap is recorded, too
  for (auto& item : world_.items())
    sum += world_.sent_ms(item) * 8;
  return sum;
}

} // namespace switchboard::test
