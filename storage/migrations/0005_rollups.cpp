#include "storage/migrations/migrations.hpp"

namespace switchboard::storage::migrations {

// Hourly sums, so that analytics and `total` never walk the calls. Triggers keep them, so that no
// writer (this one, an import, a person with sqlite3) can forget to. An hour is that of the call's
// created_at, of snapshots too. `%` has the sign of its left side, hence the second one.
//
// Snapshots are deleted before their call: a cascade would run when the hour is no longer known.
const char* const v0005_rollups = R"sql(
CREATE TABLE call_hours (
  hour_start INTEGER NOT NULL,
  status     TEXT NOT NULL,
  calls      INTEGER NOT NULL,
  seconds    INTEGER NOT NULL,
  timed      INTEGER NOT NULL,
  PRIMARY KEY (hour_start, status)
) WITHOUT ROWID;
CREATE TABLE sentiment_hours (
  hour_start INTEGER NOT NULL,
  sentiment  TEXT NOT NULL,
  snapshots  INTEGER NOT NULL,
  PRIMARY KEY (hour_start, sentiment)
) WITHOUT ROWID;
CREATE VIEW call_hour AS SELECT seq, id,
  created_at - ((created_at % 3600000) + 3600000) % 3600000 AS hour_start,
  status, duration_s FROM calls;

CREATE TRIGGER call_hours_insert AFTER INSERT ON calls BEGIN
  INSERT INTO call_hours
    SELECT hour_start, status, 1, coalesce(duration_s, 0), duration_s IS NOT NULL
      FROM call_hour WHERE seq = new.seq
    ON CONFLICT (hour_start, status) DO UPDATE SET calls = calls + 1,
      seconds = seconds + excluded.seconds, timed = timed + excluded.timed;
END;
CREATE TRIGGER call_hours_delete BEFORE DELETE ON calls BEGIN
  DELETE FROM analytics WHERE call_id = old.id;
  UPDATE call_hours SET calls = calls - 1, seconds = seconds - coalesce(old.duration_s, 0),
    timed = timed - (old.duration_s IS NOT NULL)
    WHERE hour_start = old.created_at - ((old.created_at % 3600000) + 3600000) % 3600000
      AND status = old.status;
  DELETE FROM call_hours
    WHERE hour_start = old.created_at - ((old.created_at % 3600000) + 3600000) % 3600000
      AND status = old.status AND calls = 0;
END;
CREATE TRIGGER call_hours_update AFTER UPDATE OF created_at, status, duration_s ON calls
WHEN old.created_at IS NOT new.created_at OR old.status IS NOT new.status
  OR old.duration_s IS NOT new.duration_s BEGIN
  UPDATE call_hours SET calls = calls - 1, seconds = seconds - coalesce(old.duration_s, 0),
    timed = timed - (old.duration_s IS NOT NULL)
    WHERE hour_start = old.created_at - ((old.created_at % 3600000) + 3600000) % 3600000
      AND status = old.status;
  DELETE FROM call_hours
    WHERE hour_start = old.created_at - ((old.created_at % 3600000) + 3600000) % 3600000
      AND status = old.status AND calls = 0;
  INSERT INTO call_hours
    SELECT hour_start, status, 1, coalesce(duration_s, 0), duration_s IS NOT NULL
      FROM call_hour WHERE seq = new.seq
    ON CONFLICT (hour_start, status) DO UPDATE SET calls = calls + 1,
      seconds = seconds + excluded.seconds, timed = timed + excluded.timed;
END;
CREATE TRIGGER sentiment_hours_move AFTER UPDATE OF created_at ON calls
WHEN old.created_at IS NOT new.created_at BEGIN
  UPDATE sentiment_hours SET snapshots = snapshots - (SELECT count(*) FROM analytics
      WHERE call_id = new.id AND sentiment = sentiment_hours.sentiment)
    WHERE hour_start = old.created_at - ((old.created_at % 3600000) + 3600000) % 3600000;
  INSERT INTO sentiment_hours
    SELECT hour_start, sentiment, count(*) FROM analytics JOIN call_hour ON call_hour.id = call_id
      WHERE call_id = new.id AND sentiment IS NOT NULL GROUP BY sentiment
    ON CONFLICT (hour_start, sentiment) DO UPDATE SET snapshots = snapshots + excluded.snapshots;
  DELETE FROM sentiment_hours WHERE snapshots = 0;
END;

CREATE TRIGGER sentiment_hours_insert AFTER INSERT ON analytics WHEN new.sentiment IS NOT NULL BEGIN
  INSERT INTO sentiment_hours
    SELECT hour_start, new.sentiment, 1 FROM call_hour WHERE id = new.call_id
    ON CONFLICT (hour_start, sentiment) DO UPDATE SET snapshots = snapshots + 1;
END;
CREATE TRIGGER sentiment_hours_delete AFTER DELETE ON analytics WHEN old.sentiment IS NOT NULL BEGIN
  UPDATE sentiment_hours SET snapshots = snapshots - 1
    WHERE hour_start = (SELECT hour_start FROM call_hour WHERE id = old.call_id)
      AND sentiment = old.sentiment;
  DELETE FROM sentiment_hours
    WHERE hour_start = (SELECT hour_start FROM call_hour WHERE id = old.call_id)
      AND sentiment = old.sentiment AND snapshots = 0;
END;
CREATE TRIGGER sentiment_hours_update AFTER UPDATE OF call_id, sentiment ON analytics
WHEN old.call_id IS NOT new.call_id OR old.sentiment IS NOT new.sentiment BEGIN
  UPDATE sentiment_hours SET snapshots = snapshots - 1
    WHERE hour_start = (SELECT hour_start FROM call_hour WHERE id = old.call_id)
      AND sentiment = old.sentiment;
  INSERT INTO sentiment_hours
    SELECT hour_start, new.sentiment, 1 FROM call_hour
      WHERE id = new.call_id AND new.sentiment IS NOT NULL
    ON CONFLICT (hour_start, sentiment) DO UPDATE SET snapshots = snapshots + 1;
  DELETE FROM sentiment_hours
    WHERE hour_start = (SELECT hour_start FROM call_hour WHERE id = old.call_id)
      AND sentiment = old.sentiment AND snapshots = 0;
END;

INSERT INTO call_hours
  SELECT hour_start, status, count(*), coalesce(sum(duration_s), 0), count(duration_s)
    FROM call_hour GROUP BY hour_start, status;
INSERT INTO sentiment_hours
  SELECT hour_start, sentiment, count(*) FROM analytics JOIN call_hour ON call_hour.id = call_id
    WHERE sentiment IS NOT NULL GROUP BY hour_start, sentiment;
)sql";

} // namespace switchboard::storage::migrations
