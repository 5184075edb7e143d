#define CAF_SUITE openai_leg
#define FAIL CAF_FAIL
#include "actors/openai_leg.hpp"
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
  size_t bytes = 0, flushes = 0;
  names done;
  void on_agent_audio(std::string_view, audio::byte_view pcmu) override { bytes += pcmu.size; }
  void on_agent_item_done(std::string_view item) override { done.emplace_back(item); }
  void on_agent_read_end() override { ++flushes; }
};

struct fixture : virtual_world {
  call_context_ptr context = std::make_shared<call_context>();
  std::shared_ptr<told> supervisor = std::make_shared<told>();
  std::shared_ptr<told> carrier = std::make_shared<told>();
  caf::actor call = keep(sys.spawn(listener, supervisor));
  caf::actor carrier_leg = keep(sys.spawn(listener, carrier));
  fake_connector model;
  speaker_probe speaker;
  caf::actor leg;
  std::shared_ptr<std::optional<caf::error>> ended;

  fixture() { context->started = sys.clock().now(); }
  ~fixture() override {
    caf::anon_send_exit(leg, caf::exit_reason::kill);
    settle();
  }

  void start(model_leg_setup setup = {}) {
    setup.connector = &model;
    context->bridge.set_carrier(&speaker);
    leg = spawn_openai_leg(sys, nullptr, call, carrier_leg, context, std::move(setup));
    ended = watch(leg);
    settle();
  }
  void start_greeting() {
    model_leg_setup setup;
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
  model_leg_setup setup;
  setup.greeting = "hello";
  setup.history = {{storage::speaker::assistant, "Hi."},
                   {storage::speaker::user, "Are you there?"}};
  setup.answer_due = true;
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
  model_leg_setup setup;
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
  CAF_CHECK(session().names()[1] == "respond"); // the greeting goes before it
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
  CAF_CHECK_EQUAL(carrier->cleared, 1u);
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
  audio::cut_result cut;
  cut.truncations = {{"i1", 640}, {"i2", 0}};
  caf::anon_send(leg, atom::truncate_v, cut);
  settle();
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
  caller(1000, 8000);  // session 0..1000 is call 1000..2000
  caller(5000, 16000); // session 1000..3000 is call 5000..7000
  model_event speech;
  speech.type = type::speech_started;
  speech.item_id = "u1";
  speech.audio_start_ms = 1500;
  session().sink->on_model_event(speech);
  speech.type = type::speech_stopped;
  speech.audio_end_ms = 2500;
  session().sink->on_model_event(speech);
  session().tell(type::transcription_completed, "u1", {}, "after the gap");
  const auto updates = context->talk.take_updates();
  CAF_REQUIRE_EQUAL(updates.size(), 1u);
  CAF_CHECK_EQUAL(updates[0].start_ms, 5500u);
  CAF_CHECK_EQUAL(updates[0].end_ms.value_or(0), 6500u);
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
  model_leg_setup setup;
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

CAF_TEST_FIXTURE_SCOPE_END()
