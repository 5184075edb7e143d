#define CAF_SUITE openai_leg
#define FAIL CAF_FAIL
#include "actors/openai_leg.hpp"
#include "actors/wall_clock.hpp"
#include "conf/defaults/call.hpp"
#include "conf/defaults/model.hpp"
#include "tests/actors/fake_links.hpp"
#include "tests/actors/virtual_world.hpp"

using namespace switchboard;
using namespace switchboard::actors;
using namespace switchboard::test;
using namespace std::chrono_literals;
using type = model_event_type;
using names = std::vector<std::string>;

namespace {

struct speaker_probe : agent_audio_sink {
  void on_tick() override {}
  size_t bytes = 0, flushes = 0;
  names done;
  void on_agent_audio(std::string_view, audio::byte_view pcmu) override { bytes += pcmu.size; }
  void on_agent_item_done(std::string_view item) override { done.emplace_back(item); }
  void on_agent_read_end() override { ++flushes; }
  audio::cut_result on_interruption(const interruption& what) override {
    interruptions.push_back(what);
    return cut;
  }
  bool agent_audible() const override { return false; }
  std::vector<interruption> interruptions;
  audio::cut_result cut;
};

/// What a test's session starts with.
struct start_of_session {
  session_settings settings;
  std::string greeting;
  std::vector<spoken_line> history; // of an earlier session
};

struct fixture : virtual_world {
  call_context_ptr context = std::make_shared<call_context>();
  std::shared_ptr<told> supervisor = std::make_shared<told>();
  caf::actor call = keep(sys.spawn(listener, supervisor));
  fake_connector model;
  speaker_probe speaker;
  caf::actor leg;
  std::shared_ptr<std::optional<caf::error>> ended;

  fixture() { context->started = sys.clock().now(); }
  ~fixture() override {
    caf::anon_send_exit(leg, caf::exit_reason::kill);
    settle();
  }

