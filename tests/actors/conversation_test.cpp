#define CAF_SUITE conversation
#define FAIL CAF_FAIL
#include "actors/conversation.hpp"
#include "conf/defaults/call.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard::actors;
using switchboard::storage::speaker;
namespace limits = switchboard::defaults::call;

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

CAF_TEST(a turn in a script without spaces is cut at a character) {
  talk.agent_text_done("a1", "\u3053\u3093\u306b\u3061\u306f", 0); // five characters of three bytes
  talk.agent_playback("a1", 0, 1000, 1000, 2000);
  const auto updates = talk.take_updates();
  CAF_REQUIRE_EQUAL(updates.size(), 1u);
  CAF_CHECK_EQUAL(updates[0].text, "\u3053\u3093");
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

CAF_TEST(turns that nothing is to be told of are told of when an event names them) {
  talk.caller_speech_started("u1", 0);
  talk.caller_speech_stopped("u1", 100);
  talk.look_over(101 + limits::transcription_patience_ms); // given up
  agent_says("a1", "Yes.", 200, 900);
  CAF_CHECK_EQUAL(talk.take_updates().size(), 1u);
  CAF_CHECK(talk.take_updates().empty());
  talk.agent_text_done("a2", "And?", 1000); // a later one that plays
  CAF_CHECK_EQUAL(talk.playing_items().size(), 1u);
  talk.caller_transcript("u1", "Hello?", std::nullopt, 20'000);
  const auto told = talk.take_updates();
  CAF_REQUIRE_EQUAL(told.size(), 1u);
  CAF_CHECK_EQUAL(told[0].text, "Hello?");
  CAF_CHECK(talk.take_updates().empty());
  talk.tell_again();
  CAF_CHECK_EQUAL(talk.take_updates().size(), 2u);
  CAF_CHECK(talk.take_updates().empty());
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

CAF_TEST(of an answer that plays only what was heard is told and then more of it) {
  talk.agent_text_done("a1", "one two three four", 0);
  CAF_CHECK(talk.take_updates().empty()); // generated is not heard
  talk.agent_playback("a1", 100, std::nullopt, 500, 10'000);
  CAF_CHECK(talk.take_updates().empty()); // not a word of it yet
  talk.agent_playback("a1", 100, std::nullopt, 5000, 10'000);
  auto updates = talk.take_updates();
  CAF_REQUIRE_EQUAL(updates.size(), 1u);
  CAF_CHECK_EQUAL(updates[0].text, "one two");
  CAF_CHECK_EQUAL(updates[0].generated, "one two three four");
  CAF_CHECK(!updates[0].final);
  talk.agent_playback("a1", 100, std::nullopt, 5000 + limits::turn_progress_ms - 1, 10'000);
  CAF_CHECK(talk.take_updates().empty()); // a row for every tick would be too many
  talk.agent_playback("a1", 100, std::nullopt, 5000 + limits::turn_progress_ms, 10'000);
  CAF_CHECK_EQUAL(talk.take_updates().size(), 1u);
  talk.agent_playback("a1", 100, 10'100, 10'000, 10'000);
  updates = talk.take_updates();
  CAF_REQUIRE_EQUAL(updates.size(), 1u);
  CAF_CHECK_EQUAL(updates[0].text, "one two three four");
  CAF_CHECK_EQUAL(updates[0].version, 3);
}

CAF_TEST(an answer that was told of and then not heard is taken back) {
  talk.agent_text_done("a1", "ab cd", 0);
  talk.agent_playback("a1", 0, std::nullopt, 90, 100); // more of its audio is still to come
  CAF_REQUIRE_EQUAL(talk.take_updates().size(), 1u);
  talk.agent_playback("a1", 0, 90, 90, 4000);
  const auto updates = talk.take_updates();
  CAF_REQUIRE_EQUAL(updates.size(), 1u);
  CAF_CHECK(updates[0].final);
  CAF_CHECK(updates[0].removed);
  CAF_CHECK_EQUAL(updates[0].version, 2);
  CAF_CHECK_EQUAL(updates[0].text, "");
  CAF_CHECK_EQUAL(updates[0].generated, "ab cd");
  CAF_CHECK(talk.history().empty());
}

CAF_TEST(the text that was cut is kept beside what was heard) {
  talk.agent_text_done("a1", "one two three four", 0);
  talk.agent_playback("a1", 0, 1000, 1000, 2000);
  const auto updates = talk.take_updates();
  CAF_REQUIRE_EQUAL(updates.size(), 1u);
  CAF_CHECK_EQUAL(updates[0].text, "one two");
  CAF_CHECK_EQUAL(updates[0].generated, "one two three four");
}

CAF_TEST(versions go on when turns are told again) {
  agent_says("a1", "Hello.", 0, 500);
  talk.caller_transcript("u1", "Hi.", std::nullopt, 900);
  CAF_CHECK_EQUAL(talk.take_updates().size(), 2u);
  CAF_CHECK(talk.take_updates().empty());
  talk.tell_again();
  for (auto& update : talk.take_updates())
    CAF_CHECK_EQUAL(update.version, 2);
  CAF_CHECK(talk.take_updates().empty());
}

CAF_TEST(an answer told again says something even if its estimate fell back before the first word) {
  talk.agent_text_done("a1", "Hello there", 0);
  talk.agent_playback("a1", 0, std::nullopt, 600, 1000);
  CAF_CHECK_EQUAL(talk.take_updates().size(), 1u);
  talk.agent_playback("a1", 0, std::nullopt, 600, 9000); // more of it was sent
  talk.tell_again();
  CAF_CHECK(talk.take_updates().empty());
  talk.agent_playback("a1", 0, std::nullopt, 8000, 9000);
  const auto updates = talk.take_updates(); // it was not forgotten
  CAF_REQUIRE_EQUAL(updates.size(), 1u);
  CAF_CHECK_EQUAL(updates[0].text, "Hello");
}

CAF_TEST(a turn whose start is unknown stands where its session put it) {
  talk.caller_speech_started("u1", 1000);
  talk.caller_speech_stopped("u1", 2000);
  talk.caller_speech_started("u3", 5000);
  talk.caller_item_follows("u1", "", 2100);
  talk.caller_transcript("u2", "second", std::nullopt, 9000); // no speech events of it
  talk.caller_transcript("u3", "third", std::nullopt, 9100);
  talk.caller_transcript("u1", "first", std::nullopt, 9200);
  talk.caller_item_follows("u2", "u1", 9300);
  talk.caller_item_follows("u3", "u2", 9300);
  const auto said = talk.history();
  CAF_REQUIRE_EQUAL(said.size(), 3u);
  CAF_CHECK_EQUAL(said[0].text, "first");
  CAF_CHECK_EQUAL(said[1].text, "second");
  CAF_CHECK_EQUAL(said[2].text, "third");
}

CAF_TEST(a start that was measured before that of the item it follows is put right) {
  talk.caller_speech_started("u1", 4000);
  talk.caller_speech_started("u2", 4000); // late audio of a gap: its place is not exact
  talk.caller_item_follows("u2", "u1", 4500);
  talk.caller_item_follows("u2", "unknown", 4500);
  talk.caller_item_follows("u1", "u1", 4500);
  talk.caller_transcript("u2", "second", std::nullopt, 5000);
  const auto updates = talk.take_updates();
  CAF_REQUIRE_EQUAL(updates.size(), 1u);
  CAF_CHECK_EQUAL(updates[0].start_ms, 4001u);
  CAF_CHECK_GREATER_OR_EQUAL(updates[0].end_ms.value_or(0), updates[0].start_ms);
}

CAF_TEST(an answer that never reached the carrier was not heard) {
  talk.agent_text_done("a1", "into the void", 0);
  talk.call_over(1000);
  CAF_CHECK(talk.take_updates().empty());
  CAF_CHECK(talk.history().empty());
}

CAF_TEST(the end of the call keeps what was heard of an open answer) {
  talk.agent_text("a1", "one two three four", 0);
  talk.agent_playback("a1", 100, std::nullopt, 500, 1000);
  talk.call_over(700);
  const auto updates = talk.take_updates();
  CAF_REQUIRE_EQUAL(updates.size(), 1u);
  CAF_CHECK_EQUAL(updates[0].text, "one two");
  CAF_CHECK_EQUAL(updates[0].start_ms, 100u);
  CAF_CHECK_EQUAL(updates[0].end_ms.value_or(0), 700u);
}

CAF_TEST(a turn that plays on after its session is over is heard out) {
  talk.agent_text_done("a1", "see you", 0);
  talk.session_over(100);
  talk.agent_playback("a1", 0, 900, 900, 900);
  CAF_CHECK(talk.take_updates().back().text == "see you");
  CAF_CHECK(talk.playing_items().empty());
}

CAF_TEST(the same id of another session is another turn) {
  agent_says("item", "first", 0, 500);
  talk.session_over(600);
  agent_says("item", "second", 1000, 1500);
  const auto said = talk.history();
  CAF_REQUIRE_EQUAL(said.size(), 2u);
  CAF_CHECK_EQUAL(said[0].text, "first");
  CAF_CHECK_EQUAL(said[1].text, "second");
  const auto updates = talk.take_updates();
  CAF_REQUIRE_EQUAL(updates.size(), 2u);
  CAF_CHECK_NOT_EQUAL(updates[0].key, updates[1].key);
}

CAF_TEST(history for replay is cut to what was heard so far and ordered by speech start) {
  talk.agent_text_done("a1", "one two three four", 0);
  talk.agent_playback("a1", 50, std::nullopt, 1000, 2000);
  talk.caller_speech_started("u2", 3000);
  talk.caller_speech_started("u1", 2000);
  talk.caller_transcript("u2", "second", std::nullopt, 3500);
  talk.caller_transcript("u1", "first", std::nullopt, 3600);
  const auto said = talk.history();
  CAF_REQUIRE_EQUAL(said.size(), 3u);
  CAF_CHECK_EQUAL(said[0].text, "one two");
  CAF_CHECK_EQUAL(said[1].text, "first");
  CAF_CHECK_EQUAL(said[2].text, "second");
  CAF_CHECK(talk.answer_is_due());
}

CAF_TEST(an over long text is cut between its characters) {
  std::string text(switchboard::defaults::call::turn_text_bytes_max - 1, 'x');
  text += "\xc3\xbc and more"; // the bound lies inside of the u umlaut
  talk.caller_transcript("u1", text, std::nullopt, 0);
  const auto updates = talk.take_updates();
  CAF_REQUIRE_EQUAL(updates.size(), 1u);
  CAF_CHECK_EQUAL(updates[0].text.size(), switchboard::defaults::call::turn_text_bytes_max - 1);
  for (int i = 0; i < 100'000; ++i)
    talk.agent_text("a1", "word ", 0);
  talk.agent_playback("a1", 0, 10, 10, 10);
  talk.agent_text_done("a1", "", 0);
  CAF_CHECK_LESS_OR_EQUAL(talk.take_updates().back().text.size(),
                          switchboard::defaults::call::turn_text_bytes_max);
}

CAF_TEST(only the first sound of an answer ends the wait for it) {
  talk.caller_speech_started("u1", 0);
  talk.caller_speech_stopped("u1", 1000);
  talk.agent_text("a1", "Yes", 1200);
  talk.agent_playback("a1", 1500, std::nullopt, 100, 900);
  talk.agent_playback("a1", 1500, std::nullopt, 500, 900);
  agent_says("a2", "and no.", 3000, 4000);
  CAF_CHECK_EQUAL(talk.answer_latency().count, 1u);
  CAF_CHECK_EQUAL(talk.answer_latency().sum_ms, 500u);
}

CAF_TEST(memory is bounded) {
  for (int i = 0; i < 1000; ++i) {
    agent_says("a" + std::to_string(i), "text", static_cast<uint64_t>(i) * 10,
               static_cast<uint64_t>(i) * 10 + 5);
    talk.take_updates();
  }
  CAF_CHECK_LESS_OR_EQUAL(talk.history().size(), switchboard::defaults::call::history_turns_max);
  CAF_CHECK(talk.history().back().text == "text");
}

CAF_TEST(a long call is told again whole and in its order) {
  std::vector<turn_update> told;
  const int turns = static_cast<int>(limits::turns_at_hand) * 3;
  for (int i = 0; i < turns; ++i) {
    const auto at_ms = static_cast<uint64_t>(i) * 1000;
    if (i % 2 == 0)
      talk.caller_transcript("i" + std::to_string(i), "question " + std::to_string(i), 0.5, at_ms);
    else
      agent_says("i" + std::to_string(i), "answer " + std::to_string(i), at_ms, at_ms + 400);
    for (auto& update : talk.take_updates())
      told.push_back(std::move(update));
  }
  CAF_REQUIRE_EQUAL(told.size(), static_cast<size_t>(turns));
  const auto said = talk.history();
  CAF_REQUIRE_EQUAL(said.size(), told.size());
  talk.tell_again();
  const auto again = talk.take_updates();
  CAF_REQUIRE_EQUAL(again.size(), told.size());
  for (size_t i = 0; i < told.size(); ++i) {
    CAF_CHECK_EQUAL(said[i].text, told[i].text);
    CAF_CHECK_EQUAL(again[i].key, told[i].key);
    CAF_CHECK_EQUAL(again[i].text, told[i].text);
    CAF_CHECK_EQUAL(again[i].generated, told[i].generated);
    CAF_CHECK(again[i].confidence == told[i].confidence);
    CAF_CHECK_EQUAL(again[i].start_ms, told[i].start_ms);
    CAF_CHECK(again[i].end_ms == told[i].end_ms);
    CAF_CHECK_GREATER(again[i].version, told[i].version);
  }
  CAF_CHECK(talk.caller_spoke());
}

CAF_TEST(a model that opens turns without an end loses the oldest) {
  for (size_t i = 0; i <= limits::open_turns_max; ++i)
    talk.agent_text_done("a" + std::to_string(i), "open", i);
  const auto open = talk.playing_items();
  CAF_REQUIRE_EQUAL(open.size(), limits::open_turns_max);
  CAF_CHECK_EQUAL(open.front(), "a1");
}

CAF_TEST(a finished turn makes room for a new one before an open one does) {
  talk.agent_text_done("open", "still playing", 0);
  for (size_t i = 0; i < limits::turns_at_hand; ++i)
    agent_says("a" + std::to_string(i), "said", i + 1, i + 2);
  talk.take_updates();
  for (size_t i = 0; i < limits::open_turns_max - 1; ++i)
    talk.agent_text_done("b" + std::to_string(i), "open", i);
  const auto open = talk.playing_items();
  CAF_CHECK_EQUAL(open.front(), "open");
  CAF_CHECK_EQUAL(talk.history().size(), limits::turns_at_hand + limits::open_turns_max);
}

CAF_TEST(words that come after their turn was given up are words all the same) {
  talk.caller_speech_started("u1", 0);
  talk.caller_speech_stopped("u1", 1000);
  talk.look_over(1001 + limits::transcription_patience_ms);
  CAF_CHECK(talk.take_updates().empty());
  talk.caller_transcript("u1", "Hello?", 0.5, 20'000);
  const auto updates = talk.take_updates();
  CAF_REQUIRE_EQUAL(updates.size(), 1u);
  CAF_CHECK_EQUAL(updates[0].text, "Hello?");
  CAF_CHECK_EQUAL(updates[0].start_ms, 0u);
  CAF_CHECK(updates[0].end_ms == 1000u);
  CAF_CHECK(!updates[0].removed);
  CAF_CHECK_EQUAL(talk.history().size(), 1u);
  talk.caller_transcript("u1", "", std::nullopt, 21'000); // and do not get lost again
  CAF_CHECK(talk.take_updates().empty());
  CAF_CHECK_EQUAL(talk.history().size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(a tool lies in the history where it was used and makes an answer due) {
  conversation talk;
  talk.caller_speech_started("u1", 100);
  talk.caller_speech_stopped("u1", 900);
  talk.caller_transcript("u1", "Is it open?", std::nullopt, 1000);
  talk.tool_used({"call_1", "hours", "{}", "noon to ten"}, 1500);
  CAF_CHECK(talk.answer_is_due());
  talk.agent_text_done("a1", "Yes, until ten.", 2000);
  talk.agent_playback("a1", 2000, 3000, 1000, 1000);
  const auto said = talk.history();
  CAF_REQUIRE_EQUAL(said.size(), 3u);
  CAF_CHECK_EQUAL(said[0].text, "Is it open?");
  CAF_REQUIRE(said[1].tool.has_value());
  CAF_CHECK_EQUAL(said[1].tool->output, "noon to ten");
  CAF_CHECK_EQUAL(said[2].text, "Yes, until ten.");
  CAF_CHECK(!talk.answer_is_due());
}

CAF_TEST(tools past the bound push the oldest out and their texts are cut) {
  namespace bounds = switchboard::defaults::call;
  conversation talk;
  const std::string longest(bounds::tool_text_bytes_max + 100, 'x');
  for (size_t i = 0; i <= bounds::history_tools_max; ++i)
    talk.tool_used({"call_" + std::to_string(i), "look", longest, longest}, i);
  const auto said = talk.history();
  CAF_REQUIRE_EQUAL(said.size(), bounds::history_tools_max);
  CAF_CHECK_EQUAL(said[0].tool->call_id, "call_1");
  CAF_CHECK_EQUAL(said[0].tool->output.size(), bounds::tool_text_bytes_max);
  CAF_CHECK_EQUAL(said[0].tool->arguments_json, "{}");
}
