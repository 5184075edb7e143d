#include "storage/migrations/migrations.hpp"

namespace switchboard::storage::migrations {

// What lists are filtered by, so that neither a page nor its total walks the calls. Triggers keep
// all of it, so that no writer (this one, an import, a person with sqlite3) can forget to.
//
// `call_totals` and `sentiment_totals` are the rollups of all hours together. `call_parties` counts
// the calls of a caller or an agent; a party is gone with its last call, since it is somebody's
// number. `call_sentiments` has each sentiment of each call once, in a list's order. lower() knows
// ASCII only, as the API's contract wants it.
//
// A row of the turns' full-text index tells its call: the key is the call's seq, shifted by 32
// bits, and the turn's. So a search joins nothing, however many turns it finds. For that a call's
// seq stays what it is, and its turns go before it does: a cascade would run when it is no longer
// known.
const char* const v0006_search_keys = R"sql(
CREATE TABLE call_totals (
  status  TEXT PRIMARY KEY,
  calls   INTEGER NOT NULL,
  seconds INTEGER NOT NULL,
  timed   INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE sentiment_totals (
  sentiment TEXT PRIMARY KEY,
  snapshots INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE call_parties (
  role   TEXT NOT NULL,
  folded TEXT NOT NULL,
  calls  INTEGER NOT NULL,
  PRIMARY KEY (role, folded)
) WITHOUT ROWID;
CREATE TABLE call_sentiments (
  sentiment  TEXT NOT NULL COLLATE NOCASE,
  created_at INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  PRIMARY KEY (sentiment, created_at, seq)
) WITHOUT ROWID;

DROP INDEX calls_by_caller;
DROP INDEX calls_by_agent;
DROP INDEX analytics_by_sentiment;
CREATE INDEX calls_by_caller ON calls (lower(caller), created_at);
CREATE INDEX calls_by_agent ON calls (lower(agent), created_at);

CREATE TRIGGER calls_seq_stays BEFORE UPDATE OF seq ON calls WHEN new.seq IS NOT old.seq BEGIN
  SELECT RAISE(ABORT, 'the seq of a call stays');
END;
CREATE TRIGGER turns_before_call BEFORE DELETE ON calls BEGIN
  DELETE FROM transcripts WHERE call_id = old.id;
END;

CREATE TRIGGER call_counts_insert AFTER INSERT ON calls BEGIN
  INSERT INTO call_totals
    VALUES (new.status, 1, coalesce(new.duration_s, 0), new.duration_s IS NOT NULL)
    ON CONFLICT (status) DO UPDATE SET calls = calls + 1,
      seconds = seconds + excluded.seconds, timed = timed + excluded.timed;
  INSERT INTO call_parties VALUES ('caller', lower(new.caller), 1), ('agent', lower(new.agent), 1)
    ON CONFLICT (role, folded) DO UPDATE SET calls = calls + 1;
END;
CREATE TRIGGER call_counts_delete AFTER DELETE ON calls BEGIN
  UPDATE call_totals SET calls = calls - 1, seconds = seconds - coalesce(old.duration_s, 0),
    timed = timed - (old.duration_s IS NOT NULL) WHERE status = old.status;
  UPDATE call_parties SET calls = calls - 1 WHERE role = 'caller' AND folded = lower(old.caller);
  UPDATE call_parties SET calls = calls - 1 WHERE role = 'agent' AND folded = lower(old.agent);
  DELETE FROM call_parties WHERE role = 'caller' AND folded = lower(old.caller) AND calls = 0;
  DELETE FROM call_parties WHERE role = 'agent' AND folded = lower(old.agent) AND calls = 0;
END;
CREATE TRIGGER call_totals_update AFTER UPDATE OF status, duration_s ON calls
WHEN old.status IS NOT new.status OR old.duration_s IS NOT new.duration_s BEGIN
  UPDATE call_totals SET calls = calls - 1, seconds = seconds - coalesce(old.duration_s, 0),
    timed = timed - (old.duration_s IS NOT NULL) WHERE status = old.status;
  INSERT INTO call_totals
    VALUES (new.status, 1, coalesce(new.duration_s, 0), new.duration_s IS NOT NULL)
    ON CONFLICT (status) DO UPDATE SET calls = calls + 1,
      seconds = seconds + excluded.seconds, timed = timed + excluded.timed;
END;
CREATE TRIGGER call_parties_update AFTER UPDATE OF caller, agent ON calls
WHEN old.caller IS NOT new.caller OR old.agent IS NOT new.agent BEGIN
  UPDATE call_parties SET calls = calls - 1 WHERE role = 'caller' AND folded = lower(old.caller);
  UPDATE call_parties SET calls = calls - 1 WHERE role = 'agent' AND folded = lower(old.agent);
  INSERT INTO call_parties VALUES ('caller', lower(new.caller), 1), ('agent', lower(new.agent), 1)
    ON CONFLICT (role, folded) DO UPDATE SET calls = calls + 1;
  DELETE FROM call_parties WHERE role = 'caller' AND folded = lower(old.caller) AND calls = 0;
  DELETE FROM call_parties WHERE role = 'agent' AND folded = lower(old.agent) AND calls = 0;
END;

CREATE TRIGGER call_sentiments_move AFTER UPDATE OF created_at ON calls
WHEN old.created_at IS NOT new.created_at BEGIN
  DELETE FROM call_sentiments WHERE created_at = old.created_at AND seq = new.seq
    AND sentiment IN (SELECT sentiment FROM analytics WHERE call_id = new.id);
  INSERT INTO call_sentiments SELECT sentiment, new.created_at, new.seq FROM analytics
    WHERE call_id = new.id AND sentiment IS NOT NULL ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER call_sentiments_insert AFTER INSERT ON analytics WHEN new.sentiment IS NOT NULL BEGIN
  INSERT INTO call_sentiments SELECT new.sentiment, created_at, seq FROM calls
    WHERE id = new.call_id ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER call_sentiments_delete AFTER DELETE ON analytics WHEN old.sentiment IS NOT NULL BEGIN
  DELETE FROM call_sentiments WHERE sentiment = old.sentiment
    AND (created_at, seq) = (SELECT created_at, seq FROM calls WHERE id = old.call_id)
    AND NOT EXISTS (SELECT 1 FROM analytics
      WHERE call_id = old.call_id AND sentiment = old.sentiment COLLATE NOCASE);
END;
CREATE TRIGGER call_sentiments_update AFTER UPDATE OF call_id, sentiment ON analytics
WHEN old.call_id IS NOT new.call_id OR old.sentiment IS NOT new.sentiment BEGIN
  DELETE FROM call_sentiments WHERE sentiment = old.sentiment
    AND (created_at, seq) = (SELECT created_at, seq FROM calls WHERE id = old.call_id)
    AND NOT EXISTS (SELECT 1 FROM analytics
      WHERE call_id = old.call_id AND sentiment = old.sentiment COLLATE NOCASE);
  INSERT INTO call_sentiments SELECT new.sentiment, created_at, seq FROM calls
    WHERE id = new.call_id AND new.sentiment IS NOT NULL ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER sentiment_totals_insert AFTER INSERT ON analytics
WHEN new.sentiment IS NOT NULL BEGIN
  INSERT INTO sentiment_totals VALUES (new.sentiment, 1)
    ON CONFLICT (sentiment) DO UPDATE SET snapshots = snapshots + 1;
END;
CREATE TRIGGER sentiment_totals_delete AFTER DELETE ON analytics
WHEN old.sentiment IS NOT NULL BEGIN
  UPDATE sentiment_totals SET snapshots = snapshots - 1 WHERE sentiment = old.sentiment;
END;
CREATE TRIGGER sentiment_totals_update AFTER UPDATE OF sentiment ON analytics
WHEN old.sentiment IS NOT new.sentiment BEGIN
  UPDATE sentiment_totals SET snapshots = snapshots - 1 WHERE sentiment = old.sentiment;
  INSERT INTO sentiment_totals SELECT new.sentiment, 1 WHERE new.sentiment IS NOT NULL
    ON CONFLICT (sentiment) DO UPDATE SET snapshots = snapshots + 1;
END;

DROP TRIGGER transcripts_fts_insert;
DROP TRIGGER transcripts_fts_delete;
DROP TRIGGER transcripts_fts_update;
DROP TABLE transcripts_fts;
CREATE VIEW transcript_words AS SELECT calls.seq << 32 | transcripts.seq AS key, text
  FROM transcripts JOIN calls ON calls.id = call_id;
CREATE VIRTUAL TABLE transcripts_fts USING fts5 (text, content='transcript_words', content_rowid='key');
CREATE TRIGGER transcripts_fts_insert AFTER INSERT ON transcripts BEGIN
  INSERT INTO transcripts_fts (rowid, text)
    SELECT seq << 32 | new.seq, new.text FROM calls WHERE id = new.call_id;
END;
CREATE TRIGGER transcripts_fts_delete AFTER DELETE ON transcripts BEGIN
  INSERT INTO transcripts_fts (transcripts_fts, rowid, text)
    SELECT 'delete', seq << 32 | old.seq, old.text FROM calls WHERE id = old.call_id;
END;
CREATE TRIGGER transcripts_fts_update AFTER UPDATE OF seq, call_id, text ON transcripts BEGIN
  INSERT INTO transcripts_fts (transcripts_fts, rowid, text)
    SELECT 'delete', seq << 32 | old.seq, old.text FROM calls WHERE id = old.call_id;
  INSERT INTO transcripts_fts (rowid, text)
    SELECT seq << 32 | new.seq, new.text FROM calls WHERE id = new.call_id;
END;

INSERT INTO call_totals SELECT status, count(*), coalesce(sum(duration_s), 0), count(duration_s)
  FROM calls GROUP BY status;
INSERT INTO sentiment_totals SELECT sentiment, count(*) FROM analytics
  WHERE sentiment IS NOT NULL GROUP BY sentiment;
INSERT INTO call_parties SELECT 'caller', lower(caller), count(*) FROM calls GROUP BY 2;
INSERT INTO call_parties SELECT 'agent', lower(agent), count(*) FROM calls GROUP BY 2;
INSERT INTO call_sentiments SELECT sentiment, calls.created_at, calls.seq
  FROM analytics JOIN calls ON calls.id = call_id WHERE sentiment IS NOT NULL ON CONFLICT DO NOTHING;
INSERT INTO transcripts_fts (rowid, text) SELECT calls.seq << 32 | said.seq, said.text
  FROM calls CROSS JOIN transcripts AS said ON said.call_id = calls.id ORDER BY calls.seq, said.seq;
)sql";

} // namespace switchboard::storage::migrations
