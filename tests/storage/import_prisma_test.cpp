#define CAF_SUITE import_prisma
#define FAIL CAF_FAIL
#include "storage/import_prisma.hpp"
#include "tests/storage/old_system.hpp"
#include "tests/storage/rollup_scan.hpp"
#include "tests/storage/store_fixture.hpp"

#include <sys/stat.h>

#include <algorithm>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::storage;

namespace {

struct fixture {
  test::temporary_directory root;
  test::old_system old{root / "old.db"};
  import_request wanted{old.path, "", root / "data/switchboard.db", root / "data/recordings"};

  import_report import() const {
    auto done = import_prisma(wanted);
    if (!done) {
      CAF_FAIL("import: " << done.detail());
    }
    return *done;
  }
  std::unique_ptr<call_store> open() const {
    auto store = open_call_store({wanted.database_path, true});
    CAF_REQUIRE(store);
    return std::move(*store);
  }
  void put_wav(const std::string& name) const {
    std::filesystem::create_directories(std::filesystem::path{root / name}.parent_path());
    test::write_file(root / name, test::old_system::wav());
  }
  /// The first call's rows, whatever the encoding of instants was.
  void check_first_call() const {
    const auto call = open()->get_call_with_details("clw1a2b3c4d5");
    CAF_REQUIRE(call);
    CAF_CHECK_EQUAL(call->call.start_time, test::old_system::instant);
    CAF_CHECK_EQUAL(call->call.created_at, test::old_system::instant);
    CAF_CHECK(call->call.end_time == test::old_system::instant);
    CAF_CHECK(call->call.duration_s == 62);
    CAF_CHECK_EQUAL(call->call.call_sid, "CA1");
    CAF_CHECK(call->call.status == call_status::completed);
    CAF_CHECK(call->call.notes == std::string("old note"));
    CAF_REQUIRE_EQUAL(call->transcripts.size(), 2u);
    CAF_CHECK_EQUAL(call->transcripts[0].text, "a purple umbrella");
    CAF_CHECK(call->transcripts[0].who == speaker::user);
    CAF_CHECK(call->transcripts[0].confidence == 0.9);
    CAF_CHECK_EQUAL(call->transcripts[1].created_at, test::old_system::instant);
    CAF_CHECK(call->transcripts[1].who == speaker::assistant);
    CAF_CHECK(!call->transcripts[1].end_time_s);
    CAF_REQUIRE_EQUAL(call->analytics.size(), 1u);
    CAF_CHECK(call->analytics[0].average_latency_ms == 410.5);
    CAF_CHECK_EQUAL(call->analytics[0].snapshot_time, test::old_system::instant);
    CAF_REQUIRE(call->metadata);
    CAF_CHECK(call->metadata->custom_data_json == std::string("{\"a\":1}"));
    CAF_REQUIRE_EQUAL(call->recordings.size(), 1u);
    CAF_CHECK_EQUAL(call->recordings[0].file_path, "2024-05-06/clw1a2b3c4d5.wav");
    CAF_CHECK_EQUAL(call->recordings[0].channels, 2);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(import_prisma_tests, fixture)

CAF_TEST(instants are read in each of the ways that Prisma writes them) {
  for (const auto* at : {"1714979289123", "'2024-05-06T07:08:09.123Z'", "'2024-05-06 07:08:09.123'",
                         "'2024-05-06T09:08:09.123+02:00'", "'1714979289123'", "1714979289123.0"}) {
    CAF_MESSAGE(at);
    std::filesystem::remove_all(root / "data");
    old.sql(
        "DELETE FROM Call; DELETE FROM Recording; DELETE FROM Transcript; DELETE FROM Analytics;"
        "DELETE FROM CallMetadata");
    old.fill(at);
    const auto report = import();
    CAF_CHECK_EQUAL(report.calls.inserted, 2);
    CAF_CHECK_EQUAL(report.transcripts.inserted, 2);
    CAF_CHECK_EQUAL(report.analytics.inserted, 1);
    CAF_CHECK_EQUAL(report.metadata.inserted, 1);
    check_first_call();
  }
}

CAF_TEST(a call that was active for ever is failed and nothing is active) {
  old.fill("1714979289123");
  CAF_CHECK_EQUAL(import().calls_cut_off, 1);
  CAF_CHECK(open()->get_active_calls()->empty());
  const auto call = open()->get_call_by_sid("CA2");
  CAF_REQUIRE(call);
  CAF_CHECK(call->status == call_status::failed);
  CAF_CHECK(!call->end_time);
}

CAF_TEST(what was imported is found by its words and counted) {
  old.fill("1714979289123");
  import();
  call_query query;
  query.words = "purple umbrella";
  CAF_CHECK(open()->search_calls(query)->total == 1);
  CAF_CHECK(open()->get_analytics_aggregate({}, {})->total_calls == 2);
}

CAF_TEST(the hourly sums of what was imported are those of a full scan) {
  std::string rows = "BEGIN;";
  for (int i = 0; i < 500; ++i) { // over 40 hours
    const auto at = std::to_string(test::old_system::instant + i * 288'000ll);
    const auto id = "'id" + std::to_string(i) + "'";
    const char* states[] = {"completed", "failed", "active"};
    const char* moods[] = {"'positive'", "'negative'", "NULL", "'neutral'"};
    rows += "INSERT INTO Call VALUES (" + id + ", 'MZ', 'sid" + std::to_string(i) +
            "', 'c', 'a', " + at + ", " + at + ", " + (i % 5 == 0 ? "NULL" : std::to_string(i)) +
            ", '" + states[i % 3] + "', NULL, " + at + ", " + at + ");" +
            "INSERT INTO Analytics VALUES ('a' || " + id + ", " + id + ", " + moods[i % 4] +
            ", 0, 1, 1, 0, 1, '{}', " + at + ", " + at + ", " + at + ");";
  }
  old.sql(rows + "COMMIT");
  CAF_CHECK_EQUAL(import().calls.inserted, 500);
  for (int again = 0; again < 2; ++again) {
    SQLite::Database db(wanted.database_path, SQLite::OPEN_READONLY);
    const auto sums = test::kept_sums(db);
    CAF_CHECK_GREATER(std::count(sums.begin(), sums.end(), '\n'), 100); // there is something to sum
    CAF_CHECK_EQUAL(sums, test::scanned_sums(db));
    import(); // twice is as good as once
  }
}

CAF_TEST(recordings are taken along under our names and hashed) {
  old.fill("1714979289123");
  put_wav("recordings/one.wav"); // relative to the old database
  const auto report = import();
  CAF_CHECK_EQUAL(report.files_copied, 1);
  CAF_CHECK(report.complete());
  const auto copy = wanted.storage_path + "/2024-05-06/clw1a2b3c4d5.wav";
  CAF_CHECK(test::read_file(copy) == test::old_system::wav());
  CAF_CHECK_EQUAL(test::mode_of(copy), 0600u);
  CAF_CHECK(std::filesystem::exists(root / "recordings/one.wav"));
  const auto call = open()->get_call_with_details("clw1a2b3c4d5");
  CAF_CHECK_EQUAL(call->recordings[0].size_bytes,
                  static_cast<int64_t>(test::old_system::wav().size()));
  CAF_CHECK_EQUAL(call->recordings[0].sha256_hex.size(), 64u);
}

CAF_TEST(a second recording of a call gets a name of its own) {
  old.fill("1714979289123");
  old.sql("INSERT INTO Recording VALUES ('rec2', 'clw1a2b3c4d5', 'two.wav', 'wav', 'pcm', 8000, 1, "
          "1, 1,"
          " 5, 5)");
  put_wav("recordings/one.wav");
  put_wav("two.wav");
  CAF_CHECK_EQUAL(import().files_copied, 2);
  const auto call = open()->get_call_with_details("clw1a2b3c4d5");
  CAF_REQUIRE_EQUAL(call->recordings.size(), 2u);
  CAF_CHECK_EQUAL(call->recordings[1].file_path, "2024-05-06/clw1a2b3c4d5-2.wav");
  CAF_CHECK_EQUAL(call->recordings[1].sample_rate_hz, 8000);
}

CAF_TEST(again it inserts nothing and takes files that have turned up) {
  old.fill("1714979289123");
  const auto first = import();
  CAF_REQUIRE_EQUAL(first.files_missing.size(), 1u);
  CAF_CHECK(!first.complete());
  CAF_CHECK(open()->get_call_with_details("clw1a2b3c4d5")->recordings[0].size_bytes == 99);
  put_wav("elsewhere/one.wav");
  wanted.recordings_from = root / "elsewhere";
  const auto second = import();
  CAF_CHECK_EQUAL(second.calls.inserted + second.transcripts.inserted + second.recordings.inserted,
                  0);
  CAF_CHECK_EQUAL(second.calls.present, 2);
  CAF_CHECK_EQUAL(second.recordings.present, 1);
  CAF_CHECK_EQUAL(second.files_copied, 1);
  CAF_CHECK(second.complete());
  CAF_CHECK(open()->get_call_with_details("clw1a2b3c4d5")->recordings[0].size_bytes ==
            static_cast<int64_t>(test::old_system::wav().size()));
  CAF_CHECK_EQUAL(import().files_present, 1);
}

CAF_TEST(a row that names any other file of the machine brings nothing in) {
  old.fill("1714979289123");
  old.sql("UPDATE Recording SET filePath = '/etc/passwd'");
  const auto report = import();
  CAF_CHECK_EQUAL(report.files_copied, 0);
  CAF_REQUIRE_EQUAL(report.files_missing.size(), 1u);
  CAF_CHECK(report.files_missing[0].find("not a WAV file") != std::string::npos);
}

CAF_TEST(rows that cannot be kept are counted by reason) {
  old.fill("1714979289123");
  old.sql(
      "INSERT INTO Call VALUES ('../up', 'MZ', 'CA3', 'c', 'a', 1, 1, 1, 'completed', NULL, 1, 1);"
      "INSERT INTO Call VALUES ('id4', 'MZ', '', 'c', 'a', 1, 1, 1, 'completed', NULL, 1, 1);"
      "INSERT INTO Call VALUES ('id5', 'MZ', 'CA1', 'c', 'a', 1, 1, 1, 'completed', NULL, 1, 1);"
      "INSERT INTO Call VALUES ('id6', 'MZ', 'CA6', 'c', 'a', 'soon', 1, 1, 'completed', NULL, "
      "'now',"
      " '');"
      "INSERT INTO Transcript VALUES ('t3', 'id5', 'user', 'x', 0, 0, 0, 1, 1);"
      "INSERT INTO Transcript VALUES ('t4', 'clw1a2b3c4d5', 'weather', 'x', 0, 0, 0, 1, 1);"
      "INSERT INTO CallMetadata VALUES ('m2', 'clw1a2b3c4d5', 'de', '', '', '', '', 1, 1)");
  const auto report = import();
  CAF_CHECK_EQUAL(report.calls.inserted, 2);
  CAF_CHECK_EQUAL(report.calls.skipped.size(), 4u);
  CAF_CHECK_EQUAL(report.calls.skipped.at("its callSid belongs to another call"), 1);
  CAF_CHECK_EQUAL(report.transcripts.inserted, 2);
  CAF_CHECK_EQUAL(report.transcripts.skipped.at("its call is not there"), 1);
  CAF_CHECK_EQUAL(report.transcripts.skipped.at("speaker is neither user nor assistant"), 1);
  CAF_CHECK_EQUAL(report.metadata.skipped.at("its call has such a row already"), 1);
}

CAF_TEST(the source is not changed by a single byte) {
  old.fill("1714979289123");
  const auto before = test::read_file(old.path);
  ::chmod(old.path.c_str(), 0400);
  import();
  CAF_CHECK(test::read_file(old.path) == before);
  for (const auto* suffix : {"-wal", "-shm", "-journal"}) {
    CAF_CHECK(!std::filesystem::exists(old.path + suffix));
  }
}

CAF_TEST(what lies in the old write - ahead log is read and left there) {
  old.sql("PRAGMA journal_mode=WAL");
  SQLite::Database writer(old.path, SQLite::OPEN_READWRITE);
  writer.execAndGet("SELECT count(*) FROM Call"); // open: the log is not folded in by who closes it
  old.fill("1714979289123");
  const auto before = test::read_file(old.path + "-wal");
  CAF_REQUIRE(!before.empty());
  CAF_CHECK_EQUAL(import().calls.inserted, 2);
  CAF_CHECK(test::read_file(old.path + "-wal") == before);
  for (const auto& entry : std::filesystem::directory_iterator(root / "data")) {
    CAF_CHECK(entry.path().filename().string().find(".import") == std::string::npos);
  }
}

CAF_TEST(a table that the old system never made is no obstacle) {
  old.fill("1714979289123");
  old.sql("DROP TABLE CallMetadata; DROP TABLE Recording; ALTER TABLE Call DROP COLUMN notes");
  const auto report = import();
  CAF_CHECK_EQUAL(report.calls.inserted, 2);
  CAF_CHECK_EQUAL(report.metadata.inserted, 0);
}

CAF_TEST(files that are no such database are refused and ours is not touched) {
  wanted.source = root / "nothing.db";
  CAF_CHECK(import_prisma(wanted).code() == storage_error::not_found);
  test::write_file(root / "text", std::vector<uint8_t>(5000, 'x'));
  wanted.source = root / "text";
  CAF_CHECK(import_prisma(wanted).code() == storage_error::corrupt);
  wanted.source = root / "empty.db";
  test::old_system{wanted.source}.sql("DROP TABLE Call");
  CAF_CHECK(import_prisma(wanted).code() == storage_error::corrupt);
  CAF_CHECK(!std::filesystem::exists(wanted.database_path));
}

CAF_TEST(an import beyond one transaction brings every row) {
  old.sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)"
          " INSERT INTO Call SELECT 'id' || i, 'MZ', 'CA' || i, 'c', 'a', i, i, 1, 'completed', "
          "NULL, i, i"
          " FROM n");
  CAF_CHECK_EQUAL(import().calls.inserted, 2500);
  CAF_CHECK_EQUAL(import().calls.present, 2500);
}

CAF_TEST_FIXTURE_SCOPE_END()