  /// Opens a session that waits to be taken over.
  void open(session_settings settings = {}) {
    model_leg_setup setup;
    setup.call_id = "call";
    setup.connector = &model;
    setup.settings = std::move(settings);
    context->bridge.set_carrier(&speaker);
    leg = spawn_openai_leg(sys, nullptr, std::move(setup));
    ended = watch(leg);
    settle();
  }
  void take_over(const start_of_session& how = {}) {
    for (auto& line : how.history)
      say(line);
    if (!how.history.empty())
      context->talk.session_over(said_ms);
    caf::anon_send(leg, atom::takeover_v, session_start{call, context, how.greeting, true});
    settle();
  }
  void say(const spoken_line& line) {
    const auto id = "said " + std::to_string(++said_ms);
    if (line.tool) {
      context->talk.tool_used(*line.tool, said_ms);
    } else if (line.who == storage::speaker::user) {
      context->talk.caller_speech_started(id, said_ms);
      context->talk.caller_speech_stopped(id, said_ms);
      context->talk.caller_transcript(id, line.text, std::nullopt, said_ms);
    } else {
      context->talk.agent_text_done(id, line.text, said_ms);
      context->talk.agent_playback(id, said_ms, said_ms, 1, 1);
    }
  }
  uint64_t said_ms = 0;
  void start(const start_of_session& how = {}) {
    open(how.settings);
    take_over(how);
  }
  void tick() {
    context->bridge.tick();
    settle();
  }
  void start_greeting() {
    start_of_session setup;
    setup.greeting = "hello";
    start(std::move(setup));
  }
  /// The session, its leg ready to be called as by its socket.
  model_record& session() {
    on_line<openai_leg>(leg);
    return model.latest();
  }
  void configure() {
    session().configure();
    settle();
  }
  void caller(uint64_t at_ms, size_t bytes, uint8_t value = 0x22) {
    context->bridge.caller_audio(at_ms, audio::byte_buffer(bytes, value));
  }
  void error(const std::string& code, const std::string& kind = {}, const std::string& param = {},
             const std::string& about = {}) {
    model_event event;
    event.type = type::error;
    event.error_type = kind;
    event.error_code = code;
    event.error_param = param;
    event.error_event_id = about;
    session().sink->on_model_event(event);
    settle();
  }
  void close_with(const link_close& why) {
    session().sink->on_model_closed(why);
    settle();
  }
  bool ended_with(actor_error why) { return ended->has_value() && **ended == why; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(openai_leg_tests, fixture)

CAF_TEST(a new session is configured and then greets) {
  start_greeting();
  CAF_REQUIRE_EQUAL(model.sessions.size(), 1u);
  CAF_CHECK(session().writes.empty());
  session().sink->on_model_open();
  CAF_CHECK(session().writes.empty());
  session().tell(type::session_created);
  CAF_CHECK(session().names() == names{"update"});
  CAF_CHECK_EQUAL(supervisor->modelup, 0u);
  session().tell(type::session_updated);
  session().tell(type::session_updated); // a second one changes nothing
  settle();
  CAF_CHECK(session().names() == (names{"update", "respond"}));
  CAF_CHECK_EQUAL(supervisor->modelup, 1u);
}

CAF_TEST(a restarted session gets the history and does not greet again) {
  start_of_session setup;
  setup.greeting = "hello";
  setup.history = {{storage::speaker::assistant, "Hi."},
                   {storage::speaker::user, "Are you there?"}};
  start(std::move(setup));
  configure();
  CAF_CHECK(session().names() == (names{"update", "message", "message", "respond"}));
  const auto lines = session().sent<create_message>();
  CAF_CHECK_EQUAL(lines[0].role, "assistant");
  CAF_CHECK_EQUAL(lines[1].role, "user");
  CAF_CHECK_EQUAL(lines[1].text, "Are you there?");
  CAF_CHECK(session().sent<create_response>()[0].instructions.empty());
}

CAF_TEST(a restarted session whose agent spoke last waits for the caller) {
  start_of_session setup;
  setup.greeting = "hello";
  setup.history = {{storage::speaker::assistant, "Hi."}};
  start(std::move(setup));
  configure();
  CAF_CHECK(session().names() == (names{"update", "message"}));
}

CAF_TEST(nothing is appended before the session is configured and what was said comes then) {
  caller(0, 1600, 1);
  start_greeting();
  caller(200, 1600, 2);
  session().sink->on_model_open();
  session().tell(type::session_created);
  caller(400, 1600, 3);
  CAF_CHECK(session().names() == names{"update"});
  session().tell(type::session_updated);
  caller(600, 160, 4);
  const auto heard = session().appended();
  CAF_REQUIRE_EQUAL(heard.size(), 4800u + 160);
  CAF_CHECK_EQUAL(heard[0], 1);
  CAF_CHECK_EQUAL(heard[1600], 2);
  CAF_CHECK_EQUAL(heard[3200], 3);
  CAF_CHECK_EQUAL(heard[4800], 4);
  // The caller spoke already: the server answers, and greets as the conversation tells it to.
  CAF_CHECK(session().names()[1] == "message");
  CAF_CHECK(session().sent<create_response>().empty());
}

CAF_TEST(kept audio goes in pieces of at most a second) {
  caller(0, 3 * 8000 + 500);
  start();
  configure();
  for (auto& write : session().writes)
    CAF_CHECK_LESS_OR_EQUAL(write.audio.size(), defaults::call::append_bytes_max);
  CAF_CHECK_EQUAL(session().appended().size(), 3u * 8000 + 500);
}

CAF_TEST(a session that is not configured in time is given up as lost) {
  start();
  session().sink->on_model_open();
  session().tell(type::session_created);
  pass(defaults::model::configure_deadline - 100ms, 500ms);
  CAF_CHECK(!ended->has_value());
  pass(200ms);
  CAF_CHECK(ended_with(actor_error::model_lost));
  CAF_CHECK(model.latest().destroyed);
}

CAF_TEST(a session that was configured outlives the deadline) {
  start();
  configure();
  pass(2 * defaults::model::configure_deadline, 500ms);
  CAF_CHECK(!ended->has_value());
}

CAF_TEST(speech of the model reaches the carrier and its end is told) {
  start();
  configure();
  session().tell(type::response_created, {}, "r1");
  session().tell_audio("i1", "r1", 4000);
  CAF_CHECK_EQUAL(speaker.bytes, 4000u);
  CAF_CHECK_GREATER(speaker.flushes, 0u);
  session().tell(type::audio_done, "i1", "r1");
  CAF_CHECK(speaker.done == names{"i1"});
}

CAF_TEST(a caller who speaks has the carrier cleared and late audio of the response is dropped) {
  start();
  configure();
  session().tell(type::response_created, {}, "r1");
  session().tell_audio("i1", "r1", 4000);
  session().tell(type::speech_started, "u1");
  settle();
  CAF_CHECK_EQUAL(speaker.interruptions.size(), 1u);
  session().tell_audio("i1", "r1", 4000);
  session().tell(type::audio_done, "i1", "r1");
  session().tell(type::response_done, {}, "r1");
  CAF_CHECK_EQUAL(speaker.bytes, 4000u);
  session().tell(type::response_created, {}, "r2");
  session().tell_audio("i2", "r2", 800);
  CAF_CHECK_EQUAL(speaker.bytes, 4800u);
}

CAF_TEST(an interrupted turn is closed with the words there were) {
  start();
  configure();
  session().tell(type::response_created, {}, "r1");
  session().tell_audio("i1", "r1", 4000);
  session().tell(type::audio_transcript_delta, "i1", "r1", "one two");
  session().tell(type::speech_started, "u1");
  session().tell(type::audio_transcript_delta, "i1", "r1", " three");
  session().tell(type::audio_done, "i1", "r1");
  session().tell(type::audio_transcript_done, "i1", "r1", "one two three four");
  session().tell(type::response_done, {}, "r1");
  context->talk.agent_playback("i1", 0, 500, 500, 500);
  bool closed_turn = false;
  for (auto& update : context->talk.take_updates())
    closed_turn |= update.final && update.text == "one two";
  CAF_CHECK(closed_turn);
}

CAF_TEST(what was not heard is truncated at the model) {
  start();
  configure();
  session().tell(type::response_created, {}, "r1");
  session().tell_audio("i1", "r1", 8000);
  session().tell_audio("i2", "r1", 800);
  speaker.cut.truncations = {{"of another session", 20}, {"i1", 640}, {"i2", 0}};
  speaker.cut.discarded_items = {"of another session", "i1", "i2"};
  session().tell(type::speech_started, "u1");
  const auto sent = session().sent<truncate_item>();
  CAF_REQUIRE_EQUAL(sent.size(), 2u);
  CAF_CHECK_EQUAL(sent[0].item_id, "i1");
  CAF_CHECK_EQUAL(sent[0].audio_end_ms, 640u);
}

CAF_TEST(an out of band response is never heard nor written down) {
  start();
  configure();
  model_event created;
  created.type = type::response_created;
  created.response_id = "quiet";
  created.out_of_band = true;
  session().sink->on_model_event(created);
  session().tell_audio("q1", "quiet", 4000);
  session().tell(type::audio_transcript_delta, "q1", "quiet", "summary");
  session().tell(type::audio_transcript_done, "q1", "quiet", "summary");
  session().tell(type::response_done, {}, "quiet");
  CAF_CHECK_EQUAL(speaker.bytes, 0u);
  CAF_CHECK(context->talk.history().empty());
}

CAF_TEST(turns are placed by session time over a gap) {
  start();
  configure();
  caller(1000, 8000);   // session 0..1000 is call 1000..2000
  caller(25000, 16000); // then 10 s of silence, and session 11000..13000 is call 25000..27000
  model_event speech;
  speech.type = type::speech_started;
  speech.item_id = "u1";
  speech.audio_start_ms = 11500;
  session().sink->on_model_event(speech);
  speech.type = type::speech_stopped;
  speech.audio_end_ms = 12500;
  session().sink->on_model_event(speech);
  session().tell(type::transcription_completed, "u1", {}, "after the gap");
  const auto updates = context->talk.take_updates();
  CAF_REQUIRE_EQUAL(updates.size(), 1u);
  CAF_CHECK_EQUAL(updates[0].start_ms, 25500u);
  CAF_CHECK_EQUAL(updates[0].end_ms.value_or(0), 26500u);
  CAF_CHECK_EQUAL(context->figures.caller_talk_ms, 1000u);
}

CAF_TEST(benign errors and unknown ones leave the session alone) {
  start();
  configure();
  error("response_cancel_not_active");
  error("conversation_already_has_active_response");
  error("something_new", "server_error");
  CAF_CHECK(!ended->has_value());
}

CAF_TEST(an expired session is lost and an invalid key is fatal) {
  start();
  configure();
  error("session_expired");
  CAF_CHECK(ended_with(actor_error::model_lost));
  start();
  error("invalid_api_key");
  CAF_CHECK(ended_with(actor_error::model_fatal));
}

CAF_TEST(a refused session update is fatal) {
  start();
  session().sink->on_model_open();
  session().tell(type::session_created); // its update is the first write: evt_1
  error("invalid_value", "invalid_request_error", {}, "evt_1");
  CAF_CHECK(ended_with(actor_error::model_fatal));
}

CAF_TEST(ends of the socket become exit reasons) {
  start();
  close_with(closed(link_end::lost));
  CAF_CHECK(ended_with(actor_error::model_lost));
  start();
  close_with(closed(link_end::upgrade_refused, 0, 401));
  CAF_CHECK(ended_with(actor_error::model_fatal));
  start();
  close_with(closed(link_end::upgrade_refused, 0, 503));
  CAF_CHECK(ended_with(actor_error::model_lost));
  start();
  close_with(closed(link_end::closed_by_peer, 1008));
  CAF_CHECK(ended_with(actor_error::model_fatal));
}

CAF_TEST(when a session is lost the caller is kept for the next one and open items are closed) {
  start();
  configure();
  session().tell(type::response_created, {}, "r1");
  session().tell_audio("i1", "r1", 4000);
  close_with(closed(link_end::lost));
  CAF_CHECK(ended_with(actor_error::model_lost));
  CAF_CHECK(speaker.done == names{"i1"});
  caller(1000, 1600);
  CAF_CHECK_EQUAL(context->bridge.kept_bytes(), 1600u);
  start();
  configure();
  CAF_CHECK_EQUAL(session().appended().size(), 1600u);
}

CAF_TEST(finish says goodbye and ends when the socket is gone) {
  start();
  configure();
  caf::anon_send(leg, atom::finish_v);
  settle();
  CAF_CHECK_EQUAL(session().closes, 1u);
  CAF_CHECK(!ended->has_value());
  caller(0, 160);
  CAF_CHECK(session().appended().empty());
  close_with(closed(link_end::closed_by_us));
  CAF_REQUIRE(ended->has_value());
  CAF_CHECK(!**ended);
}

CAF_TEST(a peer that never closes is left after the deadline) {
  start();
  configure();
  caf::anon_send(leg, atom::finish_v);
  pass(defaults::call::ending_deadline + 100ms);
  CAF_CHECK(ended->has_value());
  CAF_CHECK(model.latest().destroyed);
}

CAF_TEST(in pcm16 mode the session hears 24 kHz and the caller 8 kHz) {
  start_of_session setup;
  setup.settings.pcmu = false;
  start(std::move(setup));
  configure();
  for (uint64_t t = 0; t < 2000; t += 20)
    caller(t, 160);
  const auto heard = session().appended().size();
  CAF_CHECK_GREATER(heard, 2u * 44'000);
  CAF_CHECK_LESS_OR_EQUAL(heard, 2u * 48'000);
  session().tell(type::response_created, {}, "r1");
  session().tell_audio("i1", "r1", 48'001); // an odd number of bytes
  session().tell_audio("i1", "r1", 47'999);
  session().tell(type::audio_done, "i1", "r1");
  CAF_CHECK_GREATER_OR_EQUAL(speaker.bytes, 15'900u);
  CAF_CHECK_LESS_OR_EQUAL(speaker.bytes, 16'100u);
}

CAF_TEST(a session that nobody took over is configured and then silent and deaf) {
  open();
  configure();
  CAF_CHECK(session().names() == names{"update"});
  CAF_CHECK_EQUAL(supervisor->modelup, 0u);
  caller(0, 1600, 0xFF);
  session().tell_audio("i1", "r1", 800);
  CAF_CHECK_EQUAL(speaker.bytes, 0u);
  start_of_session how;
  how.greeting = "hello";
  take_over(how);
  CAF_CHECK(session().names() == (names{"update", "append", "respond"}));
  CAF_CHECK_EQUAL(supervisor->modelup, 1u);
  take_over(how); // a second time changes nothing
  CAF_CHECK_EQUAL(supervisor->modelup, 1u);
}

CAF_TEST(tools are replayed with their results where they were used) {
  start_of_session setup;
  setup.history = {
      {storage::speaker::user, "Is it open?"},
      {storage::speaker::assistant, {}, tool_exchange{"c1", "hours", "{}", "till ten"}}};
  start(setup);
  configure();
  CAF_CHECK(session().names() == (names{"update", "message", "call", "output", "respond"}));
  const auto called = session().sent<create_function_call>().at(0);
  const auto answered = session().sent<create_function_output>().at(0);
  CAF_CHECK_EQUAL(called.call_id, "c1");
  CAF_CHECK_EQUAL(answered.call_id, "c1");
  CAF_CHECK_EQUAL(answered.output, "till ten");
}

CAF_TEST(speech from before the session is told as overdue and cuts no response of it) {
  pass(1000ms);
  caller(0, 8000, 0x22); // spoken before there was a session
  start();
  pass(500ms); // the session goes live at 1500
  configure();
  session().tell(type::response_created, {}, "r1");
  session().tell_audio("i1", "r1", 800);
  model_event speech;
  speech.type = type::speech_started;
  speech.item_id = "u1";
  speech.audio_start_ms = 200;
  session().sink->on_model_event(speech);
  CAF_REQUIRE_EQUAL(speaker.interruptions.size(), 1u);
  CAF_CHECK(speaker.interruptions[0].overdue);
  CAF_CHECK_EQUAL(speaker.interruptions[0].at_ms, 200u);
  session().tell_audio("i1", "r1", 800);
  CAF_CHECK_EQUAL(speaker.bytes, 1600u);
  // What is said now interrupts.
  caller(1500, 8000, 0x22);
  speech.audio_start_ms =
      1700; // session time: a second was appended before, and half a second of gap
  session().sink->on_model_event(speech);
  CAF_REQUIRE_EQUAL(speaker.interruptions.size(), 2u);
  CAF_CHECK(!speaker.interruptions[1].overdue);
  session().tell_audio("i1", "r1", 800);
  CAF_CHECK_EQUAL(speaker.bytes, 1600u);
}

CAF_TEST(an answer that is due waits for the answer to what was said in the gap) {
  caller(0, 8000, 0x22);
  start_of_session setup;
  setup.history = {{storage::speaker::user, "Hello?"}};
  start(setup);
  configure();
  CAF_CHECK(session().sent<create_response>().empty());
  session().tell(type::speech_started, "u1");
  session().tell(type::speech_stopped, "u1");
  session().tell(type::response_created, {}, "r1"); // the server's own
  session().tell(type::response_done, {}, "r1");
  pass(10'000ms, 500ms);
  tick();
  CAF_CHECK(session().sent<create_response>().empty());
}

CAF_TEST(noise in the gap that the server does not take for speech delays the answer only) {
  caller(0, 8000, 0x22);
  start_of_session setup;
  setup.history = {{storage::speaker::user, "Hello?"}};
  start(setup);
  configure();
  pass(500ms);
  tick();
  CAF_CHECK_EQUAL(session().sent<create_response>().size(), 1u);
}

CAF_TEST(a response that failed is asked for again and the third failure ends the session) {
  start_greeting();
  configure();
  model_event failed;
  failed.type = type::response_done;
  failed.status = response_status::failed;
  failed.error_code = "rate_limit_exceeded";
  failed.response_id = "r";
  for (unsigned i = 1; i < defaults::model::response_failures_max; ++i) {
    session().tell(type::response_created, {}, "r");
    session().sink->on_model_event(failed);
    pass(i * 1000ms);
    tick();
    CAF_CHECK_EQUAL(session().sent<create_response>().size(), i + 1);
  }
  CAF_CHECK(!ended->has_value());
  session().tell(type::response_created, {}, "r");
  session().sink->on_model_event(failed);
  settle();
  CAF_CHECK(ended_with(actor_error::model_lost));
}

CAF_TEST(
    a stall while the caller speaks is padded with silence and the recorder hears nothing of it) {
  start();
  configure();
  for (uint64_t t = 0; t < 1000; t += 20)
    caller(t, 160);
  session().tell(type::speech_started, "u1");
  pass(1000ms);
  tick();
  tick();
  const auto heard = session().appended();
  CAF_REQUIRE_EQUAL(heard.size(), 16'000u);
  CAF_CHECK_EQUAL(heard[7999], 0x22);
  CAF_CHECK(std::all_of(heard.begin() + 8000, heard.end(), [](uint8_t b) { return b == 0xFF; }));
  session().tell(type::speech_stopped, "u1");
  pass(5000ms);
  tick();
  CAF_CHECK_EQUAL(session().appended().size(), 16'000u);
}

CAF_TEST(a gap in what the caller says reaches the session as silence) {
  start();
  configure();
  caller(0, 160);
  caller(500, 160);
  const auto heard = session().appended();
  CAF_REQUIRE_EQUAL(heard.size(), 520u * 8);
  CAF_CHECK(
      std::all_of(heard.begin() + 160, heard.end() - 160, [](uint8_t b) { return b == 0xFF; }));
}

CAF_TEST(how long a session has left is told with its readiness) {
  start();
  model_event created;
  created.type = type::session_created;
  created.session_id = "sess";
  created.expires_at_s = wall_now_ms() / 1000 + 3600;
  session().sink->on_model_event(created);
  session().tell(type::session_updated);
  settle();
  CAF_CHECK_GREATER(supervisor->left_ms, 3'590'000u);
  CAF_CHECK_LESS_OR_EQUAL(supervisor->left_ms, 3'600'000u);
}

CAF_TEST(who opened a session for later is told when it waits) {
  model_leg_setup setup;
  setup.connector = &model;
  auto waits = std::make_shared<int>(0);
  setup.opener = keep(sys.spawn([waits](caf::event_based_actor*) -> caf::behavior {
    return {[waits](atom::standby) { ++*waits; }};
  }));
  leg = spawn_openai_leg(sys, nullptr, std::move(setup));
  settle();
  CAF_CHECK_EQUAL(*waits, 0);
  configure();
  CAF_CHECK_EQUAL(*waits, 1);
}

CAF_TEST(a session that leaves while the next one is live takes nothing from it) {
  start();
  configure();
  auto first = leg;
  auto first_session = model.sessions[0];
  caf::anon_send(first, atom::finish_v);
  settle();
  start();
  configure();
  session().tell(type::response_created, {}, "r1");
  session().tell(type::audio_transcript_delta, "i1", "r1", "hello");
  on_line<openai_leg>(first);
  first_session->sink->on_model_closed(closed(link_end::closed_by_us));
  settle();
  caller(0, 160);
  CAF_CHECK_EQUAL(session().appended().size(), 160u);
  session().tell(type::audio_transcript_done, "i1", "r1", "hello there");
  const auto said = context->talk.history();
  CAF_REQUIRE_EQUAL(said.size(), 1u);
  CAF_CHECK_EQUAL(said[0].text, "hello there");
}

CAF_TEST_FIXTURE_SCOPE_END()
