#define CAF_SUITE call_changes
#define FAIL CAF_FAIL
#include "storage/call_store.hpp"
#include "tests/storage/store_fixture.hpp"

#include <set>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::storage;

CAF_TEST_FIXTURE_SCOPE(call_changes_tests, test::store_fixture)

CAF_TEST(a call is created with a new id and read back) {
  auto row = call("CA1");
  row.stream_sid = "MZ1";
  row.notes = std::string("nul \0 and \xc3\xa9", 11);
  const auto made = store->create_call(row, 5000);
  CAF_REQUIRE(made);
  CAF_CHECK_EQUAL(made->id.size(), 36u);
  CAF_CHECK_EQUAL(made->created_at, 5000);
  CAF_CHECK_EQUAL(made->updated_at, 5000);
  for (const auto& got : {store->get_call_by_id(made->id), store->get_call_by_sid("CA1")}) {
    CAF_REQUIRE(got);
    CAF_CHECK_EQUAL(got->id, made->id);
    CAF_CHECK(got->stream_sid == row.stream_sid);
    CAF_CHECK(got->notes == row.notes);
    CAF_CHECK(got->status == call_status::active);
    CAF_CHECK(!got->end_time && !got->duration_s);
  }
  CAF_CHECK(store->get_call_by_id("nobody").code() == storage_error::not_found);
  CAF_CHECK(store->get_call_with_details("nobody").code() == storage_error::not_found);
}

CAF_TEST(a second webhook for a call changes nothing) {
  const auto first = add("CA1", 1000);
  auto again = call("CA1");
  again.caller = "somebody else";
  const auto second = store->create_call(again, 2000);
  CAF_REQUIRE(second);
  CAF_CHECK_EQUAL(second->id, first.id);
  CAF_CHECK_EQUAL(second->caller, first.caller);
  CAF_CHECK_EQUAL(second->updated_at, 1000);
  auto same_id = call("CA2");
  same_id.id = first.id;
  CAF_CHECK(store->create_call(same_id, 1).code() == storage_error::duplicate);
  CAF_CHECK(store->create_call(call(""), 1).code() == storage_error::bad_argument);
}

CAF_TEST(an update changes what it names and no more) {
  const auto row = add("CA1", 1000);
  call_update change;
  change.stream_sid = "MZ9";
  auto got = store->update_call(row.id, change, 2000);
  CAF_REQUIRE(got);
  CAF_CHECK(got->stream_sid == std::string("MZ9"));
  CAF_CHECK(got->status == call_status::active);
  CAF_CHECK_EQUAL(got->created_at, 1000);
  CAF_CHECK_EQUAL(got->updated_at, 2000);
  CAF_CHECK(store->update_call("nobody", change, 1).code() == storage_error::not_found);
}

CAF_TEST(an end is final for whoever comes second) {
  const auto row = add("CA1");
  call_update end;
  end.status = call_status::completed;
  end.end_time = 9000;
  end.duration_s = 8;
  end.only_if_active = true;
  CAF_CHECK(store->update_call(row.id, end, 9000)->status == call_status::completed);
  end.status = call_status::failed;
  end.duration_s = 99;
  const auto second = store->update_call(row.id, end, 9500);
  CAF_REQUIRE(second);
  CAF_CHECK(second->status == call_status::completed);
  CAF_CHECK(second->duration_s == 8);
  CAF_CHECK_EQUAL(second->updated_at, 9000);
  end.only_if_active = false; // a person's correction
  CAF_CHECK(store->update_call(row.id, end, 9600)->status == call_status::failed);
  CAF_CHECK(store->update_call("nobody", end, 1).code() == storage_error::not_found);
}

CAF_TEST(a transcript is replaced by a newer version of itself) {
  const auto row = add("CA1");
  auto x = say(row, "hello wor", 1.5);
  x.text = "hello world";
  x.confidence = 0.75;
  x.end_time_s = 2.5;
  x.version = 2;
  const auto newer = store->create_transcript(x, 3000);
  CAF_REQUIRE(newer);
  CAF_CHECK_EQUAL(newer->id, x.id);
  CAF_CHECK_EQUAL(newer->version, 2);
  CAF_CHECK_EQUAL(newer->created_at, 1000);
  CAF_CHECK_EQUAL(newer->updated_at, 3000);
  const auto all = store->get_call_with_details(row.id);
  CAF_REQUIRE(all);
  CAF_REQUIRE_EQUAL(all->transcripts.size(), 1u);
  CAF_CHECK_EQUAL(all->transcripts[0].text, "hello world");
  CAF_CHECK(all->transcripts[0].confidence == 0.75);
}

