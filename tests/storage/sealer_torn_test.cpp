#define CAF_SUITE sealer_torn
#define FAIL CAF_FAIL
#include "storage/call_past.hpp"
#include "storage/journal_codec.hpp"
#include "storage/sealer.hpp"
#include "tests/storage/temporary_directory.hpp"

#include <map>
#include <string>
#include <vector>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::storage;

namespace {

/// A call of 300 ms in as few bytes as there can be with every kind of fact: both sides talk in
/// frames of 2 ms, the caller interrupts, another process takes over, turns are finished.
struct small_journal {
  audio::byte_buffer bytes;
  std::vector<size_t> ends; ///< of the header and of each record

  small_journal() {
    append_journal_header(bytes);
    ends.push_back(bytes.size());
    begin(0);
    item(10, 0, "item_a");
    for (uint64_t at = 20; at < 36; at += 2) {
      audio(fact_type::caller_audio, at, 0);
      audio(fact_type::agent_audio, at, 0);
    }
    put(fact_type::mark_sent, 36, "m0");
    put(fact_type::mark_echoed, 52, "m0");
    put(fact_type::cleared, 60, "");
    turn(70, "1", "hello");
    begin(150); // the process before died
    item(160, 0, "item_b");
    audio(fact_type::agent_audio, 170, 0);
    put(fact_type::item_done, 172, "m1");
    put(fact_type::mark_echoed, 190, "m1");
    turn(200, "2", "hi");
    put(fact_type::stream_stopped, 290, "stop");
    put(fact_type::call_ended, 300, "hangup");
  }

  /// Records that lie wholly within the first `size` bytes.
  size_t whole_within(size_t size) const {
    size_t n = 0;
    while (n + 1 < ends.size() && ends[n + 1] <= size) {
      ++n;
    }
    return n;
  }
  audio::byte_buffer cut(size_t size) const {
    return {bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size)};
  }

private:
  void put(fact_type type, uint64_t at_ms, std::string_view text, uint32_t item = 0) {
    fact x;
    x.type = type;
    x.at_ms = at_ms;
    x.item = item;
    x.bytes = audio::byte_view(text);
    append_fact(bytes, x);
    ends.push_back(bytes.size());
  }
  void begin(uint64_t at_ms) {
    put(fact_type::call_started, at_ms, R"({"callSid":"CA1","startedAtMs":1700000000000})");
    put(fact_type::stream_started, at_ms, "MZ");
  }
  void item(uint64_t at_ms, uint32_t index, std::string_view id) {
    put(fact_type::item_opened, at_ms, id, index);
  }
  void audio(fact_type type, uint64_t at_ms, uint32_t item) {
    put(type, at_ms, "\x10\x90\x11\x91\x12\x92\x13\x93\x10\x90\x11\x91\x12\x92\x13\x93", item);
  }
  void turn(uint64_t at_ms, const std::string& key, const std::string& text) {
    put(fact_type::turn, at_ms,
        R"({"key":")" + key + R"(","version":1,"speaker":"user","text":")" + text +
            R"(","startMs":1,"endMs":2})");
  }
};

/// What sealing and recovery make of a journal.
struct outcome {
  storage_error code = storage_error::none;
  std::string sha256_hex;
  double duration_s = 0;
  int64_t missing_ms = 0;
  uint64_t facts = 0; ///< and what the recovery reads
  size_t turns = 0;
  uint64_t length_ms = 0;
  bool ended = false;

  bool same_call(const outcome& x) const {
    return code == x.code && sha256_hex == x.sha256_hex && duration_s == x.duration_s &&
           facts == x.facts && turns == x.turns && length_ms == x.length_ms && ended == x.ended;
  }
};

struct fixture {
  test::temporary_directory root{test::memory_folder()};
  small_journal whole;
  std::map<size_t, outcome> known; ///< by the number of good records

  fixture() { std::filesystem::create_directories(root / "2026-01-01"); }

  outcome read(const audio::byte_buffer& bytes) {
    test::write_file(root / "2026-01-01/id.journal", bytes);
    seal_request wanted;
    wanted.journal_path = root / "2026-01-01/id.journal";
    wanted.storage_path = root.path();
    wanted.wav_path = "2026-01-01/id.wav";
    wanted.call_id = "id";
    const auto row = seal_recording(wanted);
    const auto past = read_call_past(root.path(), "2026-01-01/id");
    CAF_REQUIRE(past);
    outcome out;
    out.code = row.code();
    if (row) {
      out.sha256_hex = row->sha256_hex;
      out.duration_s = row->duration_s;
      out.missing_ms = row->missing_ms_max;
    }
    out.facts = past->facts;
    out.turns = past->turns.size();
    out.length_ms = past->length_ms;
    out.ended = past->ended;
    return out;
  }
  /// Of the journal's first `records` records and nothing behind them.
  const outcome& prefix(size_t records) {
    auto found = known.find(records);
    if (found == known.end()) {
      found = known.emplace(records, read(whole.cut(whole.ends[records]))).first;
    }
    return found->second;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sealer_torn_tests, fixture)

CAF_TEST(a whole journal misses what its takeover cost and nothing else) {
  const auto all = prefix(whole.ends.size() - 1);
  CAF_CHECK(all.code == storage_error::none);
  CAF_CHECK_EQUAL(all.duration_s, 0.3);
  CAF_CHECK_EQUAL(all.missing_ms, 200);
  CAF_CHECK_EQUAL(all.turns, 2u);
  CAF_CHECK(all.ended);
}

CAF_TEST(every cut gives the recording and the turns of the longest good prefix) {
  for (size_t size = 0; size < whole.bytes.size(); ++size) {
    const auto records = whole.whole_within(size);
    const auto got = read(whole.cut(size));
    if (size < journal_header_bytes || records == 0) {
      CAF_REQUIRE(got.code == storage_error::corrupt);
      CAF_REQUIRE_EQUAL(got.facts, 0u);
      continue;
    }
    CAF_REQUIRE(got.same_call(prefix(records)));
    // The torn bytes may have been audio: 8 of them are a millisecond.
    const auto torn_ms = static_cast<int64_t>((size - whole.ends[records]) / 8);
    CAF_REQUIRE_EQUAL(got.missing_ms, prefix(records).missing_ms + torn_ms);
    CAF_REQUIRE_GREATER(got.missing_ms, 199); // its process died
  }
}

CAF_TEST(every flipped byte gives the recording and the turns of the records before it) {
  for (size_t i = 0; i < whole.bytes.size(); ++i) {
    auto bytes = whole.bytes;
    bytes[i] ^= static_cast<uint8_t>(i % 3 == 0 ? 0x01 : i % 3 == 1 ? 0x80 : 0xff);
    const auto records = whole.whole_within(i);
    const auto got = read(bytes);
    if (i < journal_header_bytes || records == 0) {
      CAF_REQUIRE(got.code == storage_error::corrupt);
      CAF_REQUIRE_EQUAL(got.facts, 0u);
      continue;
    }
    CAF_REQUIRE(got.same_call(prefix(records)));
    CAF_REQUIRE_GREATER(got.missing_ms, prefix(records).missing_ms); // what lies behind is not used
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
