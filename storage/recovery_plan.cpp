#include "conf/defaults/storage.hpp"
#include "storage/call_past.hpp"

#include <algorithm>

namespace switchboard::storage {

namespace {

const transcript_row* find(const std::vector<transcript_row>& rows, const std::string& id) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.id == id; });
  return found == rows.end() ? nullptr : &*found;
}

bool same(const transcript_row& a, const transcript_row& b) {
  return a.text == b.text && a.end_time_s.has_value() == b.end_time_s.has_value();
}

/// The part of a text that was heard, by time and to a word's end: nobody heard what the process
/// had sent and the carrier had not played when the process died.
std::string heard_part(const std::string& text, double fraction) {
  if (fraction >= 1)
    return text;
  auto length = static_cast<size_t>(static_cast<double>(text.size()) * std::max(0.0, fraction));
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(length) >= 0x80)
    while (length > 0 && (byte(length) & 0xC0) == 0x80)
      --length;
  else
    while (length > 0 && text[length] != ' ')
      --length;
  return text.substr(0, length);
}

/// A turn that was open when the process died ends with the call.
transcript_row closed(transcript_row row, const call_past& past) {
  const double end_s = static_cast<double>(past.length_ms) / 1000;
  const double heard_ms = (end_s - row.start_time_s) * 1000;
  if (row.who == speaker::assistant && past.last_item_ms > 0)
    row.text = heard_part(row.text, heard_ms / static_cast<double>(past.last_item_ms));
  row.end_time_s = std::max(end_s, row.start_time_s);
  return row;
}

std::vector<transcript_row> missing_turns(const call_details& known, const call_past& past) {
  std::vector<transcript_row> missing;
  for (const auto& turn : past.turns) {
    const auto* row = find(known.transcripts, turn.id);
    if (row != nullptr && same(*row, turn))
      continue;
    missing.push_back(turn);
    missing.back().version = row == nullptr ? 1 : row->version + 1;
  }
  for (const auto& row : known.transcripts) {
    if (row.end_time_s || find(past.turns, row.id) != nullptr)
      continue;
    missing.push_back(closed(row, past));
    missing.back().version = row.version + 1;
  }
  return missing;
}

call_update end_of(const call_row& row, const call_past* past) {
  call_update end;
  end.only_if_active = true;
  end.status = call_status::failed;
  if (past == nullptr) { // nothing was recorded: the row's last change is the last sign of life
    end.end_time = std::max(row.updated_at, row.start_time);
    end.duration_s = (*end.end_time - row.start_time) / 1000;
    return end;
  }
  if (past->ended && !past->ended_failed)
    end.status = call_status::completed;
  const auto length = static_cast<int64_t>(past->length_ms);
  end.end_time = past->started_at.value_or(row.start_time) + length;
  end.duration_s = length / 1000;
  return end;
}

int64_t missing_ms_of(const call_past* past) {
  if (past == nullptr || past->ended)
    return 0;
  return defaults::storage::unflushed_ms_max +
         static_cast<int64_t>(past->cut_bytes / 8); // PCMU: 8 bytes a ms
}

analytics_row figures_of(const call_details& known, const call_past* past, const call_update& end) {
  analytics_row row;
  row.call_id = known.call.id;
  double talk_s = 0;
  for (const auto* turns : {&known.transcripts, past != nullptr ? &past->turns : nullptr}) {
    if (turns == nullptr)
      continue;
    for (const auto& turn : *turns)
      if (turns == &known.transcripts || find(known.transcripts, turn.id) == nullptr)
        talk_s += std::max(0.0, turn.end_time_s.value_or(turn.start_time_s) - turn.start_time_s);
  }
  row.talk_time_s = talk_s;
  row.silence_time_s = std::max(0.0, static_cast<double>(end.duration_s.value_or(0)) - talk_s);
  row.metrics_json =
      R"({"recovered":true,"missingMsMax":)" + std::to_string(missing_ms_of(past)) + "}";
  row.snapshot_time = *end.end_time;
  return row;
}

} // namespace

recovery_plan plan_recovery(const call_details& known, const call_past* past) {
  recovery_plan plan;
  if (past != nullptr) {
    plan.turns = missing_turns(known, *past);
    plan.seal = past->facts > 0 && known.recordings.empty();
  }
  if (known.call.status != call_status::active)
    return plan;
  plan.end = end_of(known.call, past);
  if (known.analytics.empty())
    plan.figures = figures_of(known, past, *plan.end);
  return plan;
}

} // namespace switchboard::storage
