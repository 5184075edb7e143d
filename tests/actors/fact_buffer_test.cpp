#define CAF_SUITE fact_buffer
#define FAIL CAF_FAIL
#include "actors/fact_buffer.hpp"
#include "conf/defaults/call.hpp"
#include "storage/journal.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::actors;
using storage::fact_type;

namespace {

constexpr auto bound = defaults::call::line_facts_bytes_max;

std::vector<storage::fact> read(const audio::byte_buffer& journal) {
  std::vector<storage::fact> facts;
  storage::read_journal_bytes(journal, [&](const storage::fact& what) {
    facts.push_back(what);
    return true;
  });
  return facts;
}

audio::byte_buffer journal_of(const record_batch& batch) {
  audio::byte_buffer journal;
  storage::append_journal_header(journal);
  journal.insert(journal.end(), batch->begin(), batch->end());
  return journal;
}

} // namespace

CAF_TEST(facts come out as the journal reads them and are taken once) {
  fact_buffer facts;
  CAF_CHECK(facts.take() == nullptr);
  facts.stream_started(1, "MZ1");
  facts.agent_audio(2, 3, 400, audio::byte_buffer(160, 9));
  facts.mark_sent(3, 3, 560, "name");
  facts.item_opened(4, 5, "item", true);
  const auto batch = facts.take();
  CAF_REQUIRE(batch != nullptr);
  const auto journal = journal_of(batch);
  const auto seen = read(journal);
  CAF_REQUIRE_EQUAL(seen.size(), 4u);
  CAF_CHECK(seen[0].type == fact_type::stream_started);
  CAF_CHECK_EQUAL(seen[0].text(), "MZ1");
  CAF_CHECK_EQUAL(seen[1].item, 3u);
  CAF_CHECK_EQUAL(seen[1].offset_bytes, 400u);
  CAF_CHECK_EQUAL(seen[1].bytes.size, 160u);
  CAF_CHECK_EQUAL(seen[2].at_ms, 3u);
  CAF_CHECK_EQUAL(seen[2].text(), "name");
  CAF_CHECK_EQUAL(seen[3].flag, 1);
  CAF_CHECK(facts.take() == nullptr);
}

CAF_TEST(past its bound facts are dropped and counted and room comes back) {
  fact_buffer facts;
  const audio::byte_buffer frame(160, 1);
  size_t told = 0;
  for (size_t i = 0; i < bound / 100; ++i, told += frame.size())
    facts.caller_audio(i * 20, frame);
  CAF_CHECK_LESS_OR_EQUAL(facts.bytes(), bound + 64);
  CAF_CHECK_GREATER(facts.dropped_bytes(), 0u);
  const auto kept = read(journal_of(facts.take()));
  CAF_CHECK_EQUAL(kept.size() * frame.size() + facts.dropped_bytes(), told);
  const auto dropped = facts.dropped_bytes();
  facts.caller_audio(0, frame);
  CAF_CHECK_EQUAL(facts.dropped_bytes(), dropped);
}

CAF_TEST(facts without a payload are bounded as well) {
  fact_buffer facts;
  for (size_t i = 0; i < bound / 4; ++i)
    facts.cleared(i);
  CAF_CHECK_LESS_OR_EQUAL(facts.bytes(), bound + 64);
}

CAF_TEST(paused audio is silence of the same length in the same place) {
  fact_buffer facts;
  facts.pause(10);
  facts.caller_audio(20, audio::byte_buffer(160, 9));
  facts.agent_audio(30, 3, 400, audio::byte_buffer(800, 9));
  facts.resume(40);
  facts.caller_audio(50, audio::byte_buffer(160, 9));
  const auto journal = journal_of(facts.take());
  const auto seen = read(journal);
  CAF_REQUIRE_EQUAL(seen.size(), 5u);
  CAF_CHECK(seen[0].type == fact_type::recording_paused);
  CAF_CHECK_EQUAL(seen[1].at_ms, 20u);
  for (const auto i : {1, 2})
    for (size_t at = 0; at < seen[static_cast<size_t>(i)].bytes.size; ++at)
      CAF_REQUIRE(seen[static_cast<size_t>(i)].bytes.data[at] == 0xff);
  CAF_CHECK_EQUAL(seen[1].bytes.size, 160u);
  CAF_CHECK_EQUAL(seen[2].bytes.size, 800u);
  CAF_CHECK_EQUAL(seen[2].offset_bytes, 400u);
  CAF_CHECK(seen[3].type == fact_type::recording_resumed);
  CAF_CHECK_EQUAL(seen[4].bytes.data[0], 9);
}

CAF_TEST(turned off it collects nothing) {
  fact_buffer facts;
  facts.turn_off();
  facts.call_started(0, "{}");
  facts.caller_audio(20, audio::byte_buffer(160, 9));
  CAF_CHECK(facts.take() == nullptr);
  CAF_CHECK_EQUAL(facts.dropped_bytes(), 0u);
}
