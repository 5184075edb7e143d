#define CAF_SUITE playback_ledger
#define FAIL CAF_FAIL
#include "audio/playback_ledger.hpp"
#include "conf/defaults/audio.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard::audio;
namespace limits = switchboard::defaults::audio;

namespace {

constexpr size_t ms = ulaw_bytes_per_ms;

struct fixture {
  playback_ledger ledger;

  item_index open(const char* id, item_kind kind = item_kind::model) {
    return ledger.open_item(id, kind);
  }

  /// Sends audio as a leg does: marks where they are due. @returns the marks written.
  std::vector<std::string> send(item_index item, uint64_t audio_ms, uint64_t now_ms) {
    std::vector<std::string> marks;
    for (size_t left = audio_ms * ms; left > 0;) {
      const size_t part = std::min(left, ledger.next_mark_in(item));
      ledger.on_sent(item, part, now_ms);
      left -= part;
      if (auto name = ledger.mark_due(item)) {
        ledger.on_mark_sent(*name, now_ms);
        marks.push_back(*name);
      }
    }
    return marks;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(playback_ledger_tests, fixture)

CAF_TEST(a known item keeps its index and indices count up) {
  CAF_CHECK_EQUAL(open("a"), 0u);
  CAF_CHECK_EQUAL(open("b"), 1u);
  CAF_CHECK_EQUAL(open("a"), 0u);
  CAF_CHECK_EQUAL(ledger.find("b").value_or(99), 1u);
  CAF_CHECK(!ledger.find("c"));
  CAF_CHECK(ledger.state(0, 0) == item_state::queued);
}

CAF_TEST(a long delta is marked every 200 ms and its end by the done mark) {
  const auto a = open("a");
  const auto marks = send(a, 700, 0);
  CAF_CHECK(marks == (std::vector<std::string>{"g0:i0:200", "g0:i0:400", "g0:i0:600"}));
  CAF_CHECK_EQUAL(ledger.item_done(a, 5), "g0:i0:700:done");
  CAF_CHECK_EQUAL(ledger.item_done(a, 5), "");
  CAF_CHECK_EQUAL(ledger.marks_pending(), 4u);
}

CAF_TEST(the first audio of an item is marked at once and small deltas are not ) {
  const auto a = open("a");
  ledger.on_sent(a, 20 * ms, 0);
  const auto first = ledger.mark_due(a);
  CAF_REQUIRE(first);
  ledger.on_mark_sent(*first, 0);
  for (int i = 1; i < 10; ++i) {
    ledger.on_sent(a, 20 * ms, 0);
    CAF_CHECK(!ledger.mark_due(a));
  }
  ledger.on_sent(a, 20 * ms, 0);
  CAF_CHECK_EQUAL(ledger.mark_due(a).value_or(""), "g0:i0:220");
}

CAF_TEST(heard runs with media time but not past the next pending mark) {
  const auto a = open("a");
  const auto marks = send(a, 1000, 100);
  CAF_CHECK_EQUAL(ledger.heard_ms(a, 100), 0u);
  CAF_CHECK_EQUAL(ledger.heard_ms(a, 250), 150u);
  CAF_CHECK_EQUAL(ledger.heard_ms(a, 5000), 200u);
  CAF_CHECK(ledger.on_mark_echo(marks[0], 340));
  CAF_CHECK_EQUAL(ledger.heard_ms(a, 340), 200u);
  CAF_CHECK_EQUAL(ledger.heard_ms(a, 440), 300u);
  CAF_CHECK_EQUAL(ledger.heard_ms(a, 5000), 400u);
  CAF_CHECK(ledger.state(a, 440) == item_state::playing);
}

CAF_TEST(audio behind the last mark is heard by media time up to what was sent) {
  const auto a = open("a");
  const auto marks = send(a, 300, 0);
  CAF_CHECK(ledger.on_mark_echo(marks[0], 200));
  CAF_CHECK_EQUAL(ledger.heard_ms(a, 250), 250u);
  CAF_CHECK_EQUAL(ledger.heard_ms(a, 9000), 300u);
  CAF_CHECK(!ledger.audible(9000));
}

CAF_TEST(an item plays when the one before it is over) {
  const auto a = open("a");
  const auto b = open("b");
  const auto marks = send(a, 200, 0);
  const auto done = ledger.item_done(a, 0);
  send(b, 200, 0);
  CAF_CHECK_EQUAL(ledger.heard_ms(b, 1000), 0u);
  CAF_CHECK_EQUAL(ledger.current_item(100).value_or(9), a);
  CAF_CHECK(ledger.on_mark_echo(done, 220));
  CAF_CHECK(ledger.state(a, 220) == item_state::heard);
  CAF_CHECK_EQUAL(ledger.heard_ms(b, 270), 50u);
  CAF_CHECK_EQUAL(ledger.current_item(270).value_or(9), b);
  CAF_CHECK_EQUAL(ledger.queued_ms(270), 150u);
}

CAF_TEST(barge in truncates the audible item at what was heard and later ones at nothing) {
  const auto a = open("a");
  const auto b = open("b");
  const auto marks = send(a, 1000, 0);
  ledger.item_done(a, 0);
  send(b, 500, 0);
  CAF_CHECK(ledger.on_mark_echo(marks[1], 410));
  const auto cut = ledger.clear(460);
  CAF_REQUIRE_EQUAL(cut.truncations.size(), 2u);
  CAF_CHECK_EQUAL(cut.truncations[0].item_id, "a");
  CAF_CHECK_EQUAL(cut.truncations[0].audio_end_ms, 450u);
  CAF_CHECK_EQUAL(cut.truncations[1].item_id, "b");
  CAF_CHECK_EQUAL(cut.truncations[1].audio_end_ms, 0u);
  CAF_CHECK(cut.discarded_items == (std::vector<std::string>{"a", "b"}));
  CAF_CHECK(ledger.discarded("a") && ledger.discarded("b") && !ledger.discarded("c"));
  CAF_CHECK(ledger.state(a, 460) == item_state::cut);
  CAF_CHECK_EQUAL(ledger.generation(), 1u);
  CAF_CHECK_EQUAL(ledger.heard_ms(a, 99999), 450u);
  CAF_CHECK(!ledger.audible(460) && ledger.idle());
}

CAF_TEST(echoes of cleared marks prove nothing) {
  const auto a = open("a");
  const auto marks = send(a, 1000, 0);
  ledger.clear(100);
  for (const auto& name : marks) {
    CAF_CHECK(!ledger.on_mark_echo(name, 110));
  }
  CAF_CHECK_EQUAL(ledger.heard_ms(a, 5000), 100u);
}

CAF_TEST(a late delta of a cut item changes nothing) {
  const auto a = open("a");
  send(a, 400, 0);
  ledger.clear(100);
  ledger.on_sent(a, 400 * ms, 120);
  CAF_CHECK_EQUAL(ledger.sent_ms(a), 400u);
  CAF_CHECK(!ledger.mark_due(a));
  CAF_CHECK_EQUAL(ledger.item_done(a, 130), "");
  CAF_CHECK(ledger.idle());
}

CAF_TEST(audio sent after a clear plays at once) {
  send(open("a"), 3000, 0);
  ledger.clear(100);
  const auto b = open("b");
  const auto marks = send(b, 200, 150);
  CAF_CHECK_EQUAL(marks.at(0), "g1:i1:200");
  CAF_CHECK_EQUAL(ledger.heard_ms(b, 200), 50u);
  CAF_CHECK(ledger.on_mark_echo(marks[0], 380));
  CAF_CHECK_EQUAL(ledger.heard_ms(b, 380), 200u);
}

CAF_TEST(an item heard out is never truncated) {
  const auto a = open("a");
  send(a, 500, 0);
  const auto done = ledger.item_done(a, 0);
  CAF_CHECK(ledger.on_mark_echo(done, 520));
  const auto cut = ledger.clear(521);
  CAF_CHECK(cut.truncations.empty() && cut.discarded_items.empty());
  CAF_CHECK(!ledger.discarded("a"));
}

CAF_TEST(an item whose end was reached by time while its done mark is under way is not truncated) {
  const auto a = open("a");
  const auto marks = send(a, 300, 0);
  ledger.item_done(a, 0);
  CAF_CHECK(ledger.on_mark_echo(marks[0], 210));
  CAF_CHECK(ledger.clear(320).truncations.empty());
  CAF_CHECK(ledger.state(a, 320) == item_state::heard);
}

CAF_TEST(an item done after its last mark was echoed is heard at once) {
  const auto a = open("a");
  const auto marks = send(a, 200, 0);
  CAF_CHECK(ledger.on_mark_echo(marks[0], 210));
  CAF_CHECK(ledger.state(a, 210) == item_state::playing);
  const auto done = ledger.item_done(a, 300);
  CAF_CHECK(ledger.state(a, 300) == item_state::heard);
  CAF_CHECK(!ledger.idle()); // its mark is out
  CAF_CHECK(ledger.on_mark_echo(done, 330));
  CAF_CHECK(ledger.idle());
}

CAF_TEST(an unfinished item all of whose audio was heard is truncated at what exists) {
  const auto a = open("a");
  const auto marks = send(a, 200, 0);
  ledger.on_mark_echo(marks[0], 210);
  const auto cut = ledger.clear(5000);
  CAF_REQUIRE_EQUAL(cut.truncations.size(), 1u);
  CAF_CHECK_EQUAL(cut.truncations[0].audio_end_ms, 200u);
}

CAF_TEST(local clips are cut but never truncated at the model) {
  send(open("filler", item_kind::local), 800, 0);
  const auto cut = ledger.clear(100);
  CAF_CHECK(cut.truncations.empty());
  CAF_CHECK(cut.discarded_items == std::vector<std::string>{"filler"});
}

CAF_TEST(an item without audio is discarded but not truncated) {
  open("a");
  const auto cut = ledger.clear(100);
  CAF_CHECK(cut.truncations.empty());
  CAF_CHECK(ledger.discarded("a"));
}

CAF_TEST(duplicate and overtaken and foreign echoes prove nothing) {
  const auto a = open("a");
  const auto marks = send(a, 600, 0);
  CAF_CHECK(ledger.on_mark_echo(marks[1], 420));
  CAF_CHECK(!ledger.on_mark_echo(marks[1], 430));
  CAF_CHECK(!ledger.on_mark_echo(marks[0], 440));
  CAF_CHECK(!ledger.on_mark_echo("g0:i0:99999", 450));
  CAF_CHECK(!ledger.on_mark_echo("", 450));
  CAF_CHECK_EQUAL(ledger.heard_ms(a, 450), 430u);
}

CAF_TEST(time that runs backwards or jumps does no harm) {
  const auto a = open("a");
  const auto marks = send(a, 1000, 5000);
  ledger.on_mark_echo(marks[0], 5210);
  CAF_CHECK_EQUAL(ledger.heard_ms(a, 10), 200u);
  ledger.on_mark_echo(marks[1], 100);
  CAF_CHECK_EQUAL(ledger.heard_ms(a, 0), 400u);
  CAF_CHECK_EQUAL(ledger.heard_ms(a, UINT64_MAX), 600u);
  const auto cut = ledger.clear(UINT64_MAX);
  CAF_CHECK_EQUAL(cut.truncations.at(0).audio_end_ms, 600u);
}

CAF_TEST(an interleaved filler splits an item and both are counted right) {
  const auto a = open("a");
  const auto f = open("f", item_kind::local);
  send(a, 200, 0);
  send(f, 200, 0);
  const auto last = send(a, 200, 0);
  CAF_CHECK(ledger.on_mark_echo(last.back(), 650));
  CAF_CHECK_EQUAL(ledger.heard_ms(a, 650), 400u);
  CAF_CHECK_EQUAL(ledger.heard_ms(f, 650), 200u);
  const auto placed = ledger.take_placements();
  CAF_REQUIRE_EQUAL(placed.size(), 3u);
  CAF_CHECK_EQUAL(placed[2].item, a);
  CAF_CHECK_EQUAL(placed[2].item_offset_bytes, 200 * ms);
  CAF_CHECK_EQUAL(placed[2].at_ms, 400u);
}

CAF_TEST(items tell when they were heard) {
  const auto a = open("a");
  const auto marks = send(a, 400, 1000);
  CAF_CHECK(!ledger.item(a, 1000)->began_ms);
  ledger.on_mark_echo(marks[0], 1230);
  const auto done = ledger.item_done(a, 1230);
  ledger.on_mark_echo(done, 1440);
  const auto view = ledger.items(1440).at(0);
  CAF_CHECK_EQUAL(view.item_id, "a");
  CAF_CHECK_EQUAL(view.first_sent_ms, 1000u);
  CAF_CHECK_EQUAL(view.began_ms.value_or(0), 1000u);
  CAF_CHECK_EQUAL(view.ended_ms.value_or(0), 1440u);
  CAF_CHECK_EQUAL(view.heard_ms, 400u);
  CAF_CHECK(view.done && view.state == item_state::heard);
}

CAF_TEST(finished items are forgotten at the bound but totals stay) {
  for (size_t i = 0; i < limits::items_remembered_max + 100; ++i) {
    const auto item = open(("item" + std::to_string(i)).c_str());
    send(item, 40, i * 100);
    ledger.on_mark_echo(ledger.item_done(item, i * 100), i * 100 + 50);
  }
  const uint64_t count = limits::items_remembered_max + 100;
  CAF_CHECK_EQUAL(ledger.items(0).size(), limits::items_remembered_max);
  CAF_CHECK_EQUAL(ledger.heard_total_ms(), count * 40);
  CAF_CHECK_EQUAL(ledger.sent_total_ms(), count * 40);
  CAF_CHECK(ledger.state(0, 0) == item_state::heard);
  CAF_CHECK(!ledger.find("item0"));
  CAF_CHECK_EQUAL(ledger.open_item("item0", item_kind::model), count);
}

CAF_TEST(pending marks are bounded and the last one still speaks for all) {
  const auto a = open("a");
  std::vector<std::string> marks;
  for (size_t i = 0; i < limits::marks_pending_max + 50; ++i) {
    const auto sent = send(a, 200, 0);
    marks.insert(marks.end(), sent.begin(), sent.end());
  }
  CAF_CHECK_EQUAL(ledger.marks_pending(), limits::marks_pending_max);
  CAF_CHECK(!ledger.on_mark_echo(marks.front(), 300));
  CAF_CHECK(ledger.on_mark_echo(marks.back(), 10'000'000));
  CAF_CHECK_EQUAL(ledger.heard_ms(a, 10'000'000), marks.size() * 200);
}

CAF_TEST(pieces that wait for an echo are bounded) {
  const auto a = open("a");
  for (uint64_t i = 0; i < limits::pieces_max * 2; ++i) { // a pause before each: none can be joined
    ledger.on_sent(a, 8, i * 10);
  }
  CAF_CHECK_EQUAL(ledger.sent_ms(a), limits::pieces_max * 2);
  const auto cut = ledger.finish(limits::pieces_max * 100);
  CAF_CHECK_EQUAL(ledger.heard_ms(a, 0), limits::pieces_max * 2);
  uint64_t bytes = 0;
  for (const auto& p : ledger.take_placements()) {
    bytes += p.bytes;
  }
  CAF_CHECK_EQUAL(bytes, limits::pieces_max * 2 * 8);
}

CAF_TEST(placements run on without a break while echoes jitter) {
  const auto a = open("a");
  const auto marks = send(a, 1000, 0);
  const uint64_t echoes[] = {230, 460, 610, 890, 1040};
  for (size_t i = 0; i < marks.size(); ++i) {
    ledger.on_mark_echo(marks[i], echoes[i]);
  }
  const auto placed = ledger.take_placements();
  CAF_REQUIRE_EQUAL(placed.size(), 1u);
  CAF_CHECK_EQUAL(placed[0].at_ms, 0u);
  CAF_CHECK_EQUAL(placed[0].bytes, 1000 * ms);
}

CAF_TEST(placements drained in steps fit together) {
  const auto a = open("a");
  uint64_t at = 0;
  uint64_t bytes = 0;
  for (int i = 0; i < 100; ++i) {
    ledger.on_sent(a, 333, 0); // no whole number of ms
  }
  ledger.on_mark_sent("m", 0);
  ledger.on_mark_echo("m", 33300 / 8);
  for (const auto& p : ledger.take_placements()) {
    CAF_CHECK_EQUAL(p.at_ms, at);
    CAF_CHECK_EQUAL(p.bytes % 8, 0u);
    at += p.bytes / 8;
    bytes += p.bytes;
  }
  CAF_CHECK_EQUAL(bytes, 33296u);
  ledger.finish(5000);
  const auto rest = ledger.take_placements();
  CAF_REQUIRE_EQUAL(rest.size(), 1u);
  CAF_CHECK_EQUAL(rest[0].bytes, 4u);
  CAF_CHECK_EQUAL(rest[0].at_ms, at);
}

CAF_TEST(an echo that is truly late moves its audio and what follows) {
  const auto a = open("a");
  const auto marks = send(a, 600, 0);
  ledger.on_mark_echo(marks[0], 700); // 500 ms late
  ledger.on_mark_echo(marks[1], 900);
  ledger.on_mark_echo(marks[2], 1100);
  ledger.finish(1500);
  const auto placed = ledger.take_placements();
  CAF_REQUIRE_EQUAL(placed.size(), 1u);
  CAF_CHECK_EQUAL(placed[0].at_ms, 500u);
}

CAF_TEST(echoes that were only held up together do not move the audio) {
  const auto a = open("a");
  const auto marks = send(a, 600, 0);
  for (const auto& name : marks) {
    ledger.on_mark_echo(name, 640); // the network stalled; all come at once
  }
  ledger.finish(1500);
  const auto placed = ledger.take_placements();
  CAF_REQUIRE_EQUAL(placed.size(), 1u);
  CAF_CHECK_EQUAL(placed[0].at_ms, 0u);
}

CAF_TEST(a pause in sending is a pause in the recording) {
  const auto a = open("a");
  const auto first = send(a, 200, 0);
  ledger.on_mark_echo(first[0], 210);
  const auto second = send(a, 200, 1000);
  ledger.on_mark_echo(second[0], 1210);
  const auto placed = ledger.take_placements();
  CAF_REQUIRE_EQUAL(placed.size(), 2u);
  CAF_CHECK_EQUAL(placed[1].at_ms, 1000u);
}

CAF_TEST(at the end audio counts as played by the time that went by) {
  const auto a = open("a");
  const auto marks = send(a, 390, 0);
  ledger.on_mark_echo(marks[0], 205);
  ledger.finish(305);
  const auto placed = ledger.take_placements();
  CAF_REQUIRE_EQUAL(placed.size(), 1u);
  CAF_CHECK_EQUAL(placed[0].bytes, 300 * ms);
  CAF_CHECK_EQUAL(ledger.heard_ms(a, 305), 300u);
  CAF_CHECK(ledger.take_placements().empty());
}

CAF_TEST(long ids and names from the network are bounded) {
  const std::string id(10000, 'x');
  const auto a = ledger.open_item(id, item_kind::model);
  CAF_CHECK_EQUAL(ledger.open_item(id, item_kind::model), a);
  CAF_CHECK_EQUAL(ledger.item(a, 0)->item_id.size(), limits::item_id_bytes_max);
  ledger.on_mark_sent(id, 0);
  CAF_CHECK_EQUAL(ledger.marks_pending(), 0u);
}

CAF_TEST(facts about unknown items are ignored) {
  ledger.on_sent(7, 800, 0);
  CAF_CHECK(!ledger.mark_due(7));
  CAF_CHECK_EQUAL(ledger.item_done(7, 0), "");
  CAF_CHECK_EQUAL(ledger.sent_ms(7), 0u);
  CAF_CHECK(!ledger.item(7, 0));
  CAF_CHECK(ledger.idle());
}

CAF_TEST_FIXTURE_SCOPE_END()
