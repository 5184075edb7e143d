#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// The rows that Switchboard keeps, in the domain's words. Plain data; instants are wall time in
/// milliseconds since the Unix epoch (UTC), positions in a call are milliseconds of call media
/// time.
namespace switchboard::storage {

using wall_ms = int64_t;

enum class call_status : uint8_t { active, completed, failed };
enum class speaker : uint8_t { user, assistant };

const char* to_string(call_status);
const char* to_string(speaker);

struct call_row {
  std::string id; ///< UUID
  std::optional<std::string> stream_sid;
  std::string call_sid;
  std::string caller;
  std::string agent;
  wall_ms start_time = 0;
  std::optional<wall_ms> end_time;
  std::optional<int64_t> duration_s;
  call_status status = call_status::active;
  std::optional<std::string> notes;
  wall_ms created_at = 0;
  wall_ms updated_at = 0;
};

struct recording_row {
  std::string id;
  std::string call_id;
  std::string file_path; ///< relative to the storage path
  int32_t sample_rate_hz = 16000;
  int32_t channels = 2;
  double duration_s = 0;
  int64_t size_bytes = 0;
  std::string sha256_hex;     ///< of the WAV; not in the API
  int64_t missing_ms_max = 0; ///< what a torn journal may have lost; not in the API
  wall_ms created_at = 0;
  wall_ms updated_at = 0;
};

struct transcript_row {
  std::string id;
  std::string call_id;
  speaker who = speaker::user;
  std::string text;
  std::optional<double> confidence;
  double start_time_s = 0;
  std::optional<double> end_time_s;
  int64_t version = 1; ///< grows with each change of the row
  /// Assistant: all that the model generated of the turn, of which `text` was heard; not in the
  /// API.
  std::optional<std::string> generated_text;
  bool removed = false; ///< the turn is taken back: its row goes. Only on the way to the store
  wall_ms created_at = 0;
  wall_ms updated_at = 0;
};

struct analytics_row {
  std::string id;
  std::string call_id;
  std::optional<std::string> sentiment;
  std::optional<double> sentiment_score;
  std::optional<double> talk_time_s;
  std::optional<double> silence_time_s;
  std::optional<int64_t> interruptions;
  std::optional<double> average_latency_ms;
  std::optional<std::string> metrics_json;
  wall_ms snapshot_time = 0;
  wall_ms created_at = 0;
  wall_ms updated_at = 0;
};

struct metadata_row {
  std::string id;
  std::string call_id;
  std::optional<std::string> language;
  std::optional<std::string> region;
  std::optional<std::string> device_type;
  std::optional<std::string> network_quality;
  std::optional<std::string> custom_data_json;
  wall_ms created_at = 0;
  wall_ms updated_at = 0;
};

struct call_details {
  call_row call;
  std::vector<recording_row> recordings;
  std::vector<transcript_row> transcripts; ///< oldest first (start_time, then creation)
  std::vector<analytics_row> analytics;    ///< oldest first
  std::optional<metadata_row> metadata;
};

/// Filters of GET /api/calls, already parsed and clamped by http/.
struct call_query {
  int64_t limit = 10;
  int64_t offset = 0;
  std::optional<std::string> caller; ///< ASCII case-insensitive substring, wildcards literal
  std::optional<std::string> agent;
  std::optional<std::string> sentiment; ///< equality with any snapshot, case-insensitive
  std::optional<wall_ms> created_from;  ///< inclusive
  std::optional<wall_ms> created_to;    ///< inclusive
  std::optional<call_status> status;
  std::optional<std::string> words; ///< `q`: words in transcripts and notes
  /// Whether the relations of this call of the page are not needed. Runs on the store's thread.
  std::function<bool(const call_row&)> call_only;
};

struct call_page {
  std::vector<call_details> calls; ///< newest first, stable
  int64_t total = 0;
};

enum class bucket : uint8_t { hour, day, week }; ///< week starts Sunday, UTC

struct analytics_aggregate {
  int64_t total_calls = 0;
  std::optional<double> average_duration_s;
  std::vector<std::pair<call_status, int64_t>> calls_by_status;
  std::vector<std::pair<std::string, int64_t>> sentiment_breakdown;
};

struct time_series_point {
  wall_ms bucket_start = 0;
  int64_t call_count = 0;
  std::optional<double> average_duration_s;
};

/// Changes of a call; absent fields stay as they are.
struct call_update {
  std::optional<std::string> stream_sid;
  std::optional<call_status> status;
  std::optional<wall_ms> end_time;
  std::optional<int64_t> duration_s;
  std::optional<std::string> notes;
  /// Only change a row that is still `active` (an end is final, whoever comes second).
  bool only_if_active = false;
};

/// A call that is to vanish, files first (see call_store::begin_erasure()).
struct erasure {
  std::string call_id;
  std::string requested_by; ///< for the audit log
  wall_ms start_time = 0;   ///< of the call; names the folder of its files
  std::optional<wall_ms> erased_at;
  std::vector<std::string> file_paths; ///< of its recordings' rows
};

} // namespace switchboard::storage
