#define CAF_SUITE erasure
#define FAIL CAF_FAIL
#include "conf/defaults/storage.hpp"
#include "storage/call_files.hpp"
#include "tests/storage/store_fixture.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::storage;
namespace fs = std::filesystem;

namespace {

constexpr wall_ms noon = 1767355200000; // 2026-01-02T12:00:00Z

struct fixture : test::store_fixture {
  std::string recordings = root / "recordings";

  /// An ended call with words, a note, a recording row and its files.
  call_row ended(const std::string& sid) {
    auto row = call(sid);
    row.start_time = noon;
    row.status = call_status::completed;
    row.notes = "about penguins";
    auto made = store->create_call(row, noon);
    CAF_REQUIRE(made);
    say(*made, "albatross");
    feel(*made, "positive");
    recording_row recording;
    recording.call_id = made->id;
    recording.file_path = "2026-01-02/" + made->id + ".wav";
    CAF_REQUIRE(store->create_recording(recording, noon));
    put("2026-01-02/" + made->id + ".wav");
    put("2026-01-02/" + made->id + ".journal");
    return *made;
  }
  void put(const std::string& name) const {
    fs::create_directories(fs::path{recordings + "/" + name}.parent_path());
    test::write_file(recordings + "/" + name, {'x'});
  }
  int64_t rows(const std::string& table) const {
    SQLite::Database db(path, SQLite::OPEN_READONLY);
    return db.execAndGet("SELECT count(*) FROM " + table).getInt64();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(erasure_tests, fixture)

CAF_TEST(an erased call leaves neither row nor relation nor word behind) {
  const auto gone = ended("CA1");
  const auto kept = ended("CA2");
  auto intent = store->begin_erasure(gone.id, "api:ann", noon);
  CAF_REQUIRE(intent);
  CAF_CHECK_EQUAL(intent->file_paths, test::names{"2026-01-02/" + gone.id + ".wav"});
  CAF_CHECK_EQUAL(intent->start_time, noon);
  CAF_CHECK(store->get_call_by_id(gone.id)); // until its files are gone
  CAF_CHECK(*remove_call_files(recordings, *intent) == 2);
  CAF_REQUIRE(store->finish_erasure(gone.id, noon + 5));
  CAF_CHECK(store->get_call_by_id(gone.id).code() == storage_error::not_found);
  CAF_CHECK(store->get_call_by_id(kept.id));
  for (const auto* table : {"calls", "recordings", "transcripts", "analytics"}) {
    CAF_CHECK_EQUAL(rows(table), 1);
  }
  call_query query;
  query.words = "albatross";
  CAF_CHECK_EQUAL(find(query), test::names{"CA2"});
  query.words = "penguins";
  CAF_CHECK_EQUAL(find(query), test::names{"CA2"});
  CAF_CHECK(fs::exists(recordings + "/2026-01-02/" + kept.id + ".wav"));
}

CAF_TEST(a call that goes on or never was is not erased) {
  const auto active = add("CA1");
  CAF_CHECK(store->begin_erasure(active.id, "x", noon).code() == storage_error::still_active);
  CAF_CHECK(store->begin_erasure("nobody", "x", noon).code() == storage_error::not_found);
  CAF_CHECK(store->get_erasures(0, 10)->empty());
}

CAF_TEST(an intent is found again until it is done and once more for a while) {
  const auto row = ended("CA1");
  CAF_REQUIRE(store->begin_erasure(row.id, "retention", noon));
  CAF_REQUIRE(store->begin_erasure(row.id, "api:ann", noon + 1)); // asked again
  auto found = store->get_erasures(noon, 10);
  CAF_REQUIRE_EQUAL(found->size(), 1u);
  CAF_CHECK_EQUAL(found->front().requested_by, "retention");
  CAF_CHECK_EQUAL(found->front().file_paths.size(), 1u);
  CAF_CHECK(!found->front().erased_at);
  CAF_REQUIRE(store->finish_erasure(row.id, noon + 10));
  found = store->get_erasures(noon + 10, 10);
  CAF_REQUIRE_EQUAL(found->size(), 1u);
  CAF_CHECK(found->front().erased_at == noon + 10);
  CAF_CHECK(store->get_erasures(noon + 11, 10)->empty());
}

CAF_TEST(what was erased is forgotten itself in the end) {
  for (const auto* sid : {"CA1", "CA2"}) {
    const auto row = ended(sid);
    CAF_REQUIRE(store->begin_erasure(row.id, "x", noon));
    const bool second = std::string(sid) == "CA2";
    CAF_REQUIRE(store->finish_erasure(
        row.id, noon + (second ? defaults::storage::erasure_kept_ms + 1 : 0)));
  }
  CAF_CHECK_EQUAL(rows("erasures"), 1);
}

CAF_TEST(old calls are named oldest first and only those that are over) {
  add("active", 10);
  for (int i = 0; i < 5; ++i) {
    auto row = call("CA" + std::to_string(i));
    row.id = "id" + std::to_string(i);
    row.status = call_status::failed;
    store->create_call(row, 100 - i);
  }
  CAF_CHECK(*store->get_ended_before(100, 3) == (test::names{"id4", "id3", "id2"}));
  CAF_CHECK_EQUAL(store->get_ended_before(100, 9)->size(), 4u); // 100 itself is not older
}

CAF_TEST(every file of the call goes and none of another) {
  erasure x{
      "call-1", "x", noon, std::nullopt, {"2026-01-02/call-1-2.wav", "../outside.wav", "/etc/x"}};
  for (const auto* mine :
       {"2026-01-02/call-1.wav", "2026-01-02/call-1.journal", "2026-01-03/call-1.wav.part",
        "2026-01-01/call-1.journal.corrupt-77", "2026-01-02/call-1-2.wav"}) {
    put(mine);
  }
  for (const auto* other :
       {"2026-01-02/call-10.wav", "2026-01-02/call-1-3.wav", "2026-01-02/call", "../outside.wav"}) {
    put(other);
  }
  CAF_CHECK(*remove_call_files(recordings, x) == 5u);
  for (const auto* other :
       {"2026-01-02/call-10.wav", "2026-01-02/call-1-3.wav", "2026-01-02/call", "../outside.wav"}) {
    CAF_CHECK(fs::exists(recordings + "/" + other));
  }
  CAF_CHECK(*remove_call_files(recordings, x) == 0u);
  x.call_id.clear();
  CAF_CHECK(*remove_call_files(recordings, x) == 0u);
}

CAF_TEST(a file that cannot be removed is told) {
  put("2026-01-02/call-1.wav");
  ::chmod((recordings + "/2026-01-02").c_str(), 0555);
  {
    test::without_privilege user;
    const auto done = remove_call_files(recordings, {"call-1", "x", noon, std::nullopt, {}});
    CAF_CHECK(done.code() == storage_error::read_only);
  }
  ::chmod((recordings + "/2026-01-02").c_str(), 0755);
}

CAF_TEST(the rows of an erased call are overwritten in the database file) {
  auto row = ended("CA1");
  analytics_row figures;
  figures.call_id = row.id;
  figures.metrics_json = std::string(3000, 'q'); // most of a page
  CAF_REQUIRE(store->create_analytics(figures, noon));
  CAF_REQUIRE(store->begin_erasure(row.id, "x", noon));
  CAF_REQUIRE(store->finish_erasure(row.id, noon));
  CAF_REQUIRE(store->checkpoint());
  store.reset();
  const auto bytes = test::read_file(path);
  const std::string text(bytes.begin(), bytes.end());
  CAF_CHECK(text.find(std::string(100, 'q')) == std::string::npos);
}

CAF_TEST(the words of an erased call leave the file when the index is told to forget) {
  for (int i = 0; i < 400; ++i) {
    say(add("CA" + std::to_string(i)), "some words number " + std::to_string(i * 7919));
  }
  auto row = ended("CAx");
  say(row, "onlyhere");
  CAF_REQUIRE(store->begin_erasure(row.id, "x", noon));
  CAF_REQUIRE(store->finish_erasure(row.id, noon));
  const auto in_file = [&] {
    CAF_REQUIRE(store->checkpoint());
    const auto bytes = test::read_file(path);
    return std::string(bytes.begin(), bytes.end()).find("onlyhere") != std::string::npos;
  };
  CAF_CHECK(in_file());
  int steps = 0;
  for (auto more = store->forget_words(true); more && *more; more = store->forget_words(false)) {
    CAF_REQUIRE_LESS(++steps, 1000);
  }
  CAF_CHECK(!in_file());
  call_query query;
  query.words = "number 7919";
  CAF_CHECK_EQUAL(find(query), test::names{"CA1"}); // the others are found as before
}

CAF_TEST_FIXTURE_SCOPE_END()
