#define CAF_SUITE backup
#define FAIL CAF_FAIL
#include "storage/backup.hpp"
#include "storage/backup_manifest.hpp"
#include "storage/migrations/migrations.hpp"
#include "tests/storage/store_fixture.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::storage;
namespace fs = std::filesystem;

namespace {

struct fixture : test::store_fixture {
  backup_request wanted{path, root / "recordings", root / "backup"};

  void put(const std::string& name, uint8_t byte = 'x') const {
    fs::create_directories(fs::path{wanted.storage_path + "/" + name}.parent_path());
    test::write_file(wanted.storage_path + "/" + name, std::vector<uint8_t>(1000, byte));
  }
  call_row recorded(const std::string& sid) {
    const auto made = add(sid);
    recording_row row;
    row.call_id = made.id;
    row.file_path = "2026-01-02/" + made.id + ".wav";
    CAF_REQUIRE(store->create_recording(row, 1000));
    put(row.file_path);
    return made;
  }
  bool has(const std::string& name) const { return fs::exists(wanted.directory + "/" + name); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(backup_tests, fixture)

CAF_TEST(database and recordings and unsealed journals are copied while the database is open) {
  const auto sealed = recorded("CA1");
  const auto live = add("CA2");
  put("2026-01-02/" + live.id + ".journal", 'j');
  put("2026-01-02/stranger.journal");
  put("2026-01-02/stranger.wav");
  const auto done = make_backup(wanted);
  CAF_REQUIRE(done);
  CAF_CHECK_EQUAL(done->recordings, 1u);
  CAF_CHECK_EQUAL(done->journals, 1u);
  CAF_CHECK(done->missing.empty());
  CAF_CHECK(has("switchboard.db"));
  CAF_CHECK(has("recordings/2026-01-02/" + sealed.id + ".wav"));
  CAF_CHECK(has("recordings/2026-01-02/" + live.id + ".journal"));
  CAF_CHECK(!has("recordings/2026-01-02/stranger.wav"));
  CAF_CHECK(!has("recordings/2026-01-02/stranger.journal"));
  CAF_CHECK(*verify_backup(wanted.directory) == 3u);
  CAF_CHECK_EQUAL(test::mode_of(wanted.directory + "/switchboard.db"), 0600u);
  CAF_CHECK_EQUAL(test::mode_of(wanted.directory), 0700u);
}

CAF_TEST(what is committed while the copy is made is in it whole or not at all) {
  for (int i = 0; i < 50; ++i) {
    const auto row = add("CA" + std::to_string(i));
    say(row, "words");
  }
  CAF_REQUIRE(store->begin()); // a group that is not committed
  add("CAopen");
  CAF_REQUIRE(make_backup(wanted));
  CAF_REQUIRE(store->commit());
  auto copy = open_call_store({wanted.directory + "/switchboard.db", true});
  CAF_REQUIRE(copy);
  CAF_CHECK((*copy)->search_calls({})->total == 50);
  CAF_CHECK((*copy)->get_call_by_sid("CAopen").code() == storage_error::not_found);
  CAF_CHECK_EQUAL(find({}).size(), 10u); // the live one goes on
}

CAF_TEST(a backup serves as a data directory) {
  const auto row = recorded("CA1");
  say(row, "albatross");
  CAF_REQUIRE(make_backup(wanted));
  auto restored = open_call_store({wanted.directory + "/switchboard.db"});
  CAF_REQUIRE(restored);
  call_query query;
  query.words = "albatross";
  CAF_CHECK((*restored)->search_calls(query)->total == 1);
  CAF_CHECK((*restored)->create_call(call("CA2"), 5)); // and goes on from there
  const auto details = (*restored)->get_call_with_details(row.id);
  CAF_CHECK(has("recordings/" + details->recordings[0].file_path));
}

CAF_TEST(a recording that is not there is told and the backup is made) {
  const auto row = recorded("CA1");
  fs::remove(wanted.storage_path + "/2026-01-02/" + row.id + ".wav");
  const auto done = make_backup(wanted);
  CAF_REQUIRE(done);
  CAF_CHECK_EQUAL(done->missing, test::names{"2026-01-02/" + row.id + ".wav"});
  CAF_CHECK(verify_backup(wanted.directory));
}

CAF_TEST(a row that leads out of the storage path takes nothing along) {
  const auto row = add("CA1");
  recording_row recording;
  recording.call_id = row.id;
  recording.file_path = "../outside.wav";
  CAF_REQUIRE(store->create_recording(recording, 1000));
  put("../outside.wav");
  const auto done = make_backup(wanted);
  CAF_REQUIRE(done);
  CAF_CHECK_EQUAL(done->recordings, 0u);
  CAF_CHECK_EQUAL(done->missing.size(), 1u);
}

CAF_TEST(a directory with something in it is refused and left alone) {
  fs::create_directories(wanted.directory);
  test::write_file(wanted.directory + "/diary", {'x'});
  CAF_CHECK(make_backup(wanted).code() == storage_error::bad_argument);
  CAF_CHECK(!has("switchboard.db"));
  fs::remove(wanted.directory + "/diary");
  CAF_CHECK(make_backup(wanted)); // an empty one will do
  CAF_CHECK(make_backup(wanted).code() == storage_error::bad_argument);
}

CAF_TEST(a database that is not there or too new is refused) {
  store.reset();
  {
    SQLite::Database db(path, SQLite::OPEN_READWRITE);
    db.exec("INSERT INTO schema_migrations VALUES (999, 'future', 0)");
  }
  CAF_CHECK(make_backup(wanted).code() == storage_error::newer_schema);
  wanted.database_path = root / "nothing.db";
  CAF_CHECK(make_backup(wanted).code() == storage_error::not_found);
  CAF_CHECK(!fs::exists(wanted.directory));
}

CAF_TEST(an unfinished or damaged backup does not pass for a good one) {
  const auto row = recorded("CA1");
  CAF_REQUIRE(make_backup(wanted));
  const auto wav = wanted.directory + "/recordings/2026-01-02/" + row.id + ".wav";
  auto bytes = test::read_file(wav);
  bytes[500] ^= 1;
  test::write_file(wav, bytes);
  CAF_CHECK(verify_backup(wanted.directory).code() == storage_error::corrupt);
  fs::remove(wav);
  CAF_CHECK(verify_backup(wanted.directory).code() == storage_error::corrupt);
  fs::remove(wanted.directory + "/" + backup_manifest::file_name);
  CAF_CHECK(verify_backup(wanted.directory).code() == storage_error::not_found);
}

CAF_TEST(a disk that fails leaves no manifest) {
  const auto row = recorded("CA1");
  const auto wav = wanted.storage_path + "/2026-01-02/" + row.id + ".wav";
  fs::remove(wav);
  fs::create_directory(wav); // reading it fails, as a broken disk's file does
  CAF_CHECK(!make_backup(wanted));
  CAF_CHECK(!has(backup_manifest::file_name));
}

CAF_TEST(a manifest is read as it was written and in no other way) {
  backup_manifest written;
  const std::string hex(64, 'a');
  written.add("switchboard.db", hex);
  written.add("recordings/2026-01-02/a b.wav", hex);
  CAF_REQUIRE(written.write(root.path()));
  const auto bytes = test::read_file(root / backup_manifest::file_name);
  const std::string text(bytes.begin(), bytes.end());
  const auto found = backup_manifest::read(root.path());
  CAF_REQUIRE(found);
  CAF_CHECK_EQUAL(found->entries().size(), 2u);
  CAF_CHECK_EQUAL(found->entries()[1].path, "recordings/2026-01-02/a b.wav");
  const auto first_line = text.find('\n') + 1;
  for (size_t cut = 0; cut < text.size(); ++cut) {
    CAF_CHECK_EQUAL(static_cast<bool>(backup_manifest::parse(text.substr(0, cut))),
                    cut == first_line);
  }
  for (const auto* bad : {"\n", "x  y\n", "  \n"}) {
    CAF_CHECK(!backup_manifest::parse(bad));
  }
  CAF_CHECK(!backup_manifest::parse(hex + "  ../up\n"));
  CAF_CHECK(!backup_manifest::parse(hex + "  /etc/passwd\n"));
  CAF_CHECK(!backup_manifest::parse(hex + " *binary\n"));
  written.add("../up", hex);
  CAF_CHECK(written.write(root.path()).code() == storage_error::bad_argument);
}

CAF_TEST_FIXTURE_SCOPE_END()
