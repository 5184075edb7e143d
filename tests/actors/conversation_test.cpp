#define CAF_SUITE conversation
#define FAIL CAF_FAIL
#include "actors/conversation.hpp"
#include "conf/defaults/call.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard::actors;
using switchboard::storage::speaker;

namespace {

struct fixture {
  conversation talk;
  void agent_says(const std::string& id, const std::string& text, uint64_t began, uint64_t ended) {
    talk.agent_text_done(id, text, began);
    talk.agent_playback(id, began, ended, ended - began, ended - began);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(conversation_tests, fixture)

CAF_TEST(a transcript that comes after the answer still stands before it) {
  talk.caller_speech_started("u1", 1000);
  talk.caller_speech_stopped("u1", 2000);
  agent_says("a1", "Sure.", 2500, 3000);
  talk.caller_transcript("u1", "Book a table.", 0.9, 4000);
  const auto said = talk.history();
  CAF_REQUIRE_EQUAL(said.size(), 2u);
  CAF_CHECK(said[0].who == speaker::user);
  CAF_CHECK_EQUAL(said[1].text, "Sure.");
}

CAF_TEST(a turn that was cut keeps the words that were heard) {
  talk.agent_text_done("a1", "one two three four", 0);
  talk.agent_playback("a1", 0, 1000, 1000, 2000);
  const auto updates = talk.take_updates();
  CAF_REQUIRE_EQUAL(updates.size(), 1u);
  CAF_CHECK(updates[0].final);
  CAF_CHECK_EQUAL(updates[0].text, "one two");
}

CAF_TEST(an answer that nobody heard and a cough leave no turn) {
  talk.agent_text_done("a1", "never heard", 0);
  talk.agent_playback("a1", std::nullopt, 100, 0, 2000);
  talk.caller_speech_started("u1", 200);
  talk.caller_speech_stopped("u1", 300);
  talk.caller_transcript("u1", "", std::nullopt, 900);
  talk.call_over(1000);
  CAF_CHECK(talk.history().empty());
}

CAF_TEST(a transcription that never comes is given up after its patience) {
  talk.caller_speech_started("u1", 0);
  talk.caller_speech_stopped("u1", 1000);
  talk.look_over(1000 + switchboard::defaults::call::transcription_patience_ms);
  talk.caller_transcript("u1", "late but in time", std::nullopt, 11'000);
  CAF_CHECK_EQUAL(talk.history().size(), 1u);
  talk.caller_speech_started("u2", 20'000);
  talk.caller_speech_stopped("u2", 21'000);
  talk.look_over(21'001 + switchboard::defaults::call::transcription_patience_ms);
  CAF_CHECK_EQUAL(talk.history().size(), 1u);
}

CAF_TEST(the wait for an answer runs from the end of speech to the first sound played) {
  talk.caller_speech_started("u1", 0);
  talk.caller_speech_stopped("u1", 1000);
  agent_says("a1", "Yes.", 1400, 2000);
  CAF_CHECK_EQUAL(talk.answer_latency().count, 1u);
  CAF_CHECK_EQUAL(talk.answer_latency().sum_ms, 400u);
}

CAF_TEST(after a lost session its ids mean nothing and an unanswered caller is due an answer) {
  agent_says("a1", "Hello.", 0, 500);
  talk.caller_speech_started("item", 1000);
  talk.caller_speech_stopped("item", 2000);
  talk.caller_transcript("item", "Are you there?", std::nullopt, 2500);
  talk.session_over(3000);
  CAF_CHECK(talk.answer_is_due());
  talk.caller_speech_started("item", 5000);
  talk.caller_transcript("item", "Hello?", std::nullopt, 6000);
  CAF_CHECK_EQUAL(talk.history().size(), 3u);
}

CAF_TEST(memory is bounded) {
  for (int i = 0; i < 1000; ++i) {
    agent_says("a" + std::to_string(i), "text", static_cast<uint64_t>(i) * 10,
               static_cast<uint64_t>(i) * 10 + 5);
    talk.take_updates();
  }
  CAF_CHECK_LESS_OR_EQUAL(talk.history().size(), switchboard::defaults::call::history_turns_max);
  CAF_CHECK_EQUAL(talk.history().back().text, "text");
}

CAF_TEST_FIXTURE_SCOPE_END()
