#include "storage/import_prisma.hpp"

#include "conf/defaults/storage.hpp"
#include "storage/import_files.hpp"
#include "storage/migrate.hpp"
#include "storage/posix_file.hpp"
#include "storage/prisma_source.hpp"
#include "storage/recording_names.hpp"
#include "storage/sqlite_rows.hpp"
#include "storage/text_case.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

namespace switchboard::storage {
namespace {

using prisma::table;
using sqlite::binder;
using sqlite::connection;
using sqlite::running;

/// What became of one row; `reason` is set for a skipped one.
struct verdict {
  enum { inserted, present, skipped } what = inserted;
  std::string reason;
};

verdict skip(const char* reason) {
  return {verdict::skipped, reason};
}

void count(import_counts& counts, const verdict& x) {
  switch (x.what) {
  case verdict::inserted:
    ++counts.inserted;
    return;
  case verdict::present:
    ++counts.present;
    return;
  case verdict::skipped:
    ++counts.skipped[x.reason];
  }
}

bool exists(connection& db, const char* in_table, const std::string& id) {
  running find(db.prepare(std::string("SELECT 1 FROM ") + in_table + " WHERE id = ?"));
  binder(*find) << id;
  return find->executeStep();
}

/// When a row was made and last changed: each stands in for the other.
struct stamps {
  std::optional<wall_ms> created, updated;
  explicit stamps(const table& row)
      : created(row.instant("createdAt")), updated(row.instant("updatedAt")) {
    created = created ? created : updated;
    updated = updated ? updated : created;
  }
};

class importer {
public:
  importer(const import_request& wanted, prisma::source& from, connection& to)
      : from_(from), db_(to), files_(wanted.source, wanted.recordings_from, wanted.storage_path) {}

  void run();
  import_report report;

private:
  template <class Each>
  void each_row(const char* name, const std::vector<prisma::column>& columns, import_counts& counts,
                Each each);
  verdict put_call(const table&);
  verdict put_recording(const table&);
  verdict put_transcript(const table&);
  verdict put_analytics(const table&);
  verdict put_metadata(const table&);
  /// Inserts a row that belongs to a call: `values` binds the columns in their order.
  template <class Values>
  verdict put_child(const table&, const char* into, const char* columns, Values values);
  verdict add_recording(const table&, const std::string& id, const std::string& call_id);
  void restore_file(const table&, const std::string& id, const std::string& file_path);
  std::string next_file_path(const std::string& call_id);

