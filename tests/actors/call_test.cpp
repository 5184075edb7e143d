#define CAF_SUITE call
#define FAIL CAF_FAIL
#include "actors/call.hpp"
#include "actors/openai_leg.hpp"
#include "actors/registry.hpp"
#include "tests/actors/call_world.hpp"

using namespace switchboard;
using namespace switchboard::actors;
using namespace switchboard::test;
using namespace std::chrono_literals;
using type = model_event_type;

CAF_TEST_FIXTURE_SCOPE(call_tests, call_world)

CAF_TEST(a call from start to end is stored and recorded and told in order) {
  begin();
  CAF_CHECK(rows->calls[call_id].stream_sid == "MZ1");
  configure();
  caller_says("u1", "Book a table.", 0, 1000);
  agent_says("r1", "a1", "For how many?", 8000);
  caller_hangs_up();
  carrier_closes();
  model_closes();
  pass(1000ms);
  CAF_CHECK(ended->has_value());
  const auto& row = rows->calls[call_id];
  CAF_CHECK(row.status == storage::call_status::completed);
  CAF_CHECK(row.end_time.has_value());
  CAF_CHECK(row.duration_s.has_value());
  CAF_CHECK_EQUAL(rows->figures.size(), 1u);
  CAF_CHECK_EQUAL(rows->recordings.size(), 1u);
  CAF_CHECK_EQUAL(disk_log->closed.size(), 1u);
  CAF_CHECK_EQUAL(node->active_calls.load(), 0u);
  CAF_CHECK_EQUAL(texts(), "Book a table.|For how many?|");
  check_order({feed_type::call_started, feed_type::call_updated, feed_type::transcript,
               feed_type::call_ended});
  CAF_CHECK_EQUAL(count(feed_type::call_ended), 1u);
  CAF_CHECK_EQUAL(count(feed_type::recording_saved), 1u);
  CAF_CHECK_EQUAL(count(feed_type::error), 0u);
}

CAF_TEST(what a call lives through is counted and nothing of it is left counted as going on) {
  auto& m = node->metrics;
  const auto in = [&](call_state s) { return m.calls_in[static_cast<size_t>(s)].load(); };
  begin();
  CAF_CHECK_EQUAL(in(call_state::connecting), 1);
  configure();
  CAF_CHECK_EQUAL(in(call_state::live), 1);
  CAF_CHECK_EQUAL(in(call_state::connecting), 0);
  caller_says("u1", "Hello?", 0, 1000);
  agent_says("r1", "a1", "Hi there.", 8000);
  CAF_CHECK_EQUAL(m.turn_latency.count(0), 1u); // at once
  lose_model();
  pass(1000ms, 50ms);
  CAF_CHECK_EQUAL(at(m.model_lost, link_end::lost).load(), 1u);
  CAF_CHECK_EQUAL(m.model_reconnects.load(), 1u);
  configure();
  carrier_closes(link_end::timed_out);
  CAF_CHECK_EQUAL(in(call_state::recovering), 1);
  CAF_CHECK_EQUAL(at(m.carrier_lost, link_end::timed_out).load(), 1u);
  come_back();
  CAF_CHECK_EQUAL(m.carrier_reconnects.load(), 1u);
  caller_hangs_up();
  carrier_closes();
  model_closes();
  pass(1000ms);
  CAF_REQUIRE(ended->has_value());
  for (size_t i = 0; i < call_states; ++i)
    CAF_CHECK_EQUAL(m.calls_in[i].load(), 0);
  CAF_CHECK_EQUAL(m.calls_completed.load(), 1u);
  CAF_CHECK_EQUAL(m.calls_failed.load(), 0u);
}

CAF_TEST(a lost model comes back with the history and hears what was said in the gap) {
  begin();
  configure();
  caller_says("u1", "Hello?", 0, 1000);
  agent_says("r1", "a1", "Hi there.", 800);
  caller_frames(2000, 10, 1);
  const auto before = model.sessions.size();
  lose_model();
  caller_frames(2200, 50, 7);
  pass(1000ms, 50ms); // full jitter: at most the first pause
  CAF_REQUIRE_EQUAL(model.sessions.size(), before + 1);
  caller_frames(3200, 10, 8);
  configure();
  const auto lines = model.latest().sent<create_message>();
  CAF_REQUIRE_EQUAL(lines.size(), 2u);
  CAF_CHECK_EQUAL(lines[0].text, "Hello?");
  CAF_CHECK_EQUAL(lines[1].text, "Hi there.");
  const auto heard = model.latest().appended();
  CAF_REQUIRE_EQUAL(heard.size(), 60u * 160);
  CAF_CHECK_EQUAL(heard.front(), 7);
  CAF_CHECK_EQUAL(heard.back(), 8);
  CAF_CHECK(rows->calls[call_id].status == storage::call_status::active);
}

CAF_TEST(a model that dies again and again is given up and the caller gets an apology) {
  begin();
  for (int i = 0; i < 80 && wire->closes == 0; ++i) {
    lose_model();
    pass(1000ms, 500ms);
  }
  CAF_CHECK_EQUAL(model.sessions.size(), 6u);
  CAF_CHECK(rows->calls[call_id].status == storage::call_status::failed);
  carrier_closes();
  CAF_CHECK(stream_over() == after_stream::apologize);
}

