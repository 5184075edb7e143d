#define CAF_SUITE call_past
#define FAIL CAF_FAIL
#include "storage/call_past.hpp"
#include "storage/journal_codec.hpp"
#include "tests/storage/temporary_directory.hpp"

#include <filesystem>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::storage;

namespace {

const std::string id = "0f0f0f0f-0000-4000-8000-000000000001";
const std::string stem = "2026-11-22/" + id;

void put(audio::byte_buffer& out, fact_type type, uint64_t at_ms, std::string_view text,
         uint8_t flag = 0) {
  fact x;
  x.type = type;
  x.at_ms = at_ms;
  x.flag = flag;
  x.bytes = audio::byte_view{text};
  append_fact(out, x);
}

std::string turn(int key, const char* who, const char* text, int from, int to) {
  return "{\"key\":\"" + std::to_string(key) + "\",\"speaker\":\"" + who + "\",\"text\":\"" + text +
         "\",\"confidence\":null,\"startMs\":" + std::to_string(from) +
         ",\"endMs\":" + std::to_string(to) + "}";
}

/// A call that was cut at 5,020 ms, within its second answer.
audio::byte_buffer cut_call() {
  audio::byte_buffer out;
  append_journal_header(out);
  put(out, fact_type::call_started, 0,
      R"({"callId":"x","callSid":"CA1","startedAtMs":1700000000000})");
  put(out, fact_type::turn, 1000, turn(1, "assistant", "Hello", 0, 1000));
  put(out, fact_type::turn, 3000, turn(2, "user", "Hi", 1500, 2500));
  put(out, fact_type::item_opened, 4000, "item_2");
  const std::string audio(16'000, '\xff'); // 2 s, of which 1 s can have been heard
  put(out, fact_type::agent_audio, 4000, audio);
  put(out, fact_type::caller_audio, 5000, std::string(160, '\xff'));
  return out;
}

struct fixture {
  test::temporary_directory root;
  fixture() { std::filesystem::create_directories(root / "2026-11-22"); }
  std::string journal() const { return root / (stem + ".journal"); }
  result<call_past> read(const audio::byte_buffer& bytes) {
    test::write_file(journal(), bytes);
    return read_call_past(root.path(), stem);
  }
  static call_details active_row() {
    call_details known;
    known.call.id = id;
    known.call.call_sid = "CA1";
    known.call.start_time = 1'699'999'999'000;
    known.call.updated_at = 1'700'000'000'500;
    return known;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(call_past_tests, fixture)

CAF_TEST(a journal tells whose it is and when it ended and what was said) {
  const auto past = read(cut_call());
  CAF_REQUIRE(past);
  CAF_CHECK_EQUAL(past->call_id, id);
  CAF_CHECK_EQUAL(past->call_sid, "CA1");
  CAF_CHECK_EQUAL(past->started_at.value_or(0), 1700000000000);
  CAF_CHECK_EQUAL(past->length_ms, 5020u);
  CAF_CHECK(!past->ended);
  CAF_CHECK_EQUAL(past->last_item_ms, 2000u);
  CAF_REQUIRE_EQUAL(past->turns.size(), 2u);
  CAF_CHECK_EQUAL(past->turns[1].id, id + "-2");
  CAF_CHECK_EQUAL(past->turns[1].text, "Hi");
  CAF_CHECK_EQUAL(past->turns[1].end_time_s.value_or(0), 2.5);
}

CAF_TEST(a journal cut anywhere gives what stands before the cut and never more) {
  const auto whole = cut_call();
  uint64_t length = 0;
  for (size_t size = 0; size <= whole.size(); size += size < 400 ? 1 : 97) {
    const auto past = read({whole.begin(), whole.begin() + static_cast<long>(size)});
    CAF_REQUIRE(past);
    CAF_REQUIRE(past->length_ms >= length && past->length_ms <= 5020);
    length = past->length_ms;
  }
}

CAF_TEST(a journal with any byte spoilt is read up to there) {
  const auto whole = cut_call();
  for (size_t at = 0; at < whole.size(); at += at < 400 ? 1 : 89) {
    auto spoilt = whole;
    spoilt[at] ^= 0x40;
    const auto past = read(spoilt);
    CAF_REQUIRE(past);
    CAF_REQUIRE(past->end != read_end::complete);
    CAF_REQUIRE(past->turns.size() <= 2);
  }
}

CAF_TEST(text that is no JSON or names no turn is passed over) {
  audio::byte_buffer out;
  append_journal_header(out);
  for (const char* text :
       {"", "{", "[1]", "{\"key\":7}", "{\"key\":\"\"}", "{\"key\":\"1x\"}", "\xff"}) {
    put(out, fact_type::turn, 10, text);
    put(out, fact_type::call_started, 10, text);
  }
  const auto past = read(out);
  CAF_REQUIRE(past);
  CAF_CHECK(past->turns.empty());
  CAF_CHECK(!past->started_at);
}

CAF_TEST(what a crash cut is planned as failed with its end and its turns) {
  const auto past = read(cut_call());
  auto known = active_row();
  transcript_row open;
  open.id = id + "-3";
  open.who = speaker::assistant;
  open.text = "one two three four";
  open.start_time_s = 4.0;
  known.transcripts.push_back(open);
  const auto plan = plan_recovery(known, &*past);
  CAF_REQUIRE(plan.end.has_value());
  CAF_CHECK(plan.end->status == call_status::failed);
  CAF_CHECK(plan.end->only_if_active);
  CAF_CHECK_EQUAL(plan.end->end_time.value_or(0), 1700000005020);
  CAF_CHECK_EQUAL(plan.end->duration_s.value_or(0), 5);
  CAF_CHECK(plan.seal);
  CAF_REQUIRE_EQUAL(plan.turns.size(), 3u);
  CAF_CHECK_EQUAL(plan.turns[2].text, "one two"); // 1.02 s of 2 s were heard
  CAF_CHECK_EQUAL(plan.turns[2].version, 2);
  CAF_REQUIRE(plan.figures.has_value());
  CAF_CHECK_EQUAL(plan.figures->metrics_json.value_or(""),
                  R"({"recovered":true,"missingMsMax":200})");
}

CAF_TEST(a plan that was carried out leaves nothing to plan) {
  const auto past = read(cut_call());
  auto known = active_row();
  const auto plan = plan_recovery(known, &*past);
  known.transcripts = plan.turns;
  known.call.status = *plan.end->status;
  known.analytics.push_back(*plan.figures);
  known.recordings.emplace_back();
  const auto again = plan_recovery(known, &*past);
  CAF_CHECK(again.turns.empty());
  CAF_CHECK(!again.figures && !again.end && !again.seal);
}

CAF_TEST(a call whose journal is complete ends as it had ended) {
  for (const uint8_t failed : {0, 1}) {
    auto bytes = cut_call();
    put(bytes, fact_type::call_ended, 6000, "the caller hung up", failed);
    const auto past = read(bytes);
    const auto plan = plan_recovery(active_row(), &*past);
    CAF_REQUIRE(plan.end.has_value());
    CAF_CHECK(plan.end->status == (failed ? call_status::failed : call_status::completed));
    CAF_CHECK_EQUAL(plan.end->duration_s.value_or(0), 6);
    CAF_CHECK_EQUAL(plan.figures->metrics_json.value_or(""),
                    R"({"recovered":true,"missingMsMax":0})");
  }
}

CAF_TEST(a call without a journal ends at the last change of its row) {
  const auto plan = plan_recovery(active_row(), nullptr);
  CAF_REQUIRE(plan.end.has_value());
  CAF_CHECK(plan.end->status == call_status::failed);
  CAF_CHECK_EQUAL(plan.end->end_time.value_or(0), 1'700'000'000'500);
  CAF_CHECK_EQUAL(plan.end->duration_s.value_or(0), 1);
  CAF_CHECK(!plan.seal);
}

CAF_TEST(journals are found by name and set aside without being lost) {
  test::write_file(journal(), cut_call());
  test::write_file(root / "2026-11-22/notes.txt", {});
  const auto found = find_journals(root.path());
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK_EQUAL(found[0].stem, stem);
  const auto first = set_journal_aside(journal());
  CAF_REQUIRE(first);
  CAF_CHECK(test::read_file(*first) == cut_call());
  CAF_CHECK(find_journals(root.path()).empty());
  test::write_file(journal(), {1});
  const auto second = set_journal_aside(journal());
  CAF_REQUIRE(second && *second != *first);
  CAF_CHECK(test::read_file(*first) == cut_call());
}

CAF_TEST_FIXTURE_SCOPE_END()
