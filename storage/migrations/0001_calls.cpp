#include "storage/migrations/migrations.hpp"

namespace switchboard::storage::migrations {

// `seq` is the order of creation: it breaks ties between equal instants, and gives the full-text
// indexes a row id that VACUUM does not change.
const char* const v0001_calls = R"sql(
CREATE TABLE calls (
  seq         INTEGER PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,
  stream_sid  TEXT,
  call_sid    TEXT NOT NULL UNIQUE CHECK (call_sid <> ''),
  caller      TEXT NOT NULL,
  agent       TEXT NOT NULL,
  start_time  INTEGER NOT NULL,
  end_time    INTEGER,
  duration_s  INTEGER,
  status      TEXT NOT NULL CHECK (status IN ('active', 'completed', 'failed')),
  notes       TEXT,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL
);
CREATE INDEX calls_newest ON calls (created_at);
CREATE INDEX calls_figures ON calls (created_at, status, duration_s);
CREATE INDEX calls_by_status ON calls (status, created_at);
CREATE INDEX calls_by_caller ON calls (caller, created_at);
CREATE INDEX calls_by_agent ON calls (agent, created_at);

CREATE TABLE recordings (
  seq            INTEGER PRIMARY KEY,
  id             TEXT NOT NULL UNIQUE,
  call_id        TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
  file_path      TEXT NOT NULL,
  sample_rate_hz INTEGER NOT NULL,
  channels       INTEGER NOT NULL,
  duration_s     REAL NOT NULL,
  size_bytes     INTEGER NOT NULL,
  sha256_hex     TEXT NOT NULL,
  missing_ms_max INTEGER NOT NULL,
  created_at     INTEGER NOT NULL,
  updated_at     INTEGER NOT NULL,
  UNIQUE (call_id, file_path)
);

CREATE TABLE transcripts (
  seq          INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  call_id      TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
  speaker      TEXT NOT NULL CHECK (speaker IN ('user', 'assistant')),
  text         TEXT NOT NULL,
  confidence   REAL,
  start_time_s REAL NOT NULL,
  end_time_s   REAL,
  version      INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL
);
CREATE INDEX transcripts_of_call ON transcripts (call_id, start_time_s);

CREATE TABLE analytics (
  seq                INTEGER PRIMARY KEY,
  id                 TEXT NOT NULL UNIQUE,
  call_id            TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
  sentiment          TEXT,
  sentiment_score    REAL,
  talk_time_s        REAL,
  silence_time_s     REAL,
  interruptions      INTEGER,
  average_latency_ms REAL,
  metrics_json       TEXT,
  snapshot_time      INTEGER NOT NULL,
  created_at         INTEGER NOT NULL,
  updated_at         INTEGER NOT NULL
);
CREATE INDEX analytics_of_call ON analytics (call_id, snapshot_time, sentiment);
CREATE INDEX analytics_by_sentiment ON analytics (sentiment COLLATE NOCASE, call_id);

CREATE TABLE call_metadata (
  seq              INTEGER PRIMARY KEY,
  id               TEXT NOT NULL UNIQUE,
  call_id          TEXT NOT NULL UNIQUE REFERENCES calls (id) ON DELETE CASCADE,
  language         TEXT,
  region           TEXT,
  device_type      TEXT,
  network_quality  TEXT,
  custom_data_json TEXT,
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL
);
)sql";

} // namespace switchboard::storage::migrations
