#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>

namespace switchboard::test {

/// One text of all rows, to compare two queries by.
inline std::string text_of(SQLite::Database& db, const std::string& sql) {
  std::string text;
  SQLite::Statement rows(db, sql);
  while (rows.executeStep()) {
    for (int i = 0; i < rows.getColumnCount(); ++i) {
      text += rows.getColumn(i).getString() + (i + 1 < rows.getColumnCount() ? "," : "\n");
    }
  }
  return text;
}

/// The hourly sums as the database keeps them.
inline std::string kept_sums(SQLite::Database& db) {
  return text_of(db, "SELECT hour_start, status, calls, seconds, timed FROM call_hours"
                     " ORDER BY hour_start, status") +
         "--\n" +
         text_of(db, "SELECT hour_start, sentiment, snapshots FROM sentiment_hours"
                     " ORDER BY hour_start, sentiment");
}

/// The same sums from a scan of all rows.
inline std::string scanned_sums(SQLite::Database& db) {
  const std::string hour = "c.created_at - ((c.created_at % 3600000) + 3600000) % 3600000 AS h";
  return text_of(db, "SELECT " + hour +
                         ", status, count(*), coalesce(sum(duration_s), 0), count(duration_s)"
                         " FROM calls c GROUP BY h, status ORDER BY h, status") +
         "--\n" +
         text_of(db, "SELECT " + hour +
                         ", sentiment, count(*) FROM calls c JOIN analytics ON call_id = c.id"
                         " WHERE sentiment IS NOT NULL GROUP BY h, sentiment"
                         " ORDER BY h, sentiment");
}

} // namespace switchboard::test