CAF_TEST(a fatal model fails the call at once and apologizes once) {
  begin();
  at_model().sink->on_model_closed(closed(link_end::upgrade_refused, 0, 401));
  settle();
  CAF_CHECK_EQUAL(model.sessions.size(), 1u);
  CAF_CHECK(rows->calls[call_id].status == storage::call_status::failed);
  CAF_CHECK_EQUAL(wire->closes, 1u);
  carrier_closes();
  CAF_CHECK(!ended->has_value()); // the carrier will ask
  CAF_CHECK(stream_over() == after_stream::apologize);
  settle();
  CAF_CHECK(ended->has_value());
  CAF_CHECK_EQUAL(count(feed_type::call_ended), 1u);
  CAF_CHECK_EQUAL(node->active_calls.load(), 0u);
}

CAF_TEST(a carrier that nobody asks about does not hold the failed call for ever) {
  begin();
  at_model().sink->on_model_closed(closed(link_end::upgrade_refused, 0, 401));
  settle();
  carrier_closes();
  pass(10'000ms, 500ms);
  tick();
  CAF_CHECK(ended->has_value());
}

CAF_TEST(a carrier that comes back within the window goes on) {
  begin();
  configure();
  carrier_closes(link_end::lost);
  pass(std::chrono::seconds{config.resume_window_s} - 1000ms, 500ms);
  auto second = come_back();
  CAF_CHECK(rows->calls[call_id].stream_sid == "MZ2");
  pass(5000ms, 500ms); // the old window's deadline passes
  CAF_CHECK(!ended->has_value());
  CAF_CHECK(rows->calls[call_id].status == storage::call_status::active);
  at_model().tell(type::response_created, {}, "r1");
  at_model().tell_audio("a1", "r1", 800);
  CAF_CHECK_EQUAL(second->audio_bytes(), 800u);
}

CAF_TEST(a carrier that does not come back ends the call as completed) {
  begin();
  configure();
  carrier_closes(link_end::lost);
  pass(std::chrono::seconds{config.resume_window_s} + 1000ms, 500ms);
  model_closes();
  settle();
  CAF_CHECK(rows->calls[call_id].status == storage::call_status::completed);
  CAF_CHECK(ended->has_value());
  CAF_CHECK_EQUAL(count(feed_type::call_ended), 1u);
}

CAF_TEST(a carrier that says its stream is over is told to reconnect while the call runs) {
  begin();
  configure();
  CAF_CHECK(stream_over() == after_stream::reconnect);
  come_back();
  CAF_CHECK(!ended->has_value());
}

CAF_TEST(an end that cannot be written is tried again) {
  begin();
  configure();
  rows->failures = 5; // figures, then four tries of the end
  hang_up();
  carrier_closes();
  model_closes();
  CAF_CHECK_EQUAL(count(feed_type::call_ended), 0u);
  pass(10'000ms, 500ms);
  CAF_CHECK(rows->calls[call_id].status == storage::call_status::completed);
  CAF_CHECK_EQUAL(count(feed_type::call_ended), 1u);
  CAF_CHECK(ended->has_value());
}

CAF_TEST(a call actor that is killed leaves no legs and saves the recording) {
  begin();
  configure();
  caller_frames(0, 10, 1);
  caf::anon_send_exit(call, caf::exit_reason::kill);
  settle();
  CAF_CHECK(wire->destroyed);
  CAF_CHECK(model.latest().destroyed);
  CAF_CHECK_EQUAL(rows->recordings.size(), 1u);
  CAF_CHECK_EQUAL(node->recorders.load(), 0u);
  CAF_CHECK(rows->calls[call_id].status == storage::call_status::failed);
  CAF_CHECK_EQUAL(count(feed_type::call_ended), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(every order of stop close callback hang up and model loss gives one end) {
  std::array<int, 5> order{0, 1, 2, 3, 4};
  int runs = 0;
  do {
    call_world world;
    world.begin();
    world.configure();
    for (int what : order) {
      switch (what) {
      case 0:
        world.caller_hangs_up();
        break;
      case 1:
        world.carrier_closes(link_end::lost);
        break;
      case 2:
        world.status("completed");
        break;
      case 3:
        world.hang_up();
        break;
      default:
        world.lose_model();
        break;
      }
      if (runs % 2 == 0) // half of the orders with time between the events
        world.pass(200ms);
    }
    world.settle();
    world.carrier_closes();
    world.pass(8000ms, 1000ms);
    world.tick();
    world.settle();
    if (world.count(feed_type::call_ended) != 1 || !world.ended->has_value() ||
        world.rows->recordings.size() != 1 ||
        world.rows->calls[world.call_id].status != storage::call_status::completed)
      CAF_ERROR("order " << order[0] << order[1] << order[2] << order[3] << order[4] << ": "
                         << world.count(feed_type::call_ended) << " ends, "
                         << world.rows->recordings.size() << " recordings");
    ++runs;
  } while (std::next_permutation(order.begin(), order.end()));
  CAF_CHECK_EQUAL(runs, 120);
}
