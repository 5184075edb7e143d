# shellcheck shell=bash
# A store as a node in use has one: what tools/api_bench and tools/soak measure with. Sourced after
# tools/lib.sh. Needs sqlite3.

# fill_history DATABASE CALLS: past calls in a database that `migrate` has made, each with one recording,
# ten transcripts and one snapshot. One call every 90 s, the newest an hour ago. One in four speaks of a
# refund.
fill_history() {
  local calls=$2
  sqlite3 "$1" <<SQL
PRAGMA synchronous=OFF;
BEGIN;
CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < $calls)
  SELECT i, printf('%08x-0000-4000-8000-%012x', i, i) AS id,
    (strftime('%s', 'now') - 3600 - ($calls - i) * 90) * 1000 AS at FROM c;
INSERT INTO calls (id, call_sid, caller, agent, start_time, end_time, duration_s, status, created_at, updated_at)
  SELECT id, printf('CA%032x', i), printf('+1555%07d', i % 977), 'agent-' || (i % 7), at, at + 60000,
    30 + i % 90, CASE WHEN i % 20 = 0 THEN 'failed' ELSE 'completed' END, at, at FROM n;
INSERT INTO recordings (id, call_id, file_path, sample_rate_hz, channels, duration_s, size_bytes, sha256_hex, missing_ms_max, created_at, updated_at)
  SELECT 'r' || i, id, 'x/' || id || '.wav', 16000, 2, 60, 3840044, '', 0, at, at FROM n;
INSERT INTO transcripts (id, call_id, speaker, text, confidence, start_time_s, end_time_s, version, created_at, updated_at)
  SELECT 't' || i || '-' || value, id, CASE value % 2 WHEN 0 THEN 'user' ELSE 'assistant' END,
    CASE WHEN value = 2 AND i % 4 = 0 THEN 'I would like a refund for order ' || i
      ELSE 'This is turn ' || value || ' of a call that is like many others' END,
    0.9, value * 5, value * 5 + 4, 1, at, at FROM n, (WITH RECURSIVE v(value) AS
      (SELECT 0 UNION ALL SELECT value + 1 FROM v WHERE value < 9) SELECT value FROM v);
INSERT INTO analytics (id, call_id, sentiment, sentiment_score, talk_time_s, silence_time_s, interruptions, average_latency_ms, snapshot_time, created_at, updated_at)
  SELECT 'a' || i, id, CASE i % 3 WHEN 0 THEN 'positive' WHEN 1 THEN 'neutral' ELSE 'negative' END, 0.1,
    40, 20, i % 4, 600, at, at, at FROM n;
COMMIT;
ANALYZE;
SQL
}