CAF_TEST(a transcript keeps what was generated and an older version changes nothing) {
  const auto row = add("CA1");
  auto x = say(row, "hello", 1);
  x.version = 3;
  x.generated_text = "hello world";
  CAF_CHECK(store->create_transcript(x, 2000)->generated_text == std::string("hello world"));
  x.version = 2;
  x.text = "hel";
  const auto kept = store->create_transcript(x, 3000);
  CAF_REQUIRE(kept);
  CAF_CHECK_EQUAL(kept->text, "hello");
  CAF_CHECK_EQUAL(kept->version, 3);
  CAF_CHECK_EQUAL(kept->updated_at, 2000);
}

CAF_TEST(a transcript that is taken back is gone also from the search) {
  const auto row = add("CA1");
  auto x = say(row, "unheard", 1);
  x.removed = true;
  x.text.clear();
  const auto gone = store->create_transcript(x, 2000);
  CAF_REQUIRE(gone);
  CAF_CHECK(gone->removed);
  CAF_CHECK(store->create_transcript(x, 2000)); // again: nothing to do
  CAF_CHECK(store->get_call_with_details(row.id)->transcripts.empty());
  call_query query;
  query.words = "unheard";
  CAF_CHECK(find(query).empty());
}

CAF_TEST(relations come with the call in their order) {
  const auto row = add("CA1");
  say(row, "third", 3);
  say(row, "first", 1);
  say(row, "second", 2);
  say(row, "second too", 2);
  feel(row, "neutral");
  feel(row, "positive");
  recording_row wav;
  wav.call_id = row.id;
  wav.file_path = "2026/x.wav";
  wav.sha256_hex = "ab";
  wav.size_bytes = 5'000'000'000;
  CAF_REQUIRE(store->create_recording(wav, 1000));
  const auto got = store->get_call_with_details(row.id);
  CAF_REQUIRE(got);
  test::names texts;
  for (const auto& x : got->transcripts) {
    texts.push_back(x.text);
  }
  CAF_CHECK(texts == (test::names{"first", "second", "second too", "third"}));
  CAF_REQUIRE_EQUAL(got->analytics.size(), 2u);
  CAF_CHECK(got->analytics[0].sentiment == std::string("neutral"));
  CAF_REQUIRE_EQUAL(got->recordings.size(), 1u);
  CAF_CHECK_EQUAL(got->recordings[0].size_bytes, 5'000'000'000);
  CAF_CHECK(!got->metadata);
}

CAF_TEST(sealing a call again keeps one recording row) {
  const auto row = add("CA1");
  recording_row wav;
  wav.call_id = row.id;
  wav.file_path = "x.wav";
  const auto first = store->create_recording(wav, 1000);
  wav.size_bytes = 77;
  const auto second = store->create_recording(wav, 2000);
  CAF_REQUIRE(first && second);
  CAF_CHECK_EQUAL(first->id, second->id);
  CAF_CHECK_EQUAL(second->size_bytes, 77);
  CAF_CHECK_EQUAL(store->get_call_with_details(row.id)->recordings.size(), 1u);
}

CAF_TEST(metadata is one row that fills up) {
  const auto row = add("CA1");
  metadata_row x;
  x.call_id = row.id;
  x.region = "CA";
  CAF_REQUIRE(store->create_or_update_metadata(x, 1000));
  x.region.reset();
  x.language = "en";
  const auto got = store->create_or_update_metadata(x, 2000);
  CAF_REQUIRE(got);
  CAF_CHECK(got->region == std::string("CA"));
  CAF_CHECK(got->language == std::string("en"));
  CAF_CHECK(store->get_call_with_details(row.id)->metadata->language == std::string("en"));
}

CAF_TEST(what is known of a call later goes into its row and counts once) {
  const auto row = add("CA1", 1000);
  analytics_row figures;
  figures.call_id = row.id;
  figures.talk_time_s = 3;
  figures.metrics_json = "{}";
  const auto first = store->create_analytics(figures, 2000);
  CAF_REQUIRE(first);
  auto later = *first;
  later.sentiment = "positive";
  later.sentiment_score = 0.5;
  later.metrics_json = R"({"summary":"s"})";
  const auto second = store->create_analytics(later, 3000);
  CAF_REQUIRE(second);
  CAF_CHECK_EQUAL(second->id, first->id);
  CAF_CHECK_EQUAL(second->created_at, 2000);
  CAF_CHECK_EQUAL(second->updated_at, 3000);
  const auto kept = store->get_call_with_details(row.id)->analytics;
  CAF_REQUIRE_EQUAL(kept.size(), 1u);
  CAF_CHECK(kept[0].sentiment == std::string("positive"));
  CAF_CHECK(kept[0].metrics_json == std::string(R"({"summary":"s"})"));
  CAF_CHECK(kept[0].talk_time_s == 3.0);
  later.call_id = add("CA2", 1000).id; // an id is a row of one call
  CAF_CHECK(!store->create_analytics(later, 4000));
}

CAF_TEST(a row of an unknown call is refused) {
  call_row nobody;
  nobody.id = "nobody";
  transcript_row x;
  x.call_id = "nobody";
  CAF_CHECK(store->create_transcript(x, 1).code() == storage_error::not_found);
  analytics_row y;
  y.call_id = "nobody";
  CAF_CHECK(store->create_analytics(y, 1).code() == storage_error::not_found);
}

CAF_TEST(a failed change leaves the rest of its group) {
  CAF_REQUIRE(store->begin());
  const auto row = add("CA1");
  transcript_row orphan;
  orphan.call_id = "nobody";
  CAF_CHECK(!store->create_transcript(orphan, 1));
  say(row, "kept");
  auto reader = open(true);
  CAF_REQUIRE(reader);
  CAF_CHECK(!reader->get_call_by_sid("CA1")); // not yet committed
  CAF_CHECK(!store->begin());                 // no groups in groups
  CAF_REQUIRE(store->commit());
  CAF_CHECK_EQUAL(reader->get_call_with_details(row.id)->transcripts.size(), 1u);
  CAF_CHECK(store->commit().code() == storage_error::bad_argument);
}

CAF_TEST(a group that is rolled back leaves nothing) {
  CAF_REQUIRE(store->begin());
  add("CA1");
  store->rollback();
  CAF_CHECK(!store->get_call_by_sid("CA1"));
  CAF_CHECK(!add("CA2").id.empty()); // the store goes on
  store->rollback();                 // without a group: nothing happens
  CAF_CHECK(store->get_call_by_sid("CA2"));
}

CAF_TEST(a second writer is told busy and recovers) {
  store_options options;
  options.path = path;
  options.busy_timeout = std::chrono::milliseconds(10);
  auto other = open_call_store(options);
  CAF_REQUIRE(other);
  CAF_REQUIRE(store->begin());
  add("CA1");
  CAF_CHECK((*other)->create_call(call("CA2"), 1).code() == storage_error::busy);
  CAF_REQUIRE(store->commit());
  CAF_CHECK((*other)->create_call(call("CA2"), 1));
}

CAF_TEST(active calls are listed oldest first) {
  add("CA2", 2000);
  add("CA1", 1000);
  const auto done = add("CA3", 1500);
  call_update end;
  end.status = call_status::failed;
  store->update_call(done.id, end, 1);
  const auto active = store->get_active_calls();
  CAF_REQUIRE(active);
  CAF_REQUIRE_EQUAL(active->size(), 2u);
  CAF_CHECK_EQUAL((*active)[0].call_sid, "CA1");
  CAF_CHECK_EQUAL((*active)[1].call_sid, "CA2");
}

CAF_TEST(UUIDs are of version 4 and never the same) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto x = make_uuid();
    CAF_REQUIRE_EQUAL(x.size(), 36u);
    CAF_REQUIRE_EQUAL(x[14], '4');
    CAF_REQUIRE(x[19] == '8' || x[19] == '9' || x[19] == 'a' || x[19] == 'b');
    CAF_REQUIRE(seen.insert(x).second);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
