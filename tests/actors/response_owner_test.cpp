#define CAF_SUITE response_owner
#define FAIL CAF_FAIL
#include "actors/response_owner.hpp"
#include "conf/defaults/model.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard::actors;
namespace limits = switchboard::defaults::model;

namespace {

struct fixture {
  response_owner owner;
  uint64_t now = 1000;
  unsigned sends = 0;

  void want(response_need why, const std::string& instructions = {}) {
    create_response request;
    request.instructions = instructions;
    owner.want(why, request, now);
  }
  /// Sends what is due. @returns its event id; empty if nothing was.
  std::string send() {
    if (!owner.next(now))
      return {};
    const auto id = "evt" + std::to_string(++sends);
    owner.sent(id, now);
    return id;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(response_owner_tests, fixture)

CAF_TEST(nothing is sent unless something was wanted) {
  CAF_CHECK(owner.idle());
  CAF_CHECK(send().empty());
  owner.on_created("r1", false, now);
  CAF_CHECK(!owner.idle());
  owner.on_done("r1");
  CAF_CHECK(owner.idle());
  CAF_CHECK(send().empty());
}

CAF_TEST(there are never two requests at once and wants that wait are merged) {
  want(response_need::any_answer, "greet");
  CAF_CHECK_EQUAL(std::string(owner.next(now)->instructions), "greet");
  owner.sent("evt1", now);
  want(response_need::after_items);
  want(response_need::after_items, "be brief");
  CAF_CHECK(!owner.next(now));
  owner.on_created("r1", false, now);
  CAF_CHECK(!owner.next(now));
  owner.on_done("r1");
  CAF_CHECK_EQUAL(std::string(owner.next(now)->instructions), "be brief");
  owner.sent("evt2", now);
  owner.on_created("r2", false, now);
  owner.on_done("r2");
  CAF_CHECK(!owner.next(now));
  CAF_CHECK(owner.idle());
}

CAF_TEST(an output of a tool that met a response of the server is answered after it) {
  want(response_need::after_items);
  const auto asked = send();
  owner.on_created("the server's", false, now);
  CAF_CHECK(owner.on_refused(asked, true, now));
  CAF_CHECK(send().empty());
  owner.on_done("the server's");
  CAF_CHECK(!send().empty());
}

CAF_TEST(a refusal may come before the response that it is about or after its end) {
  want(response_need::after_items);
  auto asked = send();
  CAF_CHECK(owner.on_refused(asked, true, now));
  owner.on_created("r1", false, now);
  CAF_CHECK(send().empty());
  owner.on_done("r1");
  asked = send();
  CAF_REQUIRE(!asked.empty());
  owner.on_created("r2", false, now);
  owner.on_done("r2");
  CAF_CHECK(owner.on_refused(asked, true, now)); // errors lag
  now += 1000;
  CAF_CHECK(!send().empty());
}

CAF_TEST(a greeting that met a response of the server is served by it) {
  want(response_need::any_answer, "greet");
  const auto asked = send();
  owner.on_created("r1", false, now);
  CAF_CHECK(owner.on_refused(asked, true, now));
  owner.on_done("r1");
  now += 10'000;
  CAF_CHECK(send().empty());
}

CAF_TEST(errors about other events are not ours) {
  want(response_need::any_answer);
  send();
  CAF_CHECK(!owner.on_refused("", true, now));
  CAF_CHECK(!owner.on_refused("another", true, now));
}

CAF_TEST(refusals without end are given up at the bound) {
  want(response_need::after_items);
  unsigned tries = 0;
  for (; tries < 50; ++tries) {
    const auto asked = send();
    if (asked.empty())
      break;
    owner.on_refused(asked, true, now);
    now += 10'000;
  }
  CAF_CHECK_EQUAL(tries, limits::response_conflicts_max + 1);
  CAF_CHECK(owner.idle());
}

CAF_TEST(while the caller speaks nothing is asked for and what the server answers then serves) {
  owner.caller_speaks();
  want(response_need::after_items);
  CAF_CHECK(send().empty());
  now += limits::items_seen_after_ms;
  owner.caller_stopped(now);
  CAF_CHECK(send().empty()); // the server answers by itself
  owner.on_created("r1", false, now);
  owner.on_done("r1");
  now += 60'000;
  CAF_CHECK(send().empty());
}

CAF_TEST(items added just before the server answers get an answer of their own) {
  owner.caller_speaks();
  want(response_need::after_items);
  owner.caller_stopped(now);
  now += limits::items_seen_after_ms - 1;
  owner.on_created("r1", false, now);
  owner.on_done("r1");
  now += limits::server_answer_ms;
  CAF_CHECK(!send().empty());
}

CAF_TEST(a server that does not answer a turn is asked to after a while) {
  owner.caller_speaks();
  want(response_need::any_answer);
  owner.caller_stopped(now);
  now += limits::server_answer_ms - 1;
  CAF_CHECK(send().empty());
  now += 1;
  CAF_CHECK(!send().empty());
}

CAF_TEST(a failed response is asked for again with growing pauses and at the bound given up) {
  want(response_need::any_answer, "greet");
  for (unsigned i = 1; i < limits::response_failures_max; ++i) {
    CAF_REQUIRE(!send().empty());
    owner.on_created("r", false, now);
    CAF_CHECK(owner.on_failed("r", now));
    now += i * limits::response_retry_ms - 1;
    CAF_CHECK(send().empty());
    now += 1;
  }
  CAF_CHECK_EQUAL(std::string(owner.next(now)->instructions), "greet");
  owner.on_created("r", false, now);
  CAF_CHECK(!owner.on_failed("r", now));
}

CAF_TEST(a response that succeeds forgives earlier failures) {
  for (int i = 0; i < 10; ++i) {
    owner.on_created("bad", false, now);
    CAF_CHECK(owner.on_failed("bad", now));
    owner.on_created("good", false, now);
    owner.on_done("good");
  }
}

CAF_TEST(a request that is never answered does not hold the next one for ever) {
  want(response_need::after_items);
  CAF_CHECK(!send().empty());
  want(response_need::after_items);
  now += limits::response_ack_ms - 1;
  CAF_CHECK(send().empty());
  now += 1;
  CAF_CHECK(!send().empty());
}

CAF_TEST(out of band responses are silent and hold nothing up) {
  owner.on_created("summary", true, now);
  CAF_CHECK(!owner.audible("summary"));
  CAF_CHECK(owner.is_silent("summary"));
  CAF_CHECK(owner.idle());
  want(response_need::any_answer);
  CAF_CHECK(!send().empty());
  CAF_CHECK(owner.on_failed("summary", now)); // not a failure of the conversation
  CAF_CHECK(owner.audible("r1"));
}

CAF_TEST(of silent responses at the bound the oldest is forgotten and the newest known) {
  for (size_t i = 0; i <= limits::silent_responses_max; ++i)
    owner.on_created("s" + std::to_string(i), true, now);
  CAF_CHECK(!owner.is_silent("s0"));
  CAF_CHECK(owner.is_silent("s1"));
  CAF_CHECK(owner.is_silent("s" + std::to_string(limits::silent_responses_max)));
}

CAF_TEST(the rest of an interrupted response is not audible and the next one is) {
  owner.on_created("r1", false, now);
  CAF_CHECK(owner.audible("r1"));
  owner.interrupt();
  CAF_CHECK(!owner.audible("r1"));
  owner.on_done("r1");
  CAF_CHECK(!owner.audible("r1")); // stragglers
  owner.on_created("r2", false, now);
  CAF_CHECK(owner.audible("r2"));
}

CAF_TEST(speech sent late holds a request until the server had time to notice it) {
  want(response_need::any_answer, "greet");
  owner.hold_until(now + 400);
  now += 399;
  CAF_CHECK(send().empty());
  now += 1;
  CAF_CHECK(!send().empty());
}

CAF_TEST(the output of a tool that the answer called is not held up by the turn before it) {
  owner.caller_speaks();
  owner.caller_stopped(now);
  owner.on_created("r1", false, now);
  want(response_need::after_items);
  CAF_CHECK(send().empty());
  owner.on_done("r1");
  CAF_CHECK(!send().empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
