#include "conf/defaults/storage.hpp"
#include "storage/sqlite_rows.hpp"
#include "storage/sqlite_store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

namespace switchboard::storage::sqlite {
namespace {

std::vector<std::string> files_of(connection& db, const std::string& call_id) {
  std::vector<std::string> files;
  running find(db.prepare("SELECT file_path FROM recordings WHERE call_id = ? ORDER BY seq"));
  binder(*find) << call_id;
  while (find->executeStep()) {
    files.push_back(find->getColumn(0).getString());
  }
  return files;
}

} // namespace

result<erasure> start_erasure(connection& db, const std::string& id, const std::string& by,
                              wall_ms now) {
  const auto call = find_call(db, "id", id);
  if (!call) {
    return {storage_error::not_found, "no call " + id};
  }
  if (call->status == call_status::active) {
    return {storage_error::still_active, "call " + id + " goes on"};
  }
  running insert(db.prepare("INSERT INTO erasures VALUES (?, ?, ?, ?, NULL)"
                            " ON CONFLICT (call_id) DO NOTHING"));
  binder(*insert) << id << by << now << call->start_time;
  insert->exec();
  return erasure{id, by, call->start_time, std::nullopt, files_of(db, id)};
}

void end_erasure(connection& db, const std::string& id, wall_ms now) {
  {
    running gone(db.prepare("DELETE FROM calls WHERE id = ?")); // its relations go with it
    binder(*gone) << id;
    gone->exec();
  }
  {
    running done(db.prepare("UPDATE erasures SET erased_at = coalesce(erased_at, ?)"
                            " WHERE call_id = ?"));
    binder(*done) << now << id;
    done->exec();
  }
  running old(db.prepare("DELETE FROM erasures WHERE erased_at < ?"));
  binder(*old) << now - defaults::storage::erasure_kept_ms;
  old->exec();
}

/// FTS5 marks a deleted row's words as dead and drops them when it merges what they lie in. A
/// negative number of pages begins with everything; less than two changes means that nothing is
/// left to merge (FTS5 manual, section 6.8).
bool merge_search_indexes(connection& db, bool first) {
  const auto pages = defaults::storage::search_merge_pages;
  bool more = false;
  for (const auto* index : {"transcripts_fts", "notes_fts"}) {
    const auto before = db.total_changes();
    running merge(db.prepare(std::string("INSERT INTO ") + index + " (" + index +
                             ", rank) VALUES ('merge', ?)"));
    binder(*merge) << (first ? -pages : pages);
    merge->exec();
    more = more || db.total_changes() - before >= 2;
  }
  return more;
}

std::vector<erasure> find_erasures(connection& db, wall_ms erased_since, int64_t limit) {
  std::vector<erasure> found;
  {
    running find(db.prepare("SELECT call_id, requested_by, start_time, erased_at FROM erasures"
                            " WHERE erased_at IS NULL OR erased_at >= ?"
                            " ORDER BY erased_at, call_id LIMIT ?"));
    binder(*find) << erased_since << limit;
    while (find->executeStep()) {
      erasure x;
      x.call_id = find->getColumn(0).getString();
      x.requested_by = find->getColumn(1).getString();
      x.start_time = find->getColumn(2).getInt64();
      if (!find->isColumnNull(3)) {
        x.erased_at = find->getColumn(3).getInt64();
      }
      found.push_back(std::move(x));
    }
  }
  for (auto& x : found) {
    x.file_paths = files_of(db, x.call_id);
  }
  return found;
}

std::vector<std::string> find_ended_before(connection& db, wall_ms created_before, int64_t limit) {
  running find(db.prepare("SELECT id FROM calls WHERE created_at < ? AND status <> 'active'"
                          " ORDER BY created_at, seq LIMIT ?"));
  binder(*find) << created_before << limit;
  std::vector<std::string> found;
  while (find->executeStep()) {
    found.push_back(find->getColumn(0).getString());
  }
  return found;
}

} // namespace switchboard::storage::sqlite
