#include "storage/sqlite_rows.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

namespace switchboard::storage::sqlite {
namespace {

/// Reads a row's columns from left to right.
class columns {
public:
  explicit columns(SQLite::Statement& statement) : statement_(statement) {}

  columns& operator>>(std::string& x) {
    x = next().getString();
    return *this;
  }
  columns& operator>>(int64_t& x) {
    x = next().getInt64();
    return *this;
  }
  columns& operator>>(int32_t& x) {
    x = next().getInt();
    return *this;
  }
  columns& operator>>(double& x) {
    x = next().getDouble();
    return *this;
  }
  columns& operator>>(call_status& x) {
    x = status_from(next().getString()).value_or(call_status::failed);
    return *this;
  }
  columns& operator>>(speaker& x) {
    x = next().getString() == "assistant" ? speaker::assistant : speaker::user;
    return *this;
  }
  template <class T>
  columns& operator>>(std::optional<T>& x) {
    if (statement_.isColumnNull(next_)) {
      ++next_;
      x.reset();
      return *this;
    }
    return *this >> x.emplace();
  }

private:
  SQLite::Column next() { return statement_.getColumn(next_++); }

  SQLite::Statement& statement_;
  int next_ = 0;
};

} // namespace

const char* const call_columns = "id, stream_sid, call_sid, caller, agent, start_time, end_time,"
                                 " duration_s, status, notes, created_at, updated_at";
const char* const recording_columns =
    "id, call_id, file_path, sample_rate_hz, channels, duration_s,"
    " size_bytes, sha256_hex, missing_ms_max, created_at,"
    " updated_at";
const char* const transcript_columns = "id, call_id, speaker, text, confidence, start_time_s,"
                                       " end_time_s, version, generated_text, created_at,"
                                       " updated_at";
const char* const analytics_columns = "id, call_id, sentiment, sentiment_score, talk_time_s,"
                                      " silence_time_s, interruptions, average_latency_ms,"
                                      " metrics_json, snapshot_time, created_at, updated_at";
const char* const metadata_columns = "id, call_id, language, region, device_type, network_quality,"
                                     " custom_data_json, created_at, updated_at";

call_row read_call(SQLite::Statement& statement) {
  call_row x;
  columns(statement) >> x.id >> x.stream_sid >> x.call_sid >> x.caller >> x.agent >> x.start_time >>
      x.end_time >> x.duration_s >> x.status >> x.notes >> x.created_at >> x.updated_at;
  return x;
}

recording_row read_recording(SQLite::Statement& statement) {
  recording_row x;
  columns(statement) >> x.id >> x.call_id >> x.file_path >> x.sample_rate_hz >> x.channels >>
      x.duration_s >> x.size_bytes >> x.sha256_hex >> x.missing_ms_max >> x.created_at >>
      x.updated_at;
  return x;
}

transcript_row read_transcript(SQLite::Statement& statement) {
  transcript_row x;
  columns(statement) >> x.id >> x.call_id >> x.who >> x.text >> x.confidence >> x.start_time_s >>
      x.end_time_s >> x.version >> x.generated_text >> x.created_at >> x.updated_at;
  return x;
}

analytics_row read_analytics(SQLite::Statement& statement) {
  analytics_row x;
  columns(statement) >> x.id >> x.call_id >> x.sentiment >> x.sentiment_score >> x.talk_time_s >>
      x.silence_time_s >> x.interruptions >> x.average_latency_ms >> x.metrics_json >>
      x.snapshot_time >> x.created_at >> x.updated_at;
  return x;
}

metadata_row read_metadata(SQLite::Statement& statement) {
  metadata_row x;
  columns(statement) >> x.id >> x.call_id >> x.language >> x.region >> x.device_type >>
      x.network_quality >> x.custom_data_json >> x.created_at >> x.updated_at;
  return x;
}

std::optional<call_status> status_from(const std::string& text) {
  for (auto x : {call_status::active, call_status::completed, call_status::failed}) {
    if (text == to_string(x)) {
      return x;
    }
  }
  return std::nullopt;
}

binder& binder::operator<<(const std::string& x) {
  statement_.bind(next_++, x);
  return *this;
}

binder& binder::operator<<(const char* x) {
  statement_.bind(next_++, x);
  return *this;
}

binder& binder::operator<<(int64_t x) {
  statement_.bind(next_++, x);
  return *this;
}

binder& binder::operator<<(double x) {
  statement_.bind(next_++, x);
  return *this;
}

binder& binder::operator<<(const std::optional<int64_t>& x) {
  return x.has_value() ? *this << *x : null();
}

binder& binder::null() {
  statement_.bind(next_++);
  return *this;
}

} // namespace switchboard::storage::sqlite
