#define CAF_SUITE recovery
#define FAIL CAF_FAIL
#include "actors/recovery.hpp"
#include "conf/defaults/call.hpp"
#include "storage/call_store.hpp"
#include "storage/journal.hpp"
#include "tests/actors/fakes.hpp"
#include "tests/storage/temporary_directory.hpp"

#include <filesystem>

using namespace switchboard;
using namespace switchboard::actors;
using namespace switchboard::test;
using namespace std::chrono_literals;
using storage::result;
using storage::storage_error;
using storage::wall_ms;

namespace {

/// Reads what the fake writer wrote.
class rows_store : public storage::call_store {
public:
  explicit rows_store(std::shared_ptr<fake_rows> rows) : rows_(std::move(rows)) {}

  result<storage::call_details> get_call_with_details(const std::string& id) override {
    auto found = rows_->calls.find(id);
    if (found == rows_->calls.end())
      return {storage_error::not_found, id};
    storage::call_details out;
    out.call = found->second;
    std::map<std::string, storage::transcript_row> latest;
    for (auto& turn : rows_->turns)
      latest[turn.id] = turn;
    for (auto& [key, turn] : latest)
      if (turn.call_id == id)
        out.transcripts.push_back(turn);
    for (auto& row : rows_->recordings)
      if (row.call_id == id)
        out.recordings.push_back(row);
    for (auto& row : rows_->figures)
      if (row.call_id == id)
        out.analytics.push_back(row);
    return out;
  }
  result<std::vector<storage::call_row>> get_active_calls() override {
    std::vector<storage::call_row> out;
    for (auto& [id, row] : rows_->calls)
      if (row.status == storage::call_status::active)
        out.push_back(row);
    return out;
  }

  result<storage::nothing> begin() override { return unused(); }
  result<storage::nothing> commit() override { return unused(); }
  void rollback() override {}
  result<storage::call_row> create_call(const storage::call_row&, wall_ms) override {
    return unused();
  }
  result<storage::call_row> update_call(const std::string&, const storage::call_update&,
                                        wall_ms) override {
    return unused();
  }
  result<storage::recording_row> create_recording(const storage::recording_row&, wall_ms) override {
    return unused();
  }
  result<storage::transcript_row> create_transcript(const storage::transcript_row&,
                                                    wall_ms) override {
    return unused();
  }
  result<storage::analytics_row> create_analytics(const storage::analytics_row&, wall_ms) override {
    return unused();
  }
  result<storage::metadata_row> create_or_update_metadata(const storage::metadata_row&,
                                                          wall_ms) override {
    return unused();
  }
  result<storage::erasure> begin_erasure(const std::string&, const std::string&, wall_ms) override {
    return unused();
  }
  result<storage::nothing> finish_erasure(const std::string&, wall_ms) override { return unused(); }
  result<bool> forget_words(bool) override { return unused(); }
  result<storage::nothing> checkpoint() override { return unused(); }
  result<std::vector<storage::erasure>> get_erasures(wall_ms, int64_t) override { return unused(); }
  result<std::vector<std::string>> get_ended_before(wall_ms, int64_t) override { return unused(); }
  void set_deadline(std::chrono::steady_clock::time_point) override {}
  result<storage::call_page> search_calls(const storage::call_query&) override { return unused(); }
  result<storage::call_row> get_call_by_id(const std::string&) override { return unused(); }
  result<storage::call_row> get_call_by_sid(const std::string&) override { return unused(); }
  result<storage::analytics_aggregate> get_analytics_aggregate(std::optional<wall_ms>,
                                                               std::optional<wall_ms>) override {
    return unused();
  }
  result<std::vector<storage::time_series_point>>
  get_analytics_time_series(std::optional<wall_ms>, std::optional<wall_ms>,
                            storage::bucket) override {
    return unused();
  }

private:
  struct no_answer {
    template <class T>
    operator result<T>() const { // NOLINT(google-explicit-constructor)
      return {storage_error::io, "not used"};
    }
  };
  static no_answer unused() { return {}; }
  std::shared_ptr<fake_rows> rows_;
};

struct fixture : faked_world {
  temporary_directory root;
  node_state_ptr node = std::make_shared<node_state>();
  recovery_actor worker = make(false);

  recovery_actor make(bool active_too) {
    recovery_setup setup;
    setup.storage_path = root.path();
    setup.agent = "assistant";
    setup.active_too = active_too;
    setup.open = [this] { return std::make_unique<rows_store>(rows); };
    setup.writer = database;
    setup.sealer = sealer;
    setup.feed = feed;
    setup.node = node;
    setup.detached = false;
    return keep(spawn_recovery(sys, setup));
  }

