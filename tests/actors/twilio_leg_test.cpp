#define CAF_SUITE twilio_leg
#define FAIL CAF_FAIL
#include "actors/twilio_leg.hpp"
#include "conf/defaults/call.hpp"
#include "storage/journal.hpp"
#include "tests/actors/fake_links.hpp"
#include "tests/actors/virtual_world.hpp"
#include "tests/audio/carrier_model.hpp"

using namespace switchboard;
using namespace switchboard::actors;
using namespace switchboard::test;
using namespace std::chrono_literals;

namespace {

struct fixture : virtual_world {
  call_context_ptr context = std::make_shared<call_context>();
  std::shared_ptr<told> supervisor = std::make_shared<told>();
  std::vector<audio::cut_result> cuts;
  caf::actor call = keep(sys.spawn(listener, supervisor));
  carrier_record_ptr wire = std::make_shared<carrier_record>();
  caf::actor leg;
  std::shared_ptr<std::optional<caf::error>> ended;

  fixture() {
    context->started = sys.clock().now();
    leg = keep(spawn_twilio_leg(sys, nullptr, call, context));
    ended = watch(leg);
    settle();
  }
  void stream(const carrier_record_ptr& to) {
    caf::anon_send(leg, atom::resume_v, make_carrier(to), start_of("MZ1", "CA1"));
    settle();
  }
  twilio_leg& on_wire() { return on_line<twilio_leg>(leg); }
  /// The agent's speech as the model leg passes it on.
  void agent(const std::string& item, size_t bytes) {
    context->talk.agent_text(item, "", 0);
    context->bridge.agent_audio(item, audio::byte_buffer(bytes, 0x55));
    context->bridge.agent_read_end();
  }
  void echo(const std::string& mark) { on_wire().on_mark_echo(mark); }
  void barge_in(interruption what = {}) {
    on_wire();
    auto cut = context->bridge.interrupt(what);
    if (!cut.discarded_items.empty())
      cuts.push_back(std::move(cut));
  }
  std::vector<storage::fact_type> facts() {
    std::vector<storage::fact_type> types;
    audio::byte_buffer bytes;
    storage::append_journal_header(bytes);
    if (auto batch = context->journal.take())
      bytes.insert(bytes.end(), batch->begin(), batch->end());
    storage::read_journal_bytes(bytes, [&](const storage::fact& what) {
      types.push_back(what.type);
      return true;
    });
    return types;
  }
};

size_t longest_without_mark(const carrier_record& wire) {
  size_t longest = 0, since = 0;
  for (auto& write : wire.writes) {
    since = write.kind == carrier_write::mark ? 0 : since + write.bytes;
    longest = std::max(longest, since);
  }
  return longest;
}

/// Interrupts an item of three seconds at each of these points against a model of the carrier's
/// buffer without delays. @returns by how many ms the truncations fall short of what was played, at
/// most.
uint64_t worst_truncation(fixture& f, const std::vector<size_t>& deltas) {
  std::mt19937 random{1};
  audio::test::carrier_model carrier{random, 0, 0};
  f.stream(f.wire);
  size_t passed_on = 0;
  uint64_t now = 0, offset = 0, worst_ms = 0;
  uint32_t item = 0;
  const auto pass_on = [&] {
    for (; passed_on < f.wire->writes.size(); ++passed_on) {
      const auto& write = f.wire->writes[passed_on];
      if (write.kind == carrier_write::audio) {
        carrier.send_audio(item, offset, write.bytes, now);
        offset += write.bytes;
      } else if (write.kind == carrier_write::mark) {
        carrier.send_mark(write.name, now);
      } else {
        carrier.send_clear(now);
      }
    }
  };
  for (uint64_t point : {1, 19, 20, 137, 200, 201, 399, 777, 1500, 2718}) {
    const auto id = "i" + std::to_string(++item);
    offset = 0;
    for (size_t bytes : deltas) {
      f.agent(id, bytes);
      pass_on();
    }
    f.context->bridge.agent_item_done(id);
    pass_on();
    for (uint64_t ms = 0; ms < point; ++ms) {
      f.pass(1ms);
      ++now;
      for (auto& mark : carrier.run_until(now))
        f.echo(mark.name);
    }
    f.barge_in();
    pass_on();
    CAF_REQUIRE_EQUAL(f.cuts.size(), size_t{item});
    CAF_REQUIRE_EQUAL(f.cuts.back().truncations.size(), 1u);
    const uint64_t told = f.cuts.back().truncations[0].audio_end_ms;
    const uint64_t played = carrier.heard_bytes(item) / 8;
    CAF_CHECK_EQUAL(played, point);
    CAF_CHECK_LESS_OR_EQUAL(told, played);
    worst_ms = std::max(worst_ms, played - told);
  }
  return worst_ms;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(twilio_leg_tests, fixture)

CAF_TEST(before its stream starts nothing is sent) {
  agent("i1", 800);
  barge_in();
  CAF_CHECK(wire->writes.empty());
  stream(wire);
  CAF_CHECK(wire->sink != nullptr);
  CAF_CHECK(wire->writes.empty());
  agent("i2", 800);
  CAF_CHECK_EQUAL(wire->audio_bytes(), 800u);
}

CAF_TEST(marks stand at most 200 ms of audio apart and one ends each item) {
  stream(wire);
  agent("i1", 5 * 8000 + 3); // far ahead of real time, in one delta
  for (int i = 0; i < 100; ++i)
    agent("i2", 37);
  context->bridge.agent_item_done("i1");
  context->bridge.agent_item_done("i2");
  CAF_CHECK_EQUAL(wire->audio_bytes(), 5u * 8000 + 3 + 3700);
  CAF_CHECK_LESS_OR_EQUAL(longest_without_mark(*wire), 1600u);
  CAF_CHECK(wire->writes.back().kind == carrier_write::mark);
  auto marks = wire->marks();
  std::sort(marks.begin(), marks.end());
  CAF_CHECK(std::adjacent_find(marks.begin(), marks.end()) == marks.end());
  CAF_CHECK_GREATER(wire->flushes, 0u);
}

CAF_TEST(frames are counted on the line and a late one by how late it came) {
  line_metrics media;
  context->media = &media;
  stream(wire);
  const audio::byte_buffer frame(160, 1);
  for (uint64_t ms = 20; ms <= 100; ms += 20) {
    pass(ms == 60 ? 50ms : 20ms); // one read comes 30 ms late, and so do those after it
    on_wire().on_caller_audio(ms, frame);
    on_wire().on_carrier_read_end();
  }
  agent("i1", 800);
  CAF_CHECK_EQUAL(media.caller_frames.load(), 5u);
  CAF_CHECK_EQUAL(media.agent_audio_bytes.load(), 800u);
  CAF_CHECK_EQUAL(media.frame_delay.sum(), 3u * 30'000);
  CAF_CHECK_EQUAL(media.frame_delay.count(0), 2u); // in time
}

CAF_TEST(a barge in clears the carrier and tells the model how much was heard) {
  stream(wire);
  agent("i1", 8000); // one second
  context->bridge.agent_item_done("i1");
  pass(400ms, 20ms);
  barge_in();
  CAF_CHECK_EQUAL(wire->count(carrier_write::clear), 1u);
  CAF_REQUIRE_EQUAL(cuts.size(), 1u);
  CAF_REQUIRE_EQUAL(cuts[0].truncations.size(), 1u);
  CAF_CHECK_EQUAL(cuts[0].truncations[0].item_id, "i1");
  // No mark came back: it may have been playing up to the first mark that is still out.
  CAF_CHECK_LESS_OR_EQUAL(cuts[0].truncations[0].audio_end_ms, 400u);
  CAF_CHECK_EQUAL(context->figures.interruptions, 1u);
}

CAF_TEST(echoes move the position and the truncation names it) {
  stream(wire);
  agent("i1", 16'000); // two seconds
  context->bridge.agent_item_done("i1");
  const auto marks = wire->marks();
  CAF_REQUIRE_GREATER(marks.size(), 5u);
  // Plays in real time: each write's mark comes back when its audio is over.
  uint64_t played_ms = 0;
  for (auto& write : std::vector<carrier_write>{wire->writes}) {
    if (played_ms >= 1000)
      break;
    if (write.kind == carrier_write::mark) {
      echo(write.name);
      continue;
    }
    pass(std::chrono::milliseconds{write.bytes / 8}, 10ms);
    played_ms += write.bytes / 8;
  }
  barge_in();
  CAF_REQUIRE_EQUAL(cuts.size(), 1u);
  CAF_REQUIRE_EQUAL(cuts[0].truncations.size(), 1u);
  const auto heard = cuts[0].truncations[0].audio_end_ms;
  CAF_CHECK_GREATER_OR_EQUAL(heard + 20, played_ms);
  CAF_CHECK_LESS_OR_EQUAL(heard, played_ms + 20);
}

CAF_TEST(speech that came late interrupts only what could be heard when it was spoken) {
  stream(wire);
  pass(1000ms);
  agent("i1", 8000); // sent at 1000
  pass(200ms, 20ms);
  barge_in({900, true});
  CAF_CHECK_EQUAL(wire->count(carrier_write::clear), 0u);
  barge_in({1100, true});
  CAF_CHECK_EQUAL(wire->count(carrier_write::clear), 1u);
  agent("i2", 8000);
  barge_in({900, false}); // not late: the clock of its session may be off
  CAF_CHECK_EQUAL(wire->count(carrier_write::clear), 2u);
}

CAF_TEST(marks of what was cleared prove nothing) {
  stream(wire);
  agent("i1", 8000);
  const auto marks = wire->marks();
  pass(200ms, 20ms);
  barge_in();
  const auto cut_at = cuts.at(0).truncations.at(0).audio_end_ms;
  for (auto& mark : marks) // Twilio echoes pending marks when it clears
    echo(mark);
  pass(5000ms);
  auto index = on_wire().ledger().find("i1");
  CAF_REQUIRE(index.has_value());
  CAF_CHECK_EQUAL(on_wire().ledger().heard_ms(*index, 10'000), cut_at);
  CAF_CHECK(!on_wire().ledger().audible(10'000));
}

CAF_TEST(audio of a cut item that comes late is not sent) {
  stream(wire);
  agent("i1", 8000);
  pass(200ms, 20ms);
  barge_in();
  const auto before = wire->writes.size();
  agent("i1", 4000);
  context->bridge.agent_item_done("i1");
  CAF_CHECK_EQUAL(wire->writes.size(), before);
  agent("i2", 160);
  CAF_CHECK_GREATER(wire->writes.size(), before);
}

CAF_TEST(with nothing to be heard a barge in clears nothing) {
  stream(wire);
  barge_in();
  agent("i1", 800);
  context->bridge.agent_item_done("i1");
  pass(100ms, 20ms);
  for (auto& mark : wire->marks())
    echo(mark);
  barge_in();
  CAF_CHECK_EQUAL(wire->count(carrier_write::clear), 0u);
  CAF_CHECK(cuts.empty());
}

CAF_TEST(what the caller says lies at the time of the carrier once and gaps are kept) {
  stream(wire);
  const audio::byte_buffer frame(160, 0x11);
  struct ear : caller_audio_sink {
    void on_tick() override {}
    std::vector<uint64_t> at;
    size_t bytes = 0;
    void on_caller_audio(uint64_t at_ms, audio::byte_view pcmu) override {
      at.push_back(at_ms);
      bytes += pcmu.size;
    }
  } model_ear;
  context->bridge.set_model(&model_ear);
  auto& leg_on_wire = on_wire();
  for (uint64_t t : {0u, 20u, 40u, 40u, 500u}) // 40 twice: a duplicate
    leg_on_wire.on_caller_audio(t, frame);
  leg_on_wire.on_carrier_read_end();
  CAF_REQUIRE_EQUAL(model_ear.at.size(), 2u); // a batch before the gap, one after it
  CAF_CHECK_EQUAL(model_ear.at[0], 0u);
  CAF_CHECK_EQUAL(model_ear.at[1], 500u);
  CAF_CHECK_EQUAL(model_ear.bytes, 4u * 160);
  CAF_CHECK_EQUAL(context->figures.frames_in, 5u);
  context->bridge.set_model(nullptr);
}

CAF_TEST(what a read of one leg left behind never reaches the model of another) {
  stream(wire);
  const auto other_context = std::make_shared<call_context>();
  other_context->started = context->started;
  const auto other = keep(spawn_twilio_leg(sys, nullptr, call, other_context));
  const auto other_wire = std::make_shared<carrier_record>();
  caf::anon_send(other, atom::resume_v, make_carrier(other_wire), start_of("MZ2", "CA2"));
  settle();
  struct ear : caller_audio_sink {
    void on_tick() override {}
    audio::byte_buffer heard;
    void on_caller_audio(uint64_t, audio::byte_view pcmu) override {
      heard.insert(heard.end(), pcmu.begin(), pcmu.end());
    }
  } model_ear;
  other_context->bridge.set_model(&model_ear);
  on_wire().on_caller_audio(0, audio::byte_buffer(160, 0x11)); // and its read has no end
  auto& other_leg = on_line<twilio_leg>(other);
  other_leg.on_caller_audio(0, audio::byte_buffer(160, 0x22));
  other_leg.on_carrier_read_end();
  CAF_CHECK(model_ear.heard == audio::byte_buffer(160, 0x22));
  on_wire().on_caller_audio(20, audio::byte_buffer(160, 0x11));
  other_leg.on_carrier_read_end();
  CAF_CHECK_EQUAL(model_ear.heard.size(), 160u);
  other_context->bridge.set_model(nullptr);
}

CAF_TEST(stop and digits and a lost socket reach the supervisor) {
  stream(wire);
  on_wire().on_dtmf('4');
  on_wire().on_dtmf('#');
  on_wire().on_stream_stop();
  on_wire().on_carrier_closed(closed(link_end::lost));
  settle();
  CAF_CHECK_EQUAL(supervisor->digits, "4#");
  CAF_CHECK_EQUAL(supervisor->stopped, 1u);
  CAF_CHECK_EQUAL(supervisor->legdown, 1u);
  CAF_CHECK(!ended->has_value()); // the carrier may come back
}

CAF_TEST(without a socket nothing is sent and a new stream takes over) {
  stream(wire);
  agent("i1", 1600);
  on_wire().on_carrier_closed(closed(link_end::lost));
  const auto before = wire->writes.size();
  agent("i2", 1600);
  barge_in();
  CAF_CHECK_EQUAL(wire->writes.size(), before);
  auto second = std::make_shared<carrier_record>();
  stream(second);
  CAF_CHECK(second->sink != nullptr);
  agent("i3", 1600);
  CAF_CHECK_EQUAL(second->audio_bytes(), 1600u);
  CAF_CHECK_EQUAL(wire->writes.size(), before);
}

CAF_TEST(a newer stream replaces one that lives and its close is no loss of the call) {
  stream(wire);
  auto second = std::make_shared<carrier_record>();
  stream(second);
  CAF_CHECK_EQUAL(wire->closes, 1u);
  CAF_CHECK(wire->sink == nullptr);
  CAF_CHECK(second->sink != nullptr);
  CAF_CHECK_EQUAL(supervisor->legdown, 0u);
}

CAF_TEST(finish answers at once and the leg ends with its socket) {
  stream(wire);
  agent("i1", 8000);
  pass(300ms, 20ms);
  const auto told_at_once = ask<bool>(leg, atom::finish_v);
  CAF_CHECK(told_at_once.value.value_or(false));
  CAF_CHECK_EQUAL(wire->closes, 1u);
  CAF_CHECK(!ended->has_value());
  CAF_CHECK(context->talk.playing_items().empty());
  on_wire().on_carrier_closed(closed(link_end::closed_by_us));
  settle();
  CAF_CHECK(ended->has_value());
  CAF_CHECK(wire->destroyed);
  CAF_CHECK_EQUAL(supervisor->legdown, 0u);
}

CAF_TEST(finish without a socket ends at once) {
  stream(wire);
  on_wire().on_carrier_closed(closed(link_end::lost));
  settle();
  ask<bool>(leg, atom::finish_v);
  CAF_CHECK(ended->has_value());
}

CAF_TEST(the journal gets every fact of a stream) {
  using storage::fact_type;
  stream(wire);
  on_wire().on_caller_audio(0, audio::byte_buffer(160, 1));
  agent("i1", 160);
  echo(wire->marks().at(0));
  agent("i1", 8000);
  barge_in();
  on_wire().on_carrier_closed(closed(link_end::lost));
  const auto seen = facts();
  for (auto wanted : {fact_type::stream_started, fact_type::caller_audio, fact_type::item_opened,
                      fact_type::agent_audio, fact_type::mark_sent, fact_type::mark_echoed,
                      fact_type::cleared, fact_type::stream_stopped})
    CAF_CHECK(std::find(seen.begin(), seen.end(), wanted) != seen.end());
  CAF_CHECK(seen.front() == fact_type::stream_started);
  CAF_CHECK(seen.back() == fact_type::stream_stopped);
}

CAF_TEST(the tone of a gap is sent a little ahead and is recorded as no words of the agent) {
  stream(wire);
  caf::anon_send(leg, atom::filler_v, true);
  settle();
  const uint64_t ahead = defaults::call::filler_ahead_ms;
  CAF_CHECK_EQUAL(wire->audio_bytes(), ahead * 8);
  for (int i = 0; i < 100; ++i) { // ten seconds, echoed as they are played
    pass(100ms);
    for (auto& mark : wire->marks())
      echo(mark);
    context->bridge.tick();
    settle();
  }
  CAF_CHECK_GREATER_OR_EQUAL(wire->audio_bytes(), 10'000u * 8);
  barge_in();
  CAF_CHECK_EQUAL(context->figures.interruptions, 0u);
  CAF_REQUIRE_EQUAL(cuts.size(), 1u);
  CAF_CHECK(cuts[0].truncations.empty());
}

CAF_TEST(the tone waits for what the agent still says and ends by itself when it is called off) {
  stream(wire);
  agent("i1", 800);
  caf::anon_send(leg, atom::filler_v, true);
  settle();
  CAF_CHECK_EQUAL(wire->audio_bytes(), 800u);
  context->bridge.agent_item_done("i1");
  for (auto& mark : wire->marks())
    echo(mark);
  pass(200ms);
  context->bridge.tick();
  settle();
  CAF_CHECK_GREATER(wire->audio_bytes(), 800u);
  const auto sent = wire->audio_bytes();
  caf::anon_send(leg, atom::filler_v, false);
  pass(1000ms);
  for (auto& mark : wire->marks())
    echo(mark);
  context->bridge.tick();
  settle();
  CAF_CHECK_EQUAL(wire->audio_bytes(), sent);
  echo(wire->marks().back()); // of its end
  CAF_CHECK(on_wire().ledger().idle());
  CAF_CHECK_EQUAL(wire->count(carrier_write::clear), 0u);
}

CAF_TEST(when the agent speaks the rest of the tone is cleared before its words) {
  stream(wire);
  caf::anon_send(leg, atom::filler_v, true);
  settle();
  agent("i1", 800);
  const auto& writes = wire->writes;
  const auto clear = std::find_if(writes.begin(), writes.end(),
                                  [](auto& w) { return w.kind == carrier_write::clear; });
  CAF_REQUIRE(clear != writes.end());
  CAF_CHECK(std::next(clear)->kind == carrier_write::audio);
  CAF_CHECK_EQUAL(std::next(clear)->bytes, 800u);
}

CAF_TEST(interrupted at any point the truncation names to the millisecond what was played) {
  CAF_CHECK_EQUAL(worst_truncation(*this, {40, 160, 8000, 15'800}), 0u);
}

CAF_TEST(deltas that end within a millisecond cost the truncation no more than that) {
  CAF_CHECK_LESS_OR_EQUAL(worst_truncation(*this, {37, 163, 8001, 15'803}), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
