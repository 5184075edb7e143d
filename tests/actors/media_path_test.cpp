#define CAF_SUITE media_path
#define FAIL CAF_FAIL
#include "actors/atoms.hpp"
#include "actors/openai_leg.hpp"
#include "actors/twilio_leg.hpp"
#include "conf/memory_trail.hpp"
#include "tests/actors/fake_links.hpp"
#include "tests/actors/virtual_world.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

// How often this program asks for memory, counted while it is told to. The whole path of a frame
// from one port to the other is ours to count: the sockets behind the ports have suites of their
// own.
namespace {

std::atomic<bool> counting{false};
std::atomic<uint64_t> allocations{0};

} // namespace

void* operator new(std::size_t size) {
  if (counting.load(std::memory_order_relaxed))
    allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* made = std::malloc(size == 0 ? 1 : size))
    return made;
  throw std::bad_alloc{};
}
// The standard library's temporary buffers come from this one and go back by the usual delete.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  if (counting.load(std::memory_order_relaxed))
    allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* gone) noexcept {
  std::free(gone);
}
void operator delete(void* gone, std::size_t) noexcept {
  std::free(gone);
}

using namespace switchboard;
using namespace switchboard::actors;
using namespace switchboard::test;
using namespace std::chrono_literals;

namespace {

/// Ports that keep nothing, so that what is counted is the legs' own.
struct silent_carrier : carrier_link {
  void start(carrier_events*) override {}
  void send_audio(audio::byte_view pcmu) override { bytes += pcmu.size; }
  void send_mark(std::string_view name) override {
    ++marks;
    last_mark_size = name.copy(last_mark, sizeof last_mark);
  }
  void send_clear() override {}
  void flush() override {}
  void close(uint16_t, std::string_view) override {}
  size_t bytes = 0, marks = 0, last_mark_size = 0;
  char last_mark[64];
};

struct silent_model : model_link {
  void append_audio(audio::byte_view bytes_in) override { bytes += bytes_in.size; }
  std::string send(const model_command&) override { return "evt_1"; }
  void flush() override {}
  void close(uint16_t, std::string_view) override {}
  size_t bytes = 0;
};

struct silent_connector : model_connector {
  silent_model* made = nullptr;
  std::unique_ptr<model_link> connect(model_events*) override {
    auto link = std::make_unique<silent_model>();
    made = link.get();
    return link;
  }
};

struct fixture : virtual_world {
  call_context_ptr context = std::make_shared<call_context>();
  line_metrics media;
  std::shared_ptr<told> log = std::make_shared<told>();
  caf::actor call = keep(sys.spawn(listener, log));
  silent_connector connector;
  caf::actor carrier, model;
  silent_carrier* wire = nullptr;

  fixture() {
    context->started = sys.clock().now();
    context->media = &media;
    carrier = keep(spawn_twilio_leg(sys, nullptr, call, context));
    model_leg_setup setup;
    setup.connector = &connector;
    setup.settings.pcmu = true;
    model = keep(spawn_openai_leg(sys, nullptr, std::move(setup)));
    caf::anon_send(caf::actor_cast<caf::actor>(model), atom::takeover_v,
                   session_start{call, context, "", true});
    auto link = std::make_unique<silent_carrier>();
    wire = link.get();
    settle();
    caf::anon_send(carrier, atom::resume_v,
                   std::make_shared<std::unique_ptr<carrier_link>>(std::move(link)),
                   start_of("MZ1", "CA1"));
    settle();
    model_event event;
    for (auto type : {model_event_type::session_created, model_event_type::session_updated}) {
      event.type = type;
      event.session_id = "sess";
      at_model().on_model_event(event);
    }
    settle();
  }
  twilio_leg& at_carrier() { return on_line<twilio_leg>(carrier); }
  openai_leg& at_model() { return on_line<openai_leg>(model); }

  /// Runs `frame` for a minute of frames, with what a call does at each tick, and counts those of
  /// the last half.
  template <class Frame>
  double allocations_a_frame(Frame frame) {
    constexpr int frames = 3000;
    for (int i = 0; i < frames; ++i) {
      counting = i >= frames / 2;
      if (i == frames / 2)
        allocations = 0;
      frame(i);
      counting = false;
      if (i % 5 != 4)
        continue;
      pass(100ms);
      context->journal.take();
      at_carrier().on_mark_echo({wire->last_mark, wire->last_mark_size});
    }
    return static_cast<double>(allocations.load()) / (frames / 2);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(media_path_tests, fixture)

CAF_TEST(a frame of the caller takes no memory) {
  const audio::byte_buffer frame(160, 0x2a);
  auto& leg = at_carrier();
  const double each = allocations_a_frame([&](int i) {
    leg.on_caller_audio(static_cast<uint64_t>(i) * 20, frame);
    leg.on_carrier_read_end();
  });
  CAF_CHECK_EQUAL(connector.made->bytes, 3000u * 160);
  CAF_MESSAGE("allocations a caller frame: " << each);
  CAF_CHECK_EQUAL(allocations.load(), 0u);
}

CAF_TEST(a delta of the agent takes no memory but for its mark) {
  auto& leg = at_model();
  model_event delta;
  delta.type = model_event_type::audio_delta;
  delta.item_id = "item_000000000000000001";
  delta.response_id = "resp_000000000000000001";
  delta.audio.assign(160, 0x55);
  const double each = allocations_a_frame([&](int) {
    leg.on_model_event(delta);
    leg.on_model_read_end();
  });
  CAF_CHECK_EQUAL(wire->bytes, 3000u * 160);
  CAF_CHECK_EQUAL(wire->marks, 300u); // each 200 ms
  CAF_MESSAGE("allocations an agent delta: " << each);
  CAF_CHECK_LESS(each, 0.1);
}

CAF_TEST(a frame says what it uses within the bound of a trail) {
  const audio::byte_buffer frame(160, 0x2a);
  memory_trail caller, agent;
  {
    const trail_recording on{caller};
    at_carrier().on_caller_audio(0, frame);
    at_carrier().on_carrier_read_end();
  }
  model_event delta;
  delta.type = model_event_type::audio_delta;
  delta.item_id = "item_000000000000000001";
  delta.response_id = "resp_000000000000000001";
  delta.audio.assign(160, 0x55);
  at_model().on_model_event(delta); // opens the item, which is not what each frame does
  {
    const trail_recording on{agent};
    at_model().on_model_event(delta);
    at_model().on_model_read_end();
  }
  // Both legs, what they share, and where the journal goes on; the sockets' part comes to it.
  constexpr size_t of_sockets = 10;
  CAF_CHECK_GREATER_OR_EQUAL(caller.places(), 4u);
  CAF_CHECK_GREATER_OR_EQUAL(agent.places(), 6u);
  CAF_CHECK_LESS_OR_EQUAL(caller.places() + of_sockets, defaults::line::trail_places_max);
  CAF_CHECK_LESS_OR_EQUAL(agent.places() + of_sockets, defaults::line::trail_places_max);
  CAF_MESSAGE("lines a frame: " << caller.lines() << " and " << agent.lines());
}

CAF_TEST_FIXTURE_SCOPE_END()