  /// A row and the journal that its dead process left.
  void dead_call(const std::string& id,
                 storage::call_status status = storage::call_status::active) {
    storage::call_row row;
    row.id = id;
    row.call_sid = "CA" + id;
    row.status = status;
    rows->calls[id] = row;
    leave_journal(id);
  }
  void leave_journal(const std::string& id) {
    audio::byte_buffer bytes;
    storage::append_journal_header(bytes);
    const auto put = [&](storage::fact_type type, uint64_t at, const std::string& text) {
      storage::fact x;
      x.type = type;
      x.at_ms = at;
      x.bytes = audio::byte_view{std::string_view{text}};
      storage::append_fact(bytes, x);
    };
    put(storage::fact_type::call_started, 0,
        R"({"callSid":"CA)" + id + R"(","startedAtMs":1700000000000})");
    put(storage::fact_type::turn, 900,
        R"({"key":"1","speaker":"user","text":"Hi","confidence":null,"startMs":100,"endMs":900})");
    put(storage::fact_type::caller_audio, 3000, std::string(160, 'x'));
    std::filesystem::create_directories(root / "2026-11-22");
    write_file(journal_of(id), bytes);
  }
  std::string journal_of(const std::string& id) const {
    return root / ("2026-11-22/" + id + ".journal");
  }
  recovery_report run(const recovery_actor& which) {
    const auto answer = ask<recovery_report>(which, atom::recover_v);
    CAF_REQUIRE(answer.value.has_value());
    return *answer.value;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(recovery_tests, fixture)

CAF_TEST(a call that a crash cut gets its turns and its end and its recording) {
  dead_call("a");
  const auto report = run(make(true));
  CAF_CHECK_EQUAL(report.finished, 1u);
  CAF_CHECK_EQUAL(report.sealed, 1u);
  CAF_CHECK_EQUAL(report.failed, 0u);
  CAF_CHECK(rows->calls["a"].status == storage::call_status::failed);
  CAF_CHECK_EQUAL(rows->calls["a"].end_time.value_or(0), 1700000003020);
  CAF_REQUIRE_EQUAL(rows->turns.size(), 1u);
  CAF_CHECK_EQUAL(rows->turns[0].text, "Hi");
  CAF_CHECK_EQUAL(rows->hurried, 1u); // turns come one after the other: none waits for company
  CAF_REQUIRE_EQUAL(seals->wanted.size(), 1u);
  CAF_CHECK_EQUAL(seals->wanted[0].wav_path, "2026-11-22/a.wav");
  CAF_CHECK_EQUAL(rows->recordings.size(), 1u);
  CAF_CHECK_EQUAL(rows->figures.size(), 1u);
  CAF_CHECK_EQUAL(events->of(feed_type::call_ended).size(), 1u);
  CAF_CHECK_EQUAL(events->of(feed_type::recording_saved).size(), 1u);
}

CAF_TEST(a shutdown can see what recovery has still to do) {
  dead_call("a", storage::call_status::failed);
  dead_call("b", storage::call_status::failed);
  seals->failures = 1;
  rows->holding = true;
  auto all = begin_ask<recovery_report>(worker, atom::recover_v);
  settle();
  CAF_CHECK_EQUAL(node->recovering.load(), 2);
  release_rows();
  pass(1s);
  CAF_CHECK_EQUAL(node->recovering.load(), 0);
  CAF_CHECK_EQUAL(node->recovering_later.load(), 1); // the one that could not be sealed
  pass(defaults::call::recovery_retry + 1s, 1s);
  CAF_CHECK_EQUAL(node->recovering_later.load(), 0);
  CAF_CHECK_EQUAL(node->recovering.load(), 0);
  CAF_CHECK_EQUAL(rows->recordings.size(), 2u);
}

CAF_TEST(a second recovery changes nothing) {
  dead_call("a");
  dead_call("b");
  run(make(true));
  const auto writes = rows->tries;
  const auto report = run(make(true));
  CAF_CHECK_EQUAL(report.finished + report.sealed + report.set_aside + report.failed, 0u);
  CAF_CHECK_EQUAL(rows->tries, writes);
  CAF_CHECK_EQUAL(seals->wanted.size(), 2u);
}

CAF_TEST(while a server runs active rows are left alone until they are given up) {
  dead_call("a");
  run(worker);
  CAF_CHECK(rows->calls["a"].status == storage::call_status::active);
  CAF_CHECK(seals->wanted.empty());
  caf::anon_send(worker, atom::finish_v, std::string{"a"});
  settle();
  CAF_CHECK(rows->calls["a"].status == storage::call_status::failed);
  CAF_CHECK_EQUAL(rows->recordings.size(), 1u);
}

CAF_TEST(an ended call without a recording is sealed and its end stays) {
  dead_call("a", storage::call_status::completed);
  const auto report = run(worker);
  CAF_CHECK_EQUAL(report.sealed, 1u);
  CAF_CHECK_EQUAL(report.finished, 0u);
  CAF_CHECK(rows->calls["a"].status == storage::call_status::completed);
  CAF_CHECK(events->of(feed_type::call_ended).empty());
}

CAF_TEST(a call that goes on is answered with what is known and not sealed by us) {
  dead_call("a");
  const auto past = ask<storage::call_past_ptr>(worker, atom::past_v, std::string{"a"});
  CAF_REQUIRE(past.value.has_value());
  CAF_CHECK_EQUAL((*past.value)->stem, "2026-11-22/a");
  CAF_CHECK_EQUAL((*past.value)->length_ms, 3020u);
  CAF_REQUIRE_EQUAL((*past.value)->turns.size(), 1u);
  CAF_CHECK_EQUAL(rows->turns.size(), 1u);                   // the database lacked it
  rows->calls["a"].status = storage::call_status::completed; // its recorder seals now
  run(worker);
  CAF_CHECK(seals->wanted.empty());
}

CAF_TEST(a row that a power cut took is made again from the journal) {
  leave_journal("a");
  const auto report = run(make(true));
  CAF_REQUIRE_EQUAL(rows->calls.count("a"), 1u);
  CAF_CHECK_EQUAL(rows->calls["a"].call_sid, "CAa");
  CAF_CHECK(rows->calls["a"].status == storage::call_status::failed);
  CAF_CHECK_EQUAL(report.sealed, 1u);
}

CAF_TEST(a journal without a readable fact is set aside and the call is finished) {
  dead_call("a");
  write_file(journal_of("a"), std::vector<uint8_t>(500, 'x'));
  dead_call("b");
  const auto report = run(make(true));
  CAF_CHECK_EQUAL(report.set_aside, 1u);
  CAF_CHECK_EQUAL(report.finished, 2u);
  CAF_CHECK(!std::filesystem::exists(journal_of("a")));
  CAF_CHECK_EQUAL(read_file(journal_of("a") + ".corrupt").size(), 500u);
  CAF_CHECK_EQUAL(events->error_codes().size(), 1u);
}

CAF_TEST(a journal of no known call that cannot be read does not hold up the others) {
  std::filesystem::create_directories(root / "2026-11-22");
  write_file(journal_of("nobody"), std::vector<uint8_t>(500, 'x'));
  dead_call("z");
  const auto report = run(make(true));
  CAF_CHECK_EQUAL(report.set_aside, 1u);
  CAF_CHECK_EQUAL(report.finished, 1u);
}

CAF_TEST(a journal with a bad record is sealed up to there and kept under another name) {
  dead_call("a");
  auto bytes = read_file(journal_of("a"));
  bytes.back() ^= 1;
  write_file(journal_of("a"), bytes);
  const auto report = run(make(true));
  CAF_CHECK_EQUAL(report.sealed, 1u);
  CAF_CHECK_EQUAL(report.set_aside, 1u);
  CAF_CHECK(read_file(journal_of("a") + ".corrupt") == bytes);
}

CAF_TEST(writes that fail at any point are made up for and nothing is doubled) {
  for (int nth = 1; nth < 8; ++nth) {
    const auto id = "n" + std::to_string(nth);
    dead_call(id, storage::call_status::active);
    seals->failures = nth % 2;
    rows->failures = nth;
    caf::anon_send(worker, atom::finish_v, id);
    settle();
    for (int i = 0; i < 10; ++i)
      pass(defaults::call::recovery_retry, 5s);
    CAF_CHECK(rows->calls[id].status == storage::call_status::failed);
    CAF_CHECK_EQUAL(std::count_if(rows->recordings.begin(), rows->recordings.end(),
                                  [&](auto& row) { return row.call_id == id; }),
                    1);
    CAF_CHECK_EQUAL(std::count_if(rows->figures.begin(), rows->figures.end(),
                                  [&](auto& row) { return row.call_id == id; }),
                    1);
  }
}

CAF_TEST(tries are bounded and the journal stays) {
  dead_call("a");
  seals->failures = -1;
  caf::anon_send(worker, atom::finish_v, std::string{"a"});
  for (unsigned i = 0; i < defaults::call::recovery_tries + 5; ++i)
    pass(defaults::call::recovery_retry, 5s);
  CAF_CHECK_EQUAL(seals->wanted.size(), size_t{defaults::call::recovery_tries});
  CAF_CHECK(std::filesystem::exists(journal_of("a")));
}

CAF_TEST_FIXTURE_SCOPE_END()
