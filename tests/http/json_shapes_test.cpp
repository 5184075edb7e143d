#define CAF_SUITE json_shapes
#define FAIL CAF_FAIL

#include "http/json_shapes.hpp"
#include "http/note_body.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;

namespace {

constexpr storage::wall_ms t0 = 1795341600000; // 2026-11-22T10:00:00Z

storage::call_row call() {
  storage::call_row row;
  row.id = "c1";
  row.call_sid = "CA1";
  row.caller = "+1555";
  row.agent = "assistant";
  row.start_time = t0;
  row.created_at = t0;
  row.updated_at = t0 + 1;
  return row;
}

const char* call_json =
    R"({"id":"c1","streamSid":null,"callSid":"CA1","caller":"+1555","agent":"assistant",)"
    R"("startTime":"2026-11-22T10:00:00.000Z","endTime":null,"duration":null,"status":"active",)"
    R"("notes":null,"createdAt":"2026-11-22T10:00:00.000Z","updatedAt":"2026-11-22T10:00:00.001Z"})";

link_maker links() {
  return {"https://h", "a key that nobody guesses", t0 / 1000};
}

/// A signed link is different with every key; tests compare what is around it.
std::string without_link(std::string json) {
  auto from = json.find("https://h/api/calls/");
  if (from == std::string::npos)
    return json;
  auto to = json.find('"', from);
  return json.replace(from, to - from, "LINK");
}

} // namespace

CAF_TEST(a call has twelve keys in their order) {
  std::string out;
  append_call(out, call());
  CAF_CHECK_EQUAL(out, call_json);
  auto row = call();
  row.stream_sid = "MZ1";
  row.end_time = t0 + 61'500;
  row.duration_s = 61;
  row.status = storage::call_status::completed;
  row.notes = "a \"note\"\n\x01";
  out.clear();
  append_call(out, row);
  CAF_CHECK_EQUAL(
      out,
      R"({"id":"c1","streamSid":"MZ1","callSid":"CA1","caller":"+1555","agent":"assistant",)"
      R"("startTime":"2026-11-22T10:00:00.000Z","endTime":"2026-11-22T10:01:01.500Z","duration":61,)"
      R"("status":"completed","notes":"a \"note\"\n\u0001",)"
      R"("createdAt":"2026-11-22T10:00:00.000Z","updatedAt":"2026-11-22T10:00:00.001Z"})");
}

CAF_TEST(details hold every relation in its shape) {
  storage::call_details details;
  details.call = call();
  storage::recording_row recording;
  recording.id = "r1";
  recording.call_id = "c1";
  recording.file_path = "2026-11-22/c1.wav";
  recording.duration_s = 12.5;
  recording.size_bytes = 800044;
  recording.created_at = recording.updated_at = t0;
  details.recordings = {recording};
  storage::transcript_row turn;
  turn.id = "t1";
  turn.call_id = "c1";
  turn.text = "Hi";
  turn.start_time_s = 0.5;
  turn.created_at = turn.updated_at = t0;
  details.transcripts = {turn, turn};
  details.transcripts[1].who = storage::speaker::assistant;
  details.transcripts[1].confidence = 0.9;
  details.transcripts[1].end_time_s = 2;
  storage::analytics_row snapshot;
  snapshot.id = "a1";
  snapshot.call_id = "c1";
  snapshot.interruptions = 2;
  snapshot.metrics_json = "{\"a\":1}";
  snapshot.snapshot_time = snapshot.created_at = snapshot.updated_at = t0;
  details.analytics = {snapshot};
  storage::metadata_row metadata;
  metadata.id = "m1";
  metadata.call_id = "c1";
  metadata.region = "US";
  metadata.created_at = metadata.updated_at = t0;
  details.metadata = metadata;
  std::string head{call_json};
  head.pop_back();
  const std::string stamps =
      R"("createdAt":"2026-11-22T10:00:00.000Z","updatedAt":"2026-11-22T10:00:00.000Z"})";
  auto expected =
      "{\"data\":" + head +
      R"(,"recordings":[{"id":"r1","callId":"c1","filePath":"2026-11-22/c1.wav","fileUrl":"LINK",)" +
      R"("format":"wav","codec":"pcm","sampleRate":16000,"channels":2,"duration":12.5,)" +
      R"("sizeBytes":800044,)" + stamps +
      R"(],"transcripts":[{"id":"t1","callId":"c1","speaker":"user","text":"Hi",)" +
      R"("confidence":null,"startTime":0.5,"endTime":null,)" + stamps +
      R"(,{"id":"t1","callId":"c1","speaker":"assistant","text":"Hi",)" +
      R"("confidence":0.9,"startTime":0.5,"endTime":2,)" + stamps +
      R"(],"analytics":[{"id":"a1","callId":"c1","sentiment":null,"sentimentScore":null,)" +
      R"("talkTime":null,"silenceTime":null,"interruptions":2,"averageLatency":null,)" +
      R"("metrics":"{\"a\":1}","snapshotTime":"2026-11-22T10:00:00.000Z",)" + stamps +
      R"(],"metadata":{"id":"m1","callId":"c1","language":null,"region":"US","deviceType":null,)" +
      R"("networkQuality":null,"customData":null,)" + stamps + "}}";
  CAF_CHECK_EQUAL(without_link(render_call_details(details, links())), expected);
}

