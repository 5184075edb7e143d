#define CAF_SUITE migrations
#define FAIL CAF_FAIL
#include "storage/call_store.hpp"
#include "storage/migrations/migrations.hpp"
#include "tests/storage/store_fixture.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::storage;

namespace {

struct fixture {
  test::temporary_directory root;
  std::string path = root / "db";

  result<std::unique_ptr<call_store>> open(bool read_only = false) const {
    store_options options;
    options.path = path;
    options.read_only = read_only;
    return open_call_store(options);
  }
  void sql(const std::string& text) const {
    SQLite::Database db(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec(text);
  }
  int integer(const std::string& file, const std::string& text) const {
    SQLite::Database db(file, SQLite::OPEN_READWRITE);
    return db.execAndGet(text).getInt();
  }
  /// A database as version 1 left it, with one call.
  void make_version_1() const {
    sql("CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL,"
        " applied_at INTEGER NOT NULL);"
        "INSERT INTO schema_migrations VALUES (1, 'calls', 0)");
    sql(migrations::v0001_calls);
    sql("INSERT INTO calls VALUES (7, 'id', NULL, 'CA1', 'c', 'a', 0, NULL, NULL, 'active',"
        " 'an old note', 5, 5);"
        "INSERT INTO transcripts VALUES (9, 't', 'id', 'user', 'old words', NULL, 0, NULL, 1, 5, "
        "5)");
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(migrations_tests, fixture)

CAF_TEST(a new database is made for the owner alone and up to date) {
  CAF_CHECK(read_migration_status(path)->applied == 0);
  CAF_CHECK(!std::filesystem::exists(path)); // asking makes nothing
  auto store = open();
  CAF_REQUIRE(store);
  CAF_CHECK_EQUAL(test::mode_of(path), 0600u);
  CAF_CHECK_EQUAL(test::mode_of(path + "-wal"), 0600u);
  const auto status = read_migration_status(path);
  CAF_REQUIRE(status);
  CAF_CHECK_EQUAL(status->applied, migrations::latest);
  CAF_CHECK_EQUAL(status->latest, migrations::latest);
  CAF_CHECK(migrate(path)->applied == migrations::latest);            // again: nothing to do
  CAF_CHECK_EQUAL(integer(path, "PRAGMA journal_mode = wal") + 1, 1); // text reads as 0
  CAF_CHECK_EQUAL(integer(path, "SELECT count(*) FROM schema_migrations"), migrations::latest);
}

CAF_TEST(an older database is copied and then brought up to date) {
  make_version_1();
  auto store = open();
  CAF_REQUIRE(store);
  call_query query;
  query.words = "old note words";
  const auto page = (*store)->search_calls(query);
  CAF_REQUIRE(page);
  CAF_CHECK_EQUAL(page->total, 1);
  const auto copy = path + ".before-v" + std::to_string(migrations::latest);
  CAF_CHECK_EQUAL(test::mode_of(copy), 0600u);
  CAF_CHECK_EQUAL(integer(copy, "SELECT max(version) FROM schema_migrations"), 1);
  CAF_CHECK_EQUAL(integer(copy, "SELECT count(*) FROM calls"), 1);
  CAF_CHECK(!std::filesystem::exists(copy + ".part"));
}

CAF_TEST(a reader does not migrate) {
  make_version_1();
  CAF_CHECK(open(true).code() == storage_error::bad_argument);
  CAF_CHECK(read_migration_status(path)->applied == 1);
}

CAF_TEST(a newer schema is refused and left alone) {
  open();
  sql("INSERT INTO schema_migrations VALUES (999, 'future', 0)");
  CAF_CHECK(open().code() == storage_error::newer_schema);
  CAF_CHECK(open(true).code() == storage_error::newer_schema);
  CAF_CHECK(migrate(path).code() == storage_error::newer_schema);
  CAF_CHECK(read_migration_status(path).code() == storage_error::newer_schema);
}

CAF_TEST(files that are not ours are refused and left alone) {
  const std::vector<uint8_t> text(5000, 'x');
  test::write_file(path, text);
  CAF_CHECK(open().code() == storage_error::corrupt);
  CAF_CHECK(test::read_file(path) == text);
  std::filesystem::remove(path);
  sql("CREATE TABLE Call (id TEXT)"); // some other program's database
  CAF_CHECK(open().code() == storage_error::corrupt);
  CAF_CHECK(open(true).code() == storage_error::corrupt);
  CAF_CHECK_EQUAL(integer(path, "SELECT count(*) FROM sqlite_schema"), 1);
}

CAF_TEST(places that cannot be written are told) {
  CAF_CHECK(open(true).code() == storage_error::not_found);
  store_options nowhere;
  CAF_CHECK(open_call_store(nowhere).code() == storage_error::bad_argument);
  ::chmod(root.path().c_str(), 0555);
  {
    test::without_privilege user;
    CAF_CHECK(open().code() == storage_error::read_only);
    store_options below;
    below.path = root / "new/db";
    CAF_CHECK(open_call_store(below).code() == storage_error::read_only);
  }
  ::chmod(root.path().c_str(), 0755);
}

CAF_TEST(lists and searches use their indexes) {
  open();
  SQLite::Database db(path, SQLite::OPEN_READWRITE);
  const auto plan = [&](const std::string& sql) {
    SQLite::Statement explain(db, "EXPLAIN QUERY PLAN " + sql);
    std::string text;
    while (explain.executeStep()) {
      text += explain.getColumn(3).getString() + "\n";
    }
    return text;
  };
  const auto list = plan("SELECT * FROM calls ORDER BY created_at DESC, seq DESC LIMIT 20");
  CAF_CHECK(list.find("calls_newest") != std::string::npos);
  CAF_CHECK(list.find("TEMP B-TREE") == std::string::npos);
  const auto active = plan("SELECT * FROM calls WHERE status = 'active' ORDER BY created_at, seq");
  CAF_CHECK(active.find("calls_by_status") != std::string::npos);
  CAF_CHECK(active.find("TEMP B-TREE") == std::string::npos);
  const auto children = plan("SELECT * FROM transcripts WHERE call_id IN (?, ?)"
                             " ORDER BY call_id, start_time_s, seq");
  CAF_CHECK(children.find("transcripts_of_call") != std::string::npos);
  CAF_CHECK(children.find("TEMP B-TREE") == std::string::npos);
  const auto mood = plan("SELECT seq FROM call_sentiments WHERE sentiment = ?"
                         " ORDER BY created_at DESC, seq DESC");
  CAF_CHECK(mood.find("PRIMARY KEY (sentiment=?)") != std::string::npos);
  CAF_CHECK(mood.find("TEMP B-TREE") == std::string::npos);
  const auto caller = plan("SELECT calls.seq FROM call_parties AS party CROSS JOIN calls"
                           " ON lower(calls.caller) = +party.folded WHERE role = 'caller'");
  CAF_CHECK(caller.find("INDEX calls_by_caller (<expr>=?)") != std::string::npos);
  const auto agent = plan("SELECT calls.seq FROM call_parties AS party CROSS JOIN calls"
                          " ON lower(calls.agent) = +party.folded WHERE role = 'agent'");
  CAF_CHECK(agent.find("INDEX calls_by_agent (<expr>=?)") != std::string::npos);
  const auto figures = plan("SELECT status, count(*), total(duration_s) FROM calls"
                            " WHERE created_at BETWEEN ? AND ? GROUP BY status");
  CAF_CHECK(figures.find("COVERING INDEX calls_figures") != std::string::npos);
}

CAF_TEST(the full text indexes agree with the tables after deletes) {
  {
    auto store = open();
    CAF_REQUIRE(store);
    call_row x;
    for (int i = 0; i < 20; ++i) {
      x.call_sid = "CA" + std::to_string(i);
      x.notes = i % 2 == 0 ? std::optional<std::string>("note") : std::nullopt;
      const auto row = (*store)->create_call(x, i);
      transcript_row said;
      said.call_id = row->id;
      said.text = "said " + std::to_string(i);
      CAF_REQUIRE((*store)->create_transcript(said, i));
      call_update change;
      change.notes = "changed";
      CAF_REQUIRE((*store)->update_call(row->id, change, i));
    }
  }
  SQLite::Database db(path, SQLite::OPEN_READWRITE);
  db.exec("PRAGMA foreign_keys = ON");
  db.exec("DELETE FROM calls WHERE call_sid < 'CA15'; UPDATE calls SET notes = NULL"
          " WHERE call_sid = 'CA9'; VACUUM");
  db.exec("INSERT INTO transcripts_fts (transcripts_fts, rank) VALUES ('integrity-check', 1)");
  db.exec("INSERT INTO notes_fts (notes_fts, rank) VALUES ('integrity-check', 1)");
  CAF_CHECK_EQUAL(db.execAndGet("SELECT count(*) FROM transcripts_fts WHERE transcripts_fts"
                                " MATCH 'said'")
                      .getInt(),
                  db.execAndGet("SELECT count(*) FROM calls").getInt());
}

CAF_TEST_FIXTURE_SCOPE_END()
