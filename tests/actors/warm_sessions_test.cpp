#define CAF_SUITE warm_sessions
#define FAIL CAF_FAIL
#include "actors/openai_leg.hpp"
#include "actors/warm_sessions.hpp"
#include "conf/defaults/call.hpp"
#include "conf/defaults/model.hpp"
#include "conf/defaults/registry.hpp"
#include "tests/actors/fake_links.hpp"
#include "tests/actors/fakes.hpp"

using namespace switchboard;
using namespace switchboard::actors;
using namespace switchboard::test;
using namespace std::chrono_literals;

namespace {

struct fixture : virtual_world {
  conf::config config;
  fake_connector model;
  warm_sessions sessions{sys, nullptr, &model, &config};

  /// As the registry opens it: with the profile of the called number.
  void open(const std::string& call_id) {
    call_facts facts;
    facts.profile = built_in_profiles()->of("");
    sessions.open(call_id, facts);
    settle();
  }
  caf::actor opened(const std::string& call_id) {
    open(call_id);
    auto leg = sessions.take(call_id);
    if (leg)
      keep(leg);
    return leg;
  }
  void close_latest(link_end why) {
    auto* sink = model.latest().sink;
    dynamic_cast<openai_leg&>(*sink).context(sys.dummy_execution_unit());
    sink->on_model_closed(closed(why));
    settle();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(warm_sessions_tests, fixture)

CAF_TEST(a session is opened and configured before anybody takes it and is given away once) {
  open("call");
  settle();
  CAF_REQUIRE_EQUAL(model.sessions.size(), 1u);
  open("call"); // a retried webhook
  settle();
  CAF_CHECK_EQUAL(model.sessions.size(), 1u);
  auto leg = keep(sessions.take("call"));
  CAF_CHECK(leg);
  CAF_CHECK(!sessions.take("call"));
  CAF_CHECK_EQUAL(sessions.waiting(), 0u);
  on_line<openai_leg>(leg);
  model.latest().configure();
  CAF_CHECK(model.latest().names() == std::vector<std::string>{"update"});
}

CAF_TEST(a session that nobody takes closes when the ticket has run out) {
  open("call");
  settle();
  auto leg = sessions.take("call");
  open("call");
  settle();
  on_line<openai_leg>(leg);
  model.sessions[0]->configure();
  pass(std::chrono::milliseconds{defaults::registry::ticket_lifetime} + 1s, 1s);
  CAF_CHECK_EQUAL(model.sessions[0]->closes, 1u); // taken, but never put to use
  CAF_CHECK(model.sessions[1]->destroyed);        // never configured: given up before
  CAF_CHECK_EQUAL(sessions.waiting(), 0u);
  pass(defaults::call::ending_deadline + 1s, 1s);
  CAF_CHECK(model.sessions[0]->destroyed);
}

CAF_TEST(a session that was put to use outlives the ticket) {
  auto leg = opened("call");
  on_line<openai_leg>(leg);
  model.latest().configure();
  auto context = std::make_shared<call_context>();
  context->started = sys.clock().now();
  auto call = keep(sys.spawn(listener, std::make_shared<told>()));
  caf::anon_send(leg, atom::takeover_v, session_start{call, context, {}, true});
  pass(2 * std::chrono::milliseconds{defaults::registry::ticket_lifetime}, 1s);
  CAF_CHECK_EQUAL(model.latest().closes, 0u);
  CAF_CHECK(!model.latest().destroyed);
}

CAF_TEST(a session of a call that will not come is closed) {
  open("call");
  settle();
  sessions.drop("another");
  settle();
  CAF_CHECK_EQUAL(model.latest().closes, 0u);
  sessions.drop("call");
  settle();
  CAF_CHECK_EQUAL(model.latest().closes, 1u);
  CAF_CHECK(!sessions.take("call"));
  pass(defaults::call::ending_deadline + 1s, 1s);
  CAF_CHECK(model.latest().destroyed);
}

CAF_TEST(a session that died is not given away and another can be opened) {
  open("call");
  settle();
  close_latest(link_end::lost);
  CAF_CHECK_EQUAL(sessions.waiting(), 0u);
  CAF_CHECK(!sessions.take("call"));
  CAF_CHECK(opened("call"));
}

CAF_TEST(past the bound none is opened and a place that is free again is used) {
  for (size_t i = 0; i <= defaults::model::warm_sessions_max; ++i)
    open("call " + std::to_string(i));
  settle();
  CAF_CHECK_EQUAL(model.sessions.size(), defaults::model::warm_sessions_max);
  CAF_CHECK(!sessions.take("call " + std::to_string(defaults::model::warm_sessions_max)));
  sessions.drop("call 0");
  CAF_CHECK(opened("one more"));
  for (size_t i = 1; i < defaults::model::warm_sessions_max; ++i)
    sessions.drop("call " + std::to_string(i));
  pass(defaults::call::ending_deadline + 1s, 1s);
}

CAF_TEST_FIXTURE_SCOPE_END()
