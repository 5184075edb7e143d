#define CAF_SUITE review
#define FAIL CAF_FAIL
#include "actors/review_listener.hpp"
#include "conf/defaults/analysis.hpp"
#include "conf/defaults/call.hpp"
#include "tests/actors/call_world.hpp"

using namespace switchboard;
using namespace switchboard::actors;
using namespace switchboard::test;
using namespace std::chrono_literals;
using type = model_event_type;
namespace limits = switchboard::defaults::analysis;

namespace {

constexpr const char* good =
    R"({"sentiment":"negative","score":-0.5,"summary":"No table was free.","language":"de"})";

/// A call in which something was said, and its end.
struct reviewed_world : call_world {
  reviewed_world() { reviews = true; }

  void talk() {
    begin();
    configure();
    caller_says("u1", "A table, please.", 0, 1000);
    agent_says("r1", "a1", "There is none.", 800);
  }
  void call_ends() {
    caller_hangs_up();
    carrier_closes();
    pass(500ms);
  }
  size_t questions() {
    size_t count = 0;
    for (auto& session : model.sessions)
      for (auto& each : session->sent<create_response>())
        count += each.metadata_kind == review_kind ? 1 : 0;
    return count;
  }
  void tell(type what, const std::string& text = {},
            response_status status = response_status::none) {
    model_event event;
    event.type = what;
    event.response_id = "review";
    event.text = text;
    event.status = status;
    if (what == type::response_created)
      event.metadata_kind = review_kind;
    if (what == type::response_done)
      event.usage.emplace().total_tokens = 7;
    at_model().sink->on_model_event(event);
  }
  void model_says(const std::string& text) {
    tell(type::response_created);
    tell(type::text_done, text);
    tell(type::response_done, {}, response_status::completed);
    settle();
  }
  const std::string& metrics() { return *rows->figures.back().metrics_json; }
  bool told_of(const std::string& text) { return metrics().find(text) != std::string::npos; }
  void check_absent() {
    CAF_REQUIRE_EQUAL(rows->figures.size(), 1u);
    CAF_CHECK(!rows->figures[0].sentiment);
    CAF_CHECK(!rows->figures[0].sentiment_score);
    CAF_CHECK(!told_of("summary"));
    CAF_CHECK(!rows->metadata.back().language);
    CAF_CHECK_EQUAL(node->reviews.load(), 0u);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(review_tests, reviewed_world)

CAF_TEST(the session of a call that is over judges it and nothing waits for that) {
  talk();
  call_ends();
  CAF_CHECK_EQUAL(questions(), 1u);
  CAF_CHECK_EQUAL(model.latest().closes, 0u);
  CAF_CHECK(ended->has_value());
  CAF_CHECK_EQUAL(count(feed_type::call_ended), 1u);
  CAF_CHECK_EQUAL(node->active_calls.load(), 0u);
  CAF_CHECK_EQUAL(node->reviews.load(), 2u); // the leg and the analyst
  CAF_REQUIRE_EQUAL(rows->figures.size(), 1u);
  const auto updates = count(feed_type::call_updated);
  model_says(good);
  CAF_CHECK_EQUAL(model.latest().closes, 1u);
  model_closes();
  CAF_REQUIRE_EQUAL(rows->figures.size(), 1u); // the same row
  CAF_CHECK_EQUAL(rows->figures[0].sentiment.value_or(""), "negative");
  CAF_CHECK_EQUAL(rows->figures[0].sentiment_score.value_or(0), -0.5);
  CAF_CHECK(told_of(R"("summary":"No table was free.")"));
  CAF_CHECK(told_of(R"("total":7)"));
  CAF_CHECK_EQUAL(rows->metadata.back().language.value_or(""), "de");
  CAF_CHECK_EQUAL(count(feed_type::call_updated), updates + 1);
  CAF_CHECK_EQUAL(node->reviews.load(), 0u);
  CAF_CHECK(model.latest().destroyed);
}

CAF_TEST(nothing that the session still says is heard or written down) {
  talk();
  at_model().tell(type::response_created, {}, "r2");
  at_model().tell_audio("a2", "r2", 800);
  call_ends();
  CAF_CHECK_EQUAL(model.latest().sent<cancel_response>().size(), 1u);
  const auto before = wire->audio_bytes();
  const auto turns = rows->turns.size();
  at_model().tell_audio("a2", "r2", 800);
  at_model().tell(type::audio_transcript_done, "a2", "r2", "Too late.");
  model_says(good);
  settle();
  CAF_CHECK_EQUAL(wire->audio_bytes(), before);
  CAF_CHECK_EQUAL(rows->turns.size(), turns);
}

CAF_TEST(a model that does not answer leaves it absent and the session is closed in time) {
  talk();
  call_ends();
  pass(limits::review_deadline, 500ms);
  CAF_CHECK_EQUAL(model.latest().closes, 1u);
  pass(defaults::call::ending_deadline + 500ms, 500ms); // nor does it close
  CAF_CHECK(model.latest().destroyed);
  check_absent();
}

CAF_TEST(rubbish is absent and what it cost is counted) {
  talk();
  call_ends();
  model_says("The caller wanted a table.");
  model_closes();
  check_absent();
  CAF_CHECK(told_of(R"("total":7)"));
}

CAF_TEST(a session lost while it is asked leaves it absent at once) {
  talk();
  call_ends();
  lose_model();
  CAF_CHECK(model.latest().destroyed);
  CAF_CHECK_EQUAL(model.sessions.size(), 1u); // and no other is opened
  check_absent();
}

CAF_TEST(a call without a word of the caller is not asked about) {
  begin();
  configure();
  agent_says("r1", "a1", "Hello?", 800);
  call_ends();
  CAF_CHECK_EQUAL(questions(), 0u);
  CAF_CHECK_EQUAL(model.latest().closes, 1u);
}

CAF_TEST(nothing is asked when that is switched off or the node goes down or no session is there) {
  reviews = false;
  talk();
  call_ends();
  CAF_CHECK_EQUAL(questions(), 0u);
  call_world draining;
  draining.reviews = true;
  draining.begin();
  draining.configure();
  draining.caller_says("u1", "Hello?", 0, 1000);
  draining.node->draining = true;
  draining.caller_hangs_up();
  CAF_CHECK_EQUAL(draining.model.latest().closes, 1u);
  reviewed_world alone;
  alone.talk();
  alone.lose_model();
  alone.call_ends();
  CAF_CHECK_EQUAL(alone.questions(), 0u);
  CAF_CHECK(alone.ended->has_value());
}

CAF_TEST(a summary of what was said in a pause of the recording is not kept) {
  talk();
  ask<bool>(call, atom::pauserec_v, true);
  caller_says("u2", "4111 1111", 2000, 3000);
  ask<bool>(call, atom::pauserec_v, false);
  call_ends();
  model_says(good);
  CAF_CHECK_EQUAL(rows->figures.back().sentiment.value_or(""), "negative");
  CAF_CHECK(!told_of("summary"));
}

CAF_TEST_FIXTURE_SCOPE_END()
