#define CAF_SUITE call
#define FAIL CAF_FAIL
#include "actors/call.hpp"
#include "actors/openai_leg.hpp"
#include "actors/registry.hpp"
#include "conf/defaults/call.hpp"
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

CAF_TEST(figures are stored every minute and at the end before the end is told) {
  begin();
  configure();
  caller_frames(0, 50, 1);
  pass(61'000ms, 500ms);
  tick();
  CAF_REQUIRE_EQUAL(rows->figures.size(), 1u);
  CAF_CHECK_NOT_EQUAL(rows->figures[0].metrics_json->find("\"final\":false"), std::string::npos);
  rows->holding = true;
  caller_hangs_up();
  CAF_CHECK_EQUAL(count(feed_type::call_ended), 0u);
  release_rows();
  CAF_CHECK_EQUAL(count(feed_type::call_ended), 1u);
  CAF_REQUIRE_EQUAL(rows->figures.size(), 2u);
  CAF_CHECK_NOT_EQUAL(rows->figures[1].metrics_json->find("\"final\":true"), std::string::npos);
  CAF_REQUIRE_EQUAL(rows->metadata.size(), 1u);
  CAF_CHECK_EQUAL(rows->metadata[0].device_type.value_or(""), "phone");
}

CAF_TEST(a call ends though its figures cannot be stored and they follow) {
  begin();
  configure();
  rows->failures = 2;
  caller_hangs_up();
  pass(3'000ms, 100ms);
  CAF_CHECK_EQUAL(count(feed_type::call_ended), 1u);
  CAF_CHECK_EQUAL(rows->figures.size(), 1u);
}

CAF_TEST(a transcript writer that dies loses no turn and no version goes back) {
  begin();
  configure();
  caller_says("u1", "Book a table.", 0, 1000);
  rows->holding = true; // a turn is on its way when the writer dies
  caller_says("u2", "For two.", 2000, 3000);
  caf::anon_send_exit(caf::actor_cast<caf::actor>(rows->turn_writer), caf::exit_reason::kill);
  settle();
  release_rows();
  pass(200ms);
  tick();
  CAF_CHECK_EQUAL(texts(), "Book a table.|For two.|");
  std::map<std::string, int64_t> latest;
  for (auto& event : events->of(feed_type::transcript)) {
    const auto& row = std::get<storage::transcript_row>(event.data);
    CAF_CHECK_GREATER(row.version, latest[row.id]);
    latest[row.id] = row.version;
  }
  CAF_CHECK_EQUAL(latest.size(), 2u);
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
  CAF_CHECK_EQUAL(at(m.model_reconnects, link_end::lost).load(), 1u);
  configure();
  carrier_closes(link_end::timed_out);
  CAF_CHECK_EQUAL(in(call_state::recovering), 1);
  CAF_CHECK_EQUAL(at(m.carrier_lost, link_end::timed_out).load(), 1u);
  come_back();
  CAF_CHECK_EQUAL(at(m.carrier_reconnects, link_end::timed_out).load(), 1u);
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
  pass(6000ms, 500ms); // nor does it ask what follows
  CAF_CHECK_EQUAL(ended_by_rest->size(), 1u);
  CAF_CHECK(ended->has_value());
  CAF_CHECK_EQUAL(count(feed_type::call_ended), 1u);
}

CAF_TEST(a call that nobody asks about is gone whatever its line does first when its time is over) {
  begin();
  configure();
  carrier_closes(link_end::lost);
  pass(std::chrono::seconds{config.resume_window_s} + 1000ms, 500ms);
  model_closes();
  CAF_REQUIRE(rows->calls[call_id].status == storage::call_status::completed);
  CAF_REQUIRE(!ended->has_value());
  advance_time(defaults::call::ending_deadline); // messages are due, but the line ticks first
  tick();
  CAF_CHECK(ended->has_value());
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
  pass(switchboard::defaults::call::recorder_last_look);
  CAF_CHECK_EQUAL(rows->recordings.size(), 1u);
  CAF_CHECK_EQUAL(node->recorders.load(), 0u);
  CAF_CHECK(rows->calls[call_id].status == storage::call_status::failed);
  CAF_CHECK_EQUAL(count(feed_type::call_ended), 1u);
}

CAF_TEST(a session opened at the webhook is the one that the call talks to) {
  warm = std::make_shared<warm_sessions>(sys, nullptr, &model, &config);
  begin();
  CAF_REQUIRE_EQUAL(model.sessions.size(), 1u);
  configure();
  CAF_CHECK(model.latest().names() == (std::vector<std::string>{"update", "respond"}));
  agent_says("r1", "a1", "Hello.", 800);
  CAF_CHECK_EQUAL(wire->audio_bytes(), 800u);
  warm.reset();
}

CAF_TEST(in a quiet moment near its end a session is changed for the next one that is open already) {
  begin();
  configure_for(3600);
  caller_says("u1", "Hello?", 0, 1000);
  agent_says("r1", "a1", "Hi there.", 800);
  for (int i = 0; i < 55; ++i) {
    pass(60'000ms, 20'000ms);
    tick();
  }
  CAF_REQUIRE_EQUAL(model.sessions.size(), 2u);
  auto& old = *model.sessions[0];
  CAF_CHECK_EQUAL(old.closes, 0u); // the next one is not open yet
  configure_for(3600);
  tick();
  CAF_CHECK_EQUAL(old.closes, 1u);
  const auto names = model.latest().names();
  CAF_CHECK(names == (std::vector<std::string>{"update", "message", "message"})); // no greeting
  const auto before = old.appended().size();
  caller_frames(3'400'000, 10, 7);
  CAF_CHECK_EQUAL(old.appended().size(), before);
  CAF_CHECK_EQUAL(model.latest().appended().size(), 1600u);
  // The old one's goodbye takes a while: its end disturbs nobody.
  enter<openai_leg>(old.sink);
  old.sink->on_model_closed(closed(link_end::closed_by_us, 1000));
  settle();
  agent_says("r2", "a2", "Still here.", 800);
  tick();
  CAF_CHECK_EQUAL(texts(), "Hello?|Hi there.|Still here.|");
  CAF_CHECK_EQUAL(model.sessions.size(), 2u);
  CAF_CHECK(rows->calls[call_id].status == storage::call_status::active);
}

CAF_TEST(while somebody speaks the change waits and a fortieth before the end it does not ) {
  begin();
  configure_for(100);
  at_model().tell(type::response_created, {}, "r1");
  at_model().tell_audio("a1", "r1", 8000);
  pass(50'000ms, 1000ms);
  tick();
  CAF_REQUIRE_EQUAL(model.sessions.size(), 2u);
  configure_for(100);
  pass(45'000ms, 1000ms);
  tick();
  CAF_CHECK_EQUAL(model.sessions[0]->closes, 0u); // its response is in progress
  pass(4'000ms, 1000ms);
  tick();
  CAF_CHECK_EQUAL(model.sessions[0]->closes, 1u);
}

CAF_TEST(a session that dies while the next one is open is replaced without a pause) {
  begin();
  configure_for(100);
  caller_says("u1", "Hello?", 0, 1000);
  agent_says("r1", "a1", "Hi there.", 800);
  at_model().tell(type::response_created, {}, "r2"); // busy: no planned change
  pass(50'000ms, 1000ms);
  tick();
  CAF_REQUIRE_EQUAL(model.sessions.size(), 2u);
  configure_for(100);
  enter<openai_leg>(model.sessions[0]->sink);
  model.sessions[0]->sink->on_model_closed(closed(link_end::lost));
  settle();
  CAF_CHECK_EQUAL(model.latest().sent<create_message>().size(), 2u);
  caller_frames(52'000, 1, 7);
  CAF_CHECK_EQUAL(model.latest().appended().size(), 160u);
  pass(20'000ms, 1000ms);
  CAF_CHECK_EQUAL(model.sessions.size(), 2u);
}

CAF_TEST(a next session that cannot be opened is tried again and the call goes on) {
  begin();
  configure_for(1000);
  pass(700'000ms, 10'000ms);
  tick();
  CAF_REQUIRE_EQUAL(model.sessions.size(), 2u);
  at_model().sink->on_model_closed(closed(link_end::connect_failed));
  settle();
  tick();
  CAF_CHECK_EQUAL(model.sessions.size(), 2u);
  pass(16'000ms, 1000ms);
  tick();
  CAF_CHECK_EQUAL(model.sessions.size(), 3u);
  CAF_CHECK(rows->calls[call_id].status == storage::call_status::active);
}

CAF_TEST(a call that ends during the change leaves neither session) {
  begin();
  configure_for(100);
  pass(50'000ms, 1000ms);
  tick();
  CAF_REQUIRE_EQUAL(model.sessions.size(), 2u);
  hang_up();
  carrier_closes();
  for (auto& session : model.sessions) {
    CAF_CHECK_EQUAL(session->closes, 1u);
    enter<openai_leg>(session->sink);
    session->sink->on_model_closed(closed(link_end::closed_by_us));
    settle();
  }
  CAF_CHECK(stream_over() == after_stream::hang_up);
  pass(1000ms);
  CAF_CHECK(ended->has_value());
  CAF_CHECK(rows->calls[call_id].status == storage::call_status::completed);
}

CAF_TEST(a gap is filled with a tone after a moment until the agent speaks) {
  begin();
  configure();
  agent_says("r1", "a1", "Hi there.", 800);
  lose_model();
  const auto before = wire->audio_bytes();
  for (int i = 0; i < 14; ++i) {
    pass(100ms);
    tick();
  }
  CAF_CHECK_EQUAL(wire->audio_bytes(), before);
  pass(200ms);
  tick();
  CAF_CHECK_GREATER(wire->audio_bytes(), before);
  configure(); // the next session is there
  at_model().tell(type::response_created, {}, "r2");
  at_model().tell_audio("a2", "r2", 800);
  CAF_CHECK_EQUAL(wire->count(carrier_write::clear), 1u);
  CAF_CHECK(model.latest().sent<truncate_item>().empty());
  const auto spoken = wire->audio_bytes();
  pass(2000ms);
  tick();
  CAF_CHECK_EQUAL(wire->audio_bytes(), spoken);
}

CAF_TEST(no tone is played when it is switched off) {
  config.gap_tone = false;
  begin();
  configure();
  lose_model();
  pass(900ms);
  tick();
  pass(2000ms);
  tick();
  CAF_CHECK_EQUAL(wire->audio_bytes(), 0u);
}

CAF_TEST(a caller who interrupts is obeyed in the same turn even long after the model finished) {
  begin();
  configure();
  at_model().tell(type::response_created, {}, "r1");
  at_model().tell_audio("a1", "r1", 40'000); // five seconds
  at_model().tell(type::audio_transcript_done, "a1", "r1", "A long story.");
  at_model().tell(type::audio_done, "a1", "r1");
  at_model().tell(type::response_done, {}, "r1");
  pass(2000ms, 20ms);
  at_carrier();
  model_event speech;
  speech.type = type::speech_started;
  speech.item_id = "u1";
  at_model().sink->on_model_event(speech); // and no other turn of the line after it
  CAF_CHECK_EQUAL(wire->count(carrier_write::clear), 1u);
  const auto truncated = model.latest().sent<truncate_item>();
  CAF_REQUIRE_EQUAL(truncated.size(), 1u);
  CAF_CHECK_EQUAL(truncated[0].item_id, "a1");
}

CAF_TEST(a call that is not recorded leaves a transcript and no journal) {
  config.recording = false;
  begin();
  configure();
  caller_says("u1", "Hello?", 0, 1000);
  agent_says("r1", "a1", "Hi there.", 800);
  caller_hangs_up();
  carrier_closes();
  model_closes();
  pass(1000ms);
  CAF_CHECK(ended->has_value());
  CAF_CHECK(rows->calls[call_id].status == storage::call_status::completed);
  CAF_CHECK_EQUAL(texts(), "Hello?|Hi there.|");
  CAF_CHECK(disk_log->journals.empty());
  CAF_CHECK(rows->recordings.empty());
  CAF_CHECK_EQUAL(node->recorders.load(), 0u);
}

CAF_TEST(a call that begins when the disk is nearly full is told of and not recorded to its end) {
  node->storage.not_recording = true;
  begin();
  configure();
  CAF_CHECK(events->error_codes() == std::vector<std::string>{"NOT_RECORDED"});
  node->storage.not_recording = false; // half a recording would be no recording
  caller_hangs_up();
  carrier_closes();
  model_closes();
  pass(10s);
  CAF_CHECK(ended->has_value());
  CAF_CHECK(disk_log->journals.empty());
  CAF_CHECK(seals->wanted.empty());
  CAF_CHECK_EQUAL(events->of(feed_type::call_ended).size(), 1u);
}

CAF_TEST(a call ends as long after its start as it lasted whatever the wall clock does) {
  begin();
  configure();
  pass(50s);
  caller_hangs_up();
  carrier_closes();
  model_closes();
  pass(2s);
  const auto& row = rows->calls[call_id];
  CAF_CHECK_EQUAL(row.duration_s.value_or(0), 50);
  CAF_CHECK_GREATER_OR_EQUAL(row.end_time.value_or(0) - row.start_time, 50'000);
}

CAF_TEST(an end that cannot be written is left to the registry and the call lets go) {
  begin();
  configure();
  rows->failures = -1;
  caller_hangs_up();
  carrier_closes();
  model_closes();
  pass(60s);
  CAF_CHECK(ended->has_value());
  CAF_CHECK_EQUAL(node->active_calls.load(), 0u);
  CAF_CHECK_EQUAL(node->ends_waiting.load(), 1u);
  rows->failures = 0;
  pass(10s);
  CAF_CHECK(rows->calls[call_id].status == storage::call_status::completed);
  CAF_CHECK_EQUAL(events->of(feed_type::call_ended).size(), 1u);
  CAF_CHECK_EQUAL(node->ends_waiting.load(), 0u);
}

CAF_TEST(what is said while the recording is paused is in no file and no row) {
  begin();
  configure();
  caller_says("u1", "My card is", 0, 1000);
  const auto before = model.latest().appended().size();
  CAF_CHECK(ask<bool>(call, atom::pauserec_v, true).value == true);
  const auto frames_start = static_cast<uint64_t>(1000);
  caller_frames(frames_start, 10, 0x55);
  caller_says("u2", "4111 1111", 1200, 2200);
  CAF_CHECK_GREATER(model.latest().appended().size(), before); // the model hears it
  CAF_CHECK(ask<bool>(call, atom::pauserec_v, false).value == false);
  caller_frames(2400, 10, 0x66);
  caller_hangs_up();
  carrier_closes();
  model_closes();
  pass(1000ms);
  CAF_CHECK(texts().find("4111") == std::string::npos);
  CAF_CHECK(texts().find("[recording paused]") != std::string::npos);
  CAF_REQUIRE_EQUAL(disk_log->journals.size(), 1u);
  const auto& journal = disk_log->journals.begin()->second;
  const std::string text(journal.begin(), journal.end());
  CAF_CHECK(text.find(std::string(160, 0x55)) == std::string::npos);
  CAF_CHECK(text.find(std::string(160, '\xff')) != std::string::npos);
  CAF_CHECK(text.find(std::string(160, 0x66)) != std::string::npos); // it goes on
  CAF_CHECK(text.find("4111") == std::string::npos);
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
