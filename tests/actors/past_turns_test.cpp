#define CAF_SUITE past_turns
#define FAIL CAF_FAIL
#include "actors/past_turns.hpp"
#include "conf/defaults/call.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard::actors;
using switchboard::storage::speaker;
namespace limits = switchboard::defaults::call;

namespace {

turn_update told(uint64_t number, speaker who, std::string text) {
  turn_update turn;
  turn.key = std::to_string(number);
  turn.version = 3;
  turn.who = who;
  turn.text = std::move(text);
  turn.start_ms = number * 1000;
  turn.end_ms = number * 1000 + 500;
  turn.final = true;
  return turn;
}

std::vector<turn_update> told_again(past_turns& past) {
  std::vector<turn_update> updates;
  past.tell_again();
  past.append_updates(updates);
  return updates;
}

turn_update first_told_again(past_turns& past) {
  return told_again(past).at(0);
}

} // namespace

CAF_TEST(a turn told again is the turn that was told with a later version) {
  past_turns past;
  auto heard = told(1, speaker::user, "Is it open?");
  heard.confidence = 0.75;
  auto cut = told(2, speaker::assistant, "Yes, until");
  cut.generated = "Yes, until ten.";
  auto whole = told(3, speaker::assistant, "Goodbye.");
  auto taken_back = told(4, speaker::assistant, "");
  taken_back.removed = true;
  taken_back.end_ms.reset();
  for (auto* each : {&heard, &cut, &whole, &taken_back})
    past.keep(*each, each == &whole, 10);

  std::vector<turn_update> updates;
  past.append_updates(updates);
  CAF_CHECK(updates.empty()); // nobody lost anything
  updates = told_again(past);
  CAF_REQUIRE_EQUAL(updates.size(), 4u);
  CAF_CHECK_EQUAL(updates[0].key, "1");
  CAF_CHECK_EQUAL(updates[0].version, 4);
  CAF_CHECK(updates[0].who == speaker::user);
  CAF_CHECK_EQUAL(updates[0].text, "Is it open?");
  CAF_CHECK(updates[0].generated.empty());
  CAF_CHECK(updates[0].confidence == 0.75);
  CAF_CHECK_EQUAL(updates[0].start_ms, 1000u);
  CAF_CHECK(updates[0].end_ms == 1500u);
  CAF_CHECK(updates[0].final);
  CAF_CHECK(!updates[0].removed);
  CAF_CHECK(!updates[1].confidence.has_value());
  CAF_CHECK_EQUAL(updates[1].text, "Yes, until");
  CAF_CHECK_EQUAL(updates[1].generated, "Yes, until ten.");
  CAF_CHECK_EQUAL(updates[2].generated, "Goodbye.");
  CAF_CHECK(updates[3].removed);
  CAF_CHECK(!updates[3].end_ms.has_value());
  CAF_CHECK_EQUAL(first_told_again(past).version, 5);
}

CAF_TEST(past the number of turns the oldest is forgotten) {
  past_turns past;
  for (uint64_t i = 1; i <= 4; ++i)
    past.keep(told(i, speaker::user, "word"), false, 3);
  const auto updates = told_again(past);
  CAF_REQUIRE_EQUAL(updates.size(), 3u);
  CAF_CHECK_EQUAL(updates[0].key, "2");
  CAF_CHECK_EQUAL(past.text_bytes(), 12u);
}

CAF_TEST(past the length of text the oldest are forgotten and the last never) {
  past_turns past;
  const std::string half(limits::history_text_bytes_max / 2, 'x');
  past.keep(told(1, speaker::user, half), false, 10);
  past.keep(told(2, speaker::user, half), false, 10);
  CAF_CHECK_EQUAL(past.size(), 2u); // just as much as there may be
  past.keep(told(3, speaker::user, "x"), false, 10);
  CAF_CHECK_EQUAL(first_told_again(past).key, "2");
  auto longest = told(4, speaker::assistant, half);
  longest.generated = half + half;
  past.keep(longest, false, 10);
  CAF_REQUIRE_EQUAL(past.size(), 1u);
  CAF_CHECK_EQUAL(first_told_again(past).generated.size(), 2 * half.size());
}

CAF_TEST(what was said is shown without what was taken back) {
  past_turns past;
  past.keep(told(1, speaker::assistant, "Hello."), true, 10);
  CAF_CHECK(!past.caller_spoke());
  auto removed = told(2, speaker::assistant, "");
  removed.removed = true;
  past.keep(removed, false, 10);
  past.keep(told(3, speaker::user, "Hi."), false, 1); // the others are forgotten
  past.keep(told(4, speaker::assistant, "Bye."), false, 10);
  std::string said;
  past.each_said([&](speaker who, std::string_view text, uint64_t start_ms) {
    said += (who == speaker::user ? "u " : "a ") + std::string{text} + std::to_string(start_ms);
  });
  CAF_CHECK_EQUAL(said, "u Hi.3000a Bye.4000");
  CAF_CHECK(past.caller_spoke());
}
