#define CAF_SUITE media_bridge
#define FAIL CAF_FAIL
#include "actors/media_bridge.hpp"
#include "conf/defaults/call.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::actors;

namespace {

struct model : caller_audio_sink {
  void on_tick() override { ++ticks; }
  int ticks = 0;
  std::vector<uint64_t> at;
  audio::byte_buffer heard;
  void on_caller_audio(uint64_t at_ms, audio::byte_view pcmu) override {
    at.push_back(at_ms);
    heard.insert(heard.end(), pcmu.begin(), pcmu.end());
  }
};

audio::byte_buffer frame(uint8_t value) {
  return audio::byte_buffer(160, value);
}

} // namespace

CAF_TEST(what the caller says before a session listens reaches it in order) {
  media_bridge bridge;
  for (uint8_t i = 0; i < 100; ++i)
    bridge.caller_audio(i * 20u, frame(i));
  model session;
  bridge.set_model(&session);
  bridge.caller_audio(2000, frame(100));
  CAF_REQUIRE_EQUAL(session.heard.size(), 101u * 160);
  for (size_t i = 0; i < 101; ++i)
    CAF_CHECK_EQUAL(session.heard[i * 160], i);
  CAF_CHECK_EQUAL(bridge.dropped_bytes(), 0u);
}

CAF_TEST(a gap longer than the bound loses its oldest part and says how much) {
  media_bridge bridge;
  for (uint64_t i = 0; i < 40 * 50; ++i) // 40 s
    bridge.caller_audio(i * 20, frame(1));
  CAF_CHECK_LESS_OR_EQUAL(bridge.kept_bytes(), defaults::call::gap_audio_bytes_max);
  CAF_CHECK_EQUAL(bridge.kept_bytes() + bridge.dropped_bytes(), 40u * 8000);
  model session;
  bridge.set_model(&session);
  CAF_CHECK_GREATER_OR_EQUAL(session.at.front(), 9'000u);
}

CAF_TEST(pieces apart in time stay apart and none is longer than an append) {
  media_bridge bridge;
  for (uint64_t i = 0; i < 150; ++i) // 3 s, then a hole of 1 s, then 1 s
    bridge.caller_audio(i * 20, frame(1));
  for (uint64_t i = 0; i < 50; ++i)
    bridge.caller_audio(4000 + i * 20, frame(2));
  model session;
  bridge.set_model(&session);
  CAF_CHECK((session.at == std::vector<uint64_t>{0, 1000, 2000, 4000}));
  CAF_CHECK_EQUAL(session.heard.size(), 200u * 160);
}

CAF_TEST(what was given to a session is not given to the next one) {
  media_bridge bridge;
  bridge.caller_audio(0, frame(1));
  model first, second;
  bridge.set_model(&first);
  bridge.set_model(nullptr);
  CAF_CHECK_EQUAL(bridge.kept_bytes(), 0u);
  bridge.caller_audio(20, frame(2));
  bridge.set_model(&second);
  CAF_CHECK_EQUAL(first.heard.size(), 160u);
  CAF_REQUIRE_EQUAL(second.heard.size(), 160u);
  CAF_CHECK_EQUAL(second.heard[0], 2);
}

CAF_TEST(without a carrier the agent speaks to nobody and nothing breaks) {
  media_bridge bridge;
  bridge.agent_audio("i", frame(1));
  bridge.agent_item_done("i");
  bridge.agent_read_end();
  CAF_CHECK(bridge.interrupt({}).discarded_items.empty());
  CAF_CHECK_EQUAL(bridge.kept_bytes(), 0u);
}

CAF_TEST(speech in what is kept is found and silence and clicks are none) {
  media_bridge bridge;
  for (uint64_t i = 0; i < 50; ++i)
    bridge.caller_audio(i * 20, frame(0xFF));
  CAF_CHECK(!bridge.kept_is_voiced());
  bridge.caller_audio(1000, frame(0x2F));
  for (uint64_t i = 51; i < 60; ++i)
    bridge.caller_audio(i * 20, frame(0x2F));
  CAF_CHECK(bridge.kept_is_voiced());
  model session;
  bridge.set_model(&session);
  CAF_CHECK(!bridge.kept_is_voiced());
}

CAF_TEST(a session that leaves after another took over changes nothing) {
  media_bridge bridge;
  model first, second;
  bridge.set_model(&first);
  bridge.set_model(&second);
  bridge.leave_model(&first);
  bridge.caller_audio(0, frame(1));
  CAF_CHECK_EQUAL(second.heard.size(), 160u);
  bridge.leave_model(&second);
  bridge.caller_audio(20, frame(1));
  CAF_CHECK_EQUAL(second.heard.size(), 160u);
  CAF_CHECK_EQUAL(bridge.kept_bytes(), 160u);
}

CAF_TEST(a tick reaches whoever is there) {
  media_bridge bridge;
  bridge.tick();
  model session;
  bridge.set_model(&session);
  bridge.tick();
  CAF_CHECK_EQUAL(session.ticks, 1);
  bridge.leave_model(&session);
  bridge.tick();
  CAF_CHECK_EQUAL(session.ticks, 1);
}