  prisma::source& from_;
  connection& db_;
  recording_importer files_;
};

/// Runs `each` over a table, in transactions of a bounded size.
template <class Each>
void importer::each_row(const char* name, const std::vector<prisma::column>& columns,
                        import_counts& counts, Each each) {
  table rows(from_.database(), name, columns);
  for (bool more = rows.next(); more;) {
    SQLite::Transaction batch(db_.database(), SQLite::TransactionBehavior::IMMEDIATE);
    for (size_t i = 0; more && i < defaults::storage::import_batch_rows; ++i) {
      count(counts, each(rows));
      more = rows.next();
    }
    batch.commit();
  }
}

verdict importer::put_call(const table& row) {
  const auto id = row.text("id").value_or("");
  const auto call_sid = row.text("callSid").value_or("");
  const stamps made(row);
  const auto start = row.instant("startTime");
  if (!is_file_id(id)) {
    return skip("id is missing or cannot be part of a file's name");
  }
  if (call_sid.empty()) {
    return skip("callSid is missing");
  }
  if (!start && !made.created) {
    return skip("startTime and createdAt are no instants");
  }
  const auto status = lower_case(row.text("status").value_or(""));
  const bool completed = status == "completed";
  auto duration = row.integer("duration");
  if (duration && *duration < 0) {
    duration.reset();
  }
  static const auto sql = "INSERT INTO calls (" + std::string(sqlite::call_columns) +
                          ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
  {
    running insert(db_.prepare(sql));
    const auto began = start ? *start : *made.created;
    // Nothing of the old system is still going on.
    binder(*insert) << id << row.text("streamSid") << call_sid << row.text("caller").value_or("")
                    << row.text("agent").value_or("") << began << row.instant("endTime") << duration
                    << to_string(completed ? call_status::completed : call_status::failed)
                    << row.text("notes") << made.created.value_or(began)
                    << made.updated.value_or(began);
    if (insert->exec() == 1) {
      report.calls_cut_off += status == "active" ? 1 : 0;
      return {};
    }
  }
  return exists(db_, "calls", id) ? verdict{verdict::present, ""}
                                  : skip("its callSid belongs to another call");
}

template <class Values>
verdict importer::put_child(const table& row, const char* into, const char* columns,
                            Values values) {
  const auto id = row.text("id").value_or("");
  const auto call_id = row.text("callId").value_or("");
  if (id.empty()) {
    return skip("id is missing");
  }
  std::string marks = "?";
  for (const char* c = columns; *c != 0; ++c) {
    marks += *c == ',' ? ", ?" : "";
  }
  {
    running insert(db_.prepare(std::string("INSERT INTO ") + into + " (" + columns + ") SELECT " +
                               marks + " WHERE EXISTS (SELECT 1 FROM calls WHERE id = ?)" +
                               " ON CONFLICT DO NOTHING"));
    binder bind(*insert);
    bind << id << call_id;
    values(bind);
    bind << call_id;
    if (insert->exec() == 1) {
      return {};
    }
  }
  if (exists(db_, into, id)) {
    return {verdict::present, ""};
  }
  return skip(exists(db_, "calls", call_id) ? "its call has such a row already"
                                            : "its call is not there");
}

verdict importer::put_transcript(const table& row) {
  static const std::map<std::string, const char*> speakers{
      {"user", "user"},    {"caller", "user"},         {"customer", "user"},
      {"human", "user"},   {"assistant", "assistant"}, {"agent", "assistant"},
      {"ai", "assistant"}, {"bot", "assistant"},       {"model", "assistant"}};
  const auto who = speakers.find(lower_case(row.text("speaker").value_or("")));
  const stamps made(row);
  if (who == speakers.end()) {
    return skip("speaker is neither user nor assistant");
  }
  if (!made.created) {
    return skip("createdAt is no instant");
  }
  return put_child(row, "transcripts", sqlite::transcript_columns, [&](binder& bind) {
    bind << who->second << row.text("text").value_or("") << row.real("confidence")
         << row.real("startTime").value_or(0.0) << row.real("endTime") << int64_t{1}
         << std::optional<std::string>{} // the old system did not keep what was generated
         << *made.created << *made.updated;
  });
}

verdict importer::put_analytics(const table& row) {
  const stamps made(row);
  if (!made.created) {
    return skip("createdAt is no instant");
  }
  return put_child(row, "analytics", sqlite::analytics_columns, [&](binder& bind) {
    bind << row.text("sentiment") << row.real("sentimentScore") << row.real("talkTime")
         << row.real("silenceTime") << row.integer("interruptions") << row.real("averageLatency")
         << row.text("metrics") << row.instant("snapshotTime").value_or(*made.created)
         << *made.created << *made.updated;
  });
}

verdict importer::put_metadata(const table& row) {
  const stamps made(row);
  if (!made.created) {
    return skip("createdAt is no instant");
  }
  return put_child(row, "call_metadata", sqlite::metadata_columns, [&](binder& bind) {
    bind << row.text("language") << row.text("region") << row.text("deviceType")
         << row.text("networkQuality") << row.text("customData") << *made.created << *made.updated;
  });
}

// -- recordings -----------------------------------------------------------------------------------

/// The name that the call's next recording gets; empty if there is no such call.
std::string importer::next_file_path(const std::string& call_id) {
  running find(db_.prepare("SELECT start_time, (SELECT count(*) FROM recordings WHERE call_id = ?1)"
                           " FROM calls WHERE id = ?1"));
  binder(*find) << call_id;
  if (!find->executeStep()) {
    return {};
  }
  const auto known = find->getColumn(1).getInt64();
  return recording_date(find->getColumn(0).getInt64()) + "/" + call_id +
         (known == 0 ? "" : "-" + std::to_string(known + 1)) + ".wav";
}

verdict importer::put_recording(const table& row) {
  const auto id = row.text("id").value_or("");
  std::string file_path;
  {
    running find(db_.prepare("SELECT file_path FROM recordings WHERE id = ?"));
    binder(*find) << id;
    if (find->executeStep()) {
      file_path = find->getColumn(0).getString();
    }
  }
  if (file_path.empty()) {
    return add_recording(row, id, row.text("callId").value_or(""));
  }
  restore_file(row, id, file_path);
  return {verdict::present, ""};
}

verdict importer::add_recording(const table& row, const std::string& id,
                                const std::string& call_id) {
  const stamps made(row);
  if (!made.created) {
    return skip("createdAt is no instant");
  }
  const auto file_path = next_file_path(call_id);
  if (file_path.empty() || id.empty()) {
    return skip(id.empty() ? "id is missing" : "its call is not there");
  }
  const auto file = files_.take(id, row.text("filePath").value_or(""), file_path, report);
  const auto old_size = row.integer("sizeBytes").value_or(row.integer("fileSize").value_or(0));
  return put_child(row, "recordings", sqlite::recording_columns, [&](binder& bind) {
    bind << file_path << row.integer("sampleRate").value_or(defaults::storage::imported_rate_hz)
         << row.integer("channels").value_or(1) << row.real("duration").value_or(0.0)
         << (file ? file->size_bytes : old_size) << (file ? file->sha256_hex : std::string())
         << int64_t{0} << *made.created << *made.updated;
  });
}

/// A row of an earlier import: its file may have been missing then.
void importer::restore_file(const table& row, const std::string& id, const std::string& file_path) {
  const auto copied_before = report.files_copied;
  const auto file = files_.take(id, row.text("filePath").value_or(""), file_path, report);
  if (!file || report.files_copied == copied_before) {
    return;
  }
  running update(db_.prepare("UPDATE recordings SET size_bytes = ?, sha256_hex = ? WHERE id = ?"));
  binder(*update) << file->size_bytes << file->sha256_hex << id;
  update->exec();
}

// One line a column: what the old tables are called is seen at one glance.
// NOLINTNEXTLINE(readability-function-size)
void importer::run() {
  each_row("Call",
           {{"id"},
            {"streamSid"},
            {"callSid"},
            {"caller"},
            {"agent"},
            {"startTime", true},
            {"endTime", true},
            {"duration"},
            {"status"},
            {"notes"},
            {"createdAt", true},
            {"updatedAt", true}},
           report.calls, [this](const table& row) { return put_call(row); });
  each_row("Recording",
           {{"id"},
            {"callId"},
            {"filePath"},
            {"sampleRate"},
            {"channels"},
            {"duration"},
            {"sizeBytes"},
            {"fileSize"},
            {"createdAt", true},
            {"updatedAt", true}},
           report.recordings, [this](const table& row) { return put_recording(row); });
  each_row("Transcript",
           {{"id"},
            {"callId"},
            {"speaker"},
            {"text"},
            {"confidence"},
            {"startTime"},
            {"endTime"},
            {"createdAt", true},
            {"updatedAt", true}},
           report.transcripts, [this](const table& row) { return put_transcript(row); });
  each_row("Analytics",
           {{"id"},
            {"callId"},
            {"sentiment"},
            {"sentimentScore"},
            {"talkTime"},
            {"silenceTime"},
            {"interruptions"},
            {"averageLatency"},
            {"metrics"},
            {"snapshotTime", true},
            {"createdAt", true},
            {"updatedAt", true}},
           report.analytics, [this](const table& row) { return put_analytics(row); });
  each_row("CallMetadata",
           {{"id"},
            {"callId"},
            {"language"},
            {"region"},
            {"deviceType"},
            {"networkQuality"},
            {"customData"},
            {"createdAt", true},
            {"updatedAt", true}},
           report.metadata, [this](const table& row) { return put_metadata(row); });
}

} // namespace

bool import_report::complete() const {
  return files_missing.empty() && calls.skipped.empty() && recordings.skipped.empty() &&
         transcripts.skipped.empty() && analytics.skipped.empty() && metadata.skipped.empty();
}

result<import_report> import_prisma(const import_request& wanted) {
  const auto data_directory = posix::parent_of(wanted.database_path);
  if (auto made = posix::make_directories(data_directory); !made) {
    return {made.code(), made.detail()};
  }
  auto from = prisma::source::open(wanted.source, data_directory);
  if (!from) {
    return {from.code(), from.detail()};
  }
  sqlite::connection_options ours;
  ours.path = wanted.database_path;
  auto to = connection::open(ours);
  if (!to) {
    return {to.code(), to.detail()};
  }
  try {
    if (auto ready = sqlite::apply_migrations(**to, wanted.database_path); !ready) {
      return {ready.code(), ready.detail()};
    }
    importer work(wanted, **from, **to);
    work.run();
    if ((*from)->changed()) {
      return {storage_error::busy,
              wanted.source + " was written to meanwhile: stop the old system and import again"};
    }
    return std::move(work.report);
  } catch (const SQLite::Exception& e) {
    return {sqlite::error_of(e), "import " + wanted.source + ": " + e.what()};
  }
}

} // namespace switchboard::storage
