#include "http/json_shapes.hpp"

#include "http/json_text.hpp"
#include "http/url_signature.hpp"
#include "http/wall_time.hpp"

namespace switchboard::http {

namespace {

using storage::wall_ms;

void instant(json_writer& w, std::string_view key, const std::optional<wall_ms>& value) {
  if (!value) {
    w.null(key);
    return;
  }
  std::string text;
  append_iso(text, *value);
  w.text(key, text);
}

void text(json_writer& w, std::string_view key, const std::optional<std::string>& value) {
  if (value)
    w.text(key, *value);
  else
    w.null(key);
}

template <class Number>
void number(json_writer& w, std::string_view key, const std::optional<Number>& value) {
  if (value)
    w.number(key, *value);
  else
    w.null(key);
}

void stamps(json_writer& w, wall_ms created_at, wall_ms updated_at) {
  instant(w, "createdAt", created_at);
  instant(w, "updatedAt", updated_at);
}

void call_keys(json_writer& w, const storage::call_row& call) {
  w.text("id", call.id);
  text(w, "streamSid", call.stream_sid);
  w.text("callSid", call.call_sid).text("caller", call.caller).text("agent", call.agent);
  instant(w, "startTime", call.start_time);
  instant(w, "endTime", call.end_time);
  number(w, "duration", call.duration_s);
  w.text("status", storage::to_string(call.status));
  text(w, "notes", call.notes);
  stamps(w, call.created_at, call.updated_at);
}

/// `"key":[...]`, each element written by `append` to `out`, which is where `w` writes: a page is
/// not copied once for each level of it.
template <class Rows, class Append>
void rows(std::string& out, json_writer& w, std::string_view key, const Rows& list, Append append) {
  w.open_array(key);
  const char* comma = "";
  for (auto& row : list) {
    out += comma;
    comma = ",";
    append(out, row);
  }
  w.close_array();
}

} // namespace

std::string link_maker::recording_link(std::string_view call_id) const {
  return base + recording_url(signing_key, call_id, now_s);
}

void append_call(std::string& out, const storage::call_row& call) {
  json_writer w{out};
  w.open();
  call_keys(w, call);
  w.close();
}

void append_recording(std::string& out, const storage::recording_row& row,
                      const link_maker& links) {
  json_writer w{out};
  w.open().text("id", row.id).text("callId", row.call_id).text("filePath", row.file_path);
  w.text("fileUrl", links.recording_link(row.call_id)).text("format", "wav").text("codec", "pcm");
  w.number("sampleRate", int64_t{row.sample_rate_hz}).number("channels", int64_t{row.channels});
  w.number("duration", row.duration_s).number("sizeBytes", row.size_bytes);
  stamps(w, row.created_at, row.updated_at);
  w.close();
}

void append_transcript(std::string& out, const storage::transcript_row& row, bool with_version) {
  json_writer w{out};
  w.open().text("id", row.id).text("callId", row.call_id);
  w.text("speaker", storage::to_string(row.who)).text("text", row.text);
  number(w, "confidence", row.confidence);
  w.number("startTime", row.start_time_s);
  number(w, "endTime", row.end_time_s);
  stamps(w, row.created_at, row.updated_at);
  if (with_version)
    w.number("version", row.version);
  if (row.removed)
    w.flag("removed", true); // of an event only: the row is gone
  w.close();
}

void append_analytics(std::string& out, const storage::analytics_row& row) {
  json_writer w{out};
  w.open().text("id", row.id).text("callId", row.call_id);
  text(w, "sentiment", row.sentiment);
  number(w, "sentimentScore", row.sentiment_score);
  number(w, "talkTime", row.talk_time_s);
  number(w, "silenceTime", row.silence_time_s);
  number(w, "interruptions", row.interruptions);
  number(w, "averageLatency", row.average_latency_ms);
  text(w, "metrics", row.metrics_json);
  instant(w, "snapshotTime", row.snapshot_time);
  stamps(w, row.created_at, row.updated_at);
  w.close();
}

void append_metadata(std::string& out, const storage::metadata_row& row) {
  json_writer w{out};
  w.open().text("id", row.id).text("callId", row.call_id);
  text(w, "language", row.language);
  text(w, "region", row.region);
  text(w, "deviceType", row.device_type);
  text(w, "networkQuality", row.network_quality);
  text(w, "customData", row.custom_data_json);
  stamps(w, row.created_at, row.updated_at);
  w.close();
}

void append_call_details(std::string& out, const storage::call_details& call,
                         const link_maker& links) {
  json_writer w{out};
  w.open();
  call_keys(w, call.call);
  rows(out, w, "recordings", call.recordings,
       [&links](std::string& to, const auto& row) { append_recording(to, row, links); });
  rows(out, w, "transcripts", call.transcripts,
       [](std::string& to, const auto& row) { append_transcript(to, row, false); });
  rows(out, w, "analytics", call.analytics,
       [](std::string& to, const auto& row) { append_analytics(to, row); });
  if (call.metadata) {
    std::string metadata;
    append_metadata(metadata, *call.metadata);
    w.raw("metadata", metadata);
  } else {
    w.null("metadata");
  }
  w.close();
}

std::string render_page(const std::vector<std::string_view>& calls, int64_t total,
                        const storage::call_query& query) {
  constexpr size_t rest_bytes = 128;
  size_t bytes = rest_bytes;
  for (auto one : calls)
    bytes += one.size() + 1;
  std::string body;
  body.reserve(bytes); // growing to a hundred KiB costs as much as writing it
  json_writer w{body};
  w.open();
  rows(body, w, "data", calls, [](std::string& to, std::string_view call) { to += call; });
  w.open("pagination").number("total", total).number("limit", query.limit);
  w.number("offset", query.offset);
  const auto shown = static_cast<int64_t>(calls.size());
  w.flag("hasMore", query.offset < total - shown); // not a sum: the offset may be the largest
  w.close().close();
  return body;
}

std::string render_call_page(const storage::call_page& page, const storage::call_query& query,
                             const link_maker& links) {
  std::vector<std::string> texts;
  texts.reserve(page.calls.size()); // views into them follow
  std::vector<std::string_view> calls;
  for (auto& one : page.calls) {
    append_call_details(texts.emplace_back(), one, links);
    calls.emplace_back(texts.back());
  }
  return render_page(calls, page.total, query);
}

std::string render_call_details(const storage::call_details& call, const link_maker& links) {
  std::string body = "{\"data\":";
  append_call_details(body, call, links);
  return body += '}';
}

std::string render_analytics(const storage::analytics_aggregate& sums,
                             const std::vector<storage::time_series_point>& series) {
  std::string body;
  json_writer w{body};
  w.open().open("data").open("aggregates").number("totalCalls", sums.total_calls);
  number(w, "averageDuration", sums.average_duration_s);
  w.open("callsByStatus");
  for (auto& [status, count] : sums.calls_by_status)
    if (count != 0)
      w.number(storage::to_string(status), count);
  w.close();
  std::string breakdown = "{";
  for (auto& [sentiment, count] : sums.sentiment_breakdown) {
    if (count == 0)
      continue;
    if (breakdown.size() > 1)
      breakdown += ',';
    append_json_string(breakdown, sentiment);
    breakdown += ':';
    append_json_number(breakdown, count);
  }
  w.raw("sentimentBreakdown", breakdown += '}').close();
  rows(body, w, "timeSeries", series, [](std::string& to, const storage::time_series_point& point) {
    json_writer p{to};
    p.open();
    instant(p, "timestamp", point.bucket_start);
    p.number("callCount", point.call_count);
    number(p, "averageDuration", point.average_duration_s);
    p.close();
  });
  w.close().close();
  return body;
}

std::string render_notes_added(const storage::call_row& call) {
  std::string data;
  append_call(data, call);
  std::string body;
  json_writer w{body};
  w.open().text("message", "Notes added successfully").raw("data", data).close();
  return body;
}

const char* to_string(actors::feed_type type) {
  switch (type) {
  case actors::feed_type::call_started:
    return "call_started";
  case actors::feed_type::call_ended:
    return "call_ended";
  case actors::feed_type::recording_saved:
    return "recording_saved";
  case actors::feed_type::error:
    return "error";
  case actors::feed_type::transcript:
    return "transcript";
  case actors::feed_type::call_updated:
    return "call_updated";
  }
  return "error";
}

std::string render_event(const actors::feed_event& event, const link_maker& links) {
  std::string data;
  if (auto* call = std::get_if<storage::call_row>(&event.data))
    append_call(data, *call);
  else if (auto* recording = std::get_if<storage::recording_row>(&event.data))
    append_recording(data, *recording, links);
  else if (auto* turn = std::get_if<storage::transcript_row>(&event.data))
    append_transcript(data, *turn, true);
  else if (auto* problem = std::get_if<actors::feed_error>(&event.data))
    json_writer{data}.open().text("code", problem->code).text("message", problem->message).close();
  std::string body;
  json_writer w{body};
  w.open().text("type", to_string(event.type));
  if (event.call_id.empty())
    w.null("callId");
  else
    w.text("callId", event.call_id);
  if (event.stream_sid.empty())
    w.null("streamSid");
  else
    w.text("streamSid", event.stream_sid);
  w.raw("data", data);
  instant(w, "timestamp", event.timestamp);
  w.close();
  return body;
}

} // namespace switchboard::http