CAF_TEST(a page tells whether there is more) {
  storage::call_page page;
  page.calls.resize(2);
  page.calls[0].call = page.calls[1].call = call();
  page.total = 3;
  storage::call_query query;
  auto json = render_call_page(page, query, links());
  std::string row{call_json};
  row.pop_back();
  row += R"(,"recordings":[],"transcripts":[],"analytics":[],"metadata":null})";
  CAF_CHECK_EQUAL(json, "{\"data\":[" + row + "," + row +
                            R"(],"pagination":{"total":3,"limit":10,"offset":0,"hasMore":true}})");
  query.offset = 1;
  CAF_CHECK(render_call_page(page, query, links()).find("\"hasMore\":false") != std::string::npos);
  query.offset = std::numeric_limits<int64_t>::max();
  page.calls.clear();
  CAF_CHECK(render_call_page(page, query, links()).find("\"hasMore\":false") != std::string::npos);
}

CAF_TEST(analytics leave out what is 0 and keep null averages) {
  CAF_CHECK_EQUAL(
      render_analytics({}, {}),
      R"({"data":{"aggregates":{"totalCalls":0,"averageDuration":null,"callsByStatus":{},)"
      R"("sentimentBreakdown":{}},"timeSeries":[]}})");
  storage::analytics_aggregate sums;
  sums.total_calls = 3;
  sums.average_duration_s = 4.25;
  sums.calls_by_status = {{storage::call_status::active, 1}, {storage::call_status::completed, 2}};
  sums.sentiment_breakdown = {{"posi\"tive", 2}, {"none", 0}};
  CAF_CHECK_EQUAL(
      render_analytics(sums, {{t0, 3, 4.25}, {t0 + 86'400'000, 1, std::nullopt}}),
      R"({"data":{"aggregates":{"totalCalls":3,"averageDuration":4.25,)"
      R"("callsByStatus":{"active":1,"completed":2},"sentimentBreakdown":{"posi\"tive":2}},)"
      R"("timeSeries":[{"timestamp":"2026-11-22T10:00:00.000Z","callCount":3,"averageDuration":4.25},)"
      R"({"timestamp":"2026-11-23T10:00:00.000Z","callCount":1,"averageDuration":null}]}})");
}

CAF_TEST(events carry their row and nulls for what they lack) {
  actors::feed_event event;
  event.type = actors::feed_type::call_started;
  event.call_id = "c1";
  event.data = call();
  event.timestamp = t0;
  CAF_CHECK_EQUAL(render_event(event, links()),
                  std::string{R"({"type":"call_started","callId":"c1","streamSid":null,"data":)"} +
                      call_json + R"(,"timestamp":"2026-11-22T10:00:00.000Z"})");
  event.type = actors::feed_type::error;
  event.call_id.clear();
  event.stream_sid = "MZ1";
  event.data = actors::feed_error{"MODEL_GONE", "The model is gone"};
  CAF_CHECK_EQUAL(render_event(event, links()),
                  R"({"type":"error","callId":null,"streamSid":"MZ1",)"
                  R"("data":{"code":"MODEL_GONE","message":"The model is gone"},)"
                  R"("timestamp":"2026-11-22T10:00:00.000Z"})");
  storage::transcript_row turn;
  turn.version = 4;
  event.type = actors::feed_type::transcript;
  event.data = turn;
  CAF_CHECK(render_event(event, links()).find(R"("version":4},"timestamp")") != std::string::npos);
  turn.removed = true;
  event.data = turn;
  CAF_CHECK(render_event(event, links()).find(R"("version":4,"removed":true},"timestamp")") !=
            std::string::npos);
}

CAF_TEST(notes come as JSON or as a form) {
  auto parse = [](const char* type, std::string body) {
    http_request request;
    request.headers = {{"content-type", type}};
    request.body = std::move(body);
    return parse_note_body(request);
  };
  using verdict = note_body::verdict;
  auto good = parse("application/json; charset=utf-8", R"({"other":1,"notes":"a b"})");
  CAF_CHECK(good.result == verdict::ok);
  CAF_CHECK_EQUAL(good.text, "a b");
  CAF_CHECK_EQUAL(parse("application/x-www-form-urlencoded", "x=1&notes=a+%26").text, "a &");
  for (auto bad : {"{", "nonsense", "\"text\"", "12", "{\"notes\":\"\xFF\"}", "{\"notes\":\"a\"}x"})
    CAF_CHECK(parse("application/json", bad).result == verdict::bad_json);
  CAF_CHECK(parse("application/json", std::string(100'000, '[')).result == verdict::bad_json);
  for (auto none : {"", " ", "{}", "[]", "{\"notes\":\"\"}", "{\"notes\":5}", "{\"notes\":null}",
                    "{\"notes\":[\"a\"]}", "{\"Notes\":\"a\"}"})
    CAF_CHECK(parse("application/json", none).result == verdict::no_note);
  CAF_CHECK(parse("text/plain", "notes=a").result == verdict::no_note);
  CAF_CHECK(parse("application/x-www-form-urlencoded", "notes=").result == verdict::no_note);
}
