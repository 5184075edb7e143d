#include "storage/migrations/migrations.hpp"

namespace switchboard::storage::migrations {

// External content: the indexes hold no second copy of the texts. Triggers keep them in step, so
// that no writer, this one or a person with sqlite3, can forget to. (FTS5 manual, section 4.4.3.)
const char* const v0002_search = R"sql(
CREATE VIRTUAL TABLE transcripts_fts USING fts5 (text, content='transcripts', content_rowid='seq');
CREATE VIEW call_notes AS SELECT seq, notes FROM calls WHERE notes IS NOT NULL;
CREATE VIRTUAL TABLE notes_fts USING fts5 (notes, content='call_notes', content_rowid='seq');

CREATE TRIGGER transcripts_fts_insert AFTER INSERT ON transcripts BEGIN
  INSERT INTO transcripts_fts (rowid, text) VALUES (new.seq, new.text);
END;
CREATE TRIGGER transcripts_fts_delete AFTER DELETE ON transcripts BEGIN
  INSERT INTO transcripts_fts (transcripts_fts, rowid, text) VALUES ('delete', old.seq, old.text);
END;
CREATE TRIGGER transcripts_fts_update AFTER UPDATE OF seq, text ON transcripts BEGIN
  INSERT INTO transcripts_fts (transcripts_fts, rowid, text) VALUES ('delete', old.seq, old.text);
  INSERT INTO transcripts_fts (rowid, text) VALUES (new.seq, new.text);
END;

CREATE TRIGGER notes_fts_insert AFTER INSERT ON calls WHEN new.notes IS NOT NULL BEGIN
  INSERT INTO notes_fts (rowid, notes) VALUES (new.seq, new.notes);
END;
CREATE TRIGGER notes_fts_delete AFTER DELETE ON calls WHEN old.notes IS NOT NULL BEGIN
  INSERT INTO notes_fts (notes_fts, rowid, notes) VALUES ('delete', old.seq, old.notes);
END;
CREATE TRIGGER notes_fts_update AFTER UPDATE OF seq, notes ON calls
WHEN old.notes IS NOT new.notes OR old.seq IS NOT new.seq BEGIN
  INSERT INTO notes_fts (notes_fts, rowid, notes)
    SELECT 'delete', old.seq, old.notes WHERE old.notes IS NOT NULL;
  INSERT INTO notes_fts (rowid, notes)
    SELECT new.seq, new.notes WHERE new.notes IS NOT NULL;
END;

INSERT INTO transcripts_fts (transcripts_fts) VALUES ('rebuild');
INSERT INTO notes_fts (notes_fts) VALUES ('rebuild');
)sql";

} // namespace switchboard::storage::migrations
