#define CAF_SUITE registry
#define FAIL CAF_FAIL
#include "actors/outbound_actor.hpp"
#include "actors/registry.hpp"
#include "conf/defaults/registry.hpp"
#include "conf/defaults/tools.hpp"
#include "tests/actors/fake_links.hpp"
#include "tests/actors/fakes.hpp"

using namespace switchboard;
using namespace switchboard::actors;
using namespace switchboard::test;
using namespace std::chrono_literals;
namespace limits = switchboard::defaults::registry;

namespace {

/// A call actor as the registry sees it.
struct fake_call_log {
  std::vector<std::string> finished;
};
caf::behavior fake_call(caf::event_based_actor* self, std::shared_ptr<fake_call_log> log) {
  self->set_exit_handler([self](caf::exit_msg& stop) { self->quit(stop.reason); });
  return {
      [log](atom::finish, const std::string& why) { log->finished.push_back(why); },
      [log](atom::gone, const std::string& why) { log->finished.push_back(why); },
      [](atom::streamover) {
        return next_step{after_stream::reconnect, {}};
      },
  };
}

call_facts facts_of(const std::string& sid) {
  call_facts facts;
  facts.call_sid = sid;
  facts.from = "+15550001";
  return facts;
}

/// What the registry wants of recovery.
struct fake_recovery_log {
  std::vector<std::string> finished, asked;
  bool fails = false;
};
recovery_actor::behavior_type fake_recovery(recovery_actor::pointer,
                                            std::shared_ptr<fake_recovery_log> log) {
  return {
      [log](atom::past, const std::string& id) -> caf::result<storage::call_past_ptr> {
        log->asked.push_back(id);
        if (log->fails)
          return make_error(actor_error::database);
        auto past = std::make_shared<storage::call_past>();
        past->call_id = id;
        past->length_ms = 7000;
        return storage::call_past_ptr{past};
      },
      [log](atom::finish, const std::string& id) { log->finished.push_back(id); },
      [](atom::recover) { return recovery_report{}; },
      [](atom::commit) {},
      [](atom::restart) {},
  };
}

/// The carrier's REST API.
outbound_actor::behavior_type fake_carrier_api(outbound_actor::pointer,
                                               std::shared_ptr<std::vector<std::string>> ended) {
  return {[](atom::runtool, const tool_order&) { return tool_outcome{}; },
          [ended](atom::hangup, const std::string& sid) {
            ended->push_back(sid);
            return true;
          }};
}

struct fixture : faked_world {
  node_state_ptr node = std::make_shared<node_state>();
  std::shared_ptr<fake_call_log> call_log = std::make_shared<fake_call_log>();
  registry_actor registry =
      keep(spawn_registry(sys, {3, 2, built_in_profiles()}, database, feed, node));

  std::shared_ptr<fake_recovery_log> recovery_log = std::make_shared<fake_recovery_log>();

  /// As after a crash: CA1 (id `old`) was live in the process before.
  void restart_with_an_interrupted_call() {
    registry_settings settings;
    settings.calls_max = 3;
    settings.lines = 2;
    settings.profiles = built_in_profiles();
    settings.resume_window = 15s;
    settings.recovery = keep(sys.spawn(fake_recovery, recovery_log));
    storage::call_row row;
    row.id = "old";
    row.call_sid = "CA1";
    rows->calls["old"] = row;
    settings.interrupted = {row};
    registry = keep(spawn_registry(sys, settings, database, feed, node));
    settle();
  }
  after_stream stream_over(const std::string& sid) {
    return ask<next_step>(registry, atom::streamover_v, sid).value.value_or(next_step{}).what;
  }

  admission admit(const std::string& sid) {
    const auto answer = ask<admission>(registry, atom::admit_v, facts_of(sid));
    CAF_REQUIRE(answer.value.has_value());
    return *answer.value;
  }
  reply<stream_grant> claim(const std::string& sid, const std::string& nonce) {
    stream_claim wanted;
    wanted.start.call_sid = sid;
    wanted.start.stream_sid = "MZ";
    wanted.nonce = nonce;
    return ask<stream_grant>(registry, atom::claim_v, wanted);
  }
  reply<stream_grant> claim_without_ticket(const std::string& sid) {
    stream_claim wanted;
    wanted.start.call_sid = sid;
    wanted.facts = facts_of(sid);
    return ask<stream_grant>(registry, atom::claim_v, wanted);
  }
  /// Admits a call, claims its stream and lets a call actor report itself.
  std::pair<std::string, caf::actor> live_call(const std::string& sid) {
    const auto admitted = admit(sid);
    CAF_REQUIRE(claim(sid, admitted.nonce).value.has_value());
    auto call = keep(sys.spawn(fake_call, call_log));
    caf::anon_send(registry, atom::live_v, admitted.call_id, call);
    settle();
    return {admitted.call_id, call};
  }
  bool report(const std::string& sid, const std::string& status, int64_t sequence) {
    status_callback what;
    what.call_sid = sid;
    what.status = status;
    what.sequence = sequence;
    return ask<bool>(registry, atom::callback_v, what).value.value_or(false);
  }
  storage::call_status status_of(const std::string& id) { return rows->calls.at(id).status; }
  size_t ends() { return events->of(feed_type::call_ended).size(); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(registry_tests, fixture)

CAF_TEST(an admission has a row and an event and a retry gets the same answer) {
  const auto first = admit("CA1");
  CAF_REQUIRE_EQUAL(rows->calls.count(first.call_id), 1u);
  CAF_CHECK_EQUAL(rows->calls[first.call_id].call_sid, "CA1");
  CAF_CHECK_EQUAL(rows->calls[first.call_id].agent, "assistant");
  const auto again = admit("CA1");
  CAF_CHECK_EQUAL(again.call_id, first.call_id);
  CAF_CHECK_EQUAL(again.nonce, first.nonce);
  CAF_CHECK_EQUAL(rows->calls.size(), 1u);
  CAF_CHECK_EQUAL(events->of(feed_type::call_started).size(), 1u);
  CAF_CHECK_EQUAL(node->active_calls.load(), 1u);
}

CAF_TEST(retries while the row is being written share it and are answered after it) {
  rows->holding = true;
  auto first = begin_ask<admission>(registry, atom::admit_v, facts_of("CA1"));
  auto second = begin_ask<admission>(registry, atom::admit_v, facts_of("CA1"));
  settle();
  CAF_CHECK(!first->came());
  CAF_CHECK(!second->came());
  CAF_CHECK_EQUAL(rows->tries, 1u);
  release_rows();
  CAF_REQUIRE(first->value && second->value);
  CAF_CHECK_EQUAL(first->value->nonce, second->value->nonce);
}

CAF_TEST(a row that cannot be written refuses the call and leaves nothing behind) {
  rows->failures = 1;
  const auto answer = ask<admission>(registry, atom::admit_v, facts_of("CA1"));
  CAF_REQUIRE(answer.failed.has_value());
  CAF_CHECK(*answer.failed == actor_error::database);
  CAF_CHECK_EQUAL(node->active_calls.load(), 0u);
  CAF_CHECK(events->all.empty());
  admit("CA1");
}

CAF_TEST(a call that the database knows already goes on under its old id) {
  storage::call_row old;
  old.id = "old-id";
  old.call_sid = "CA1";
  rows->calls["old-id"] = old;
  CAF_CHECK_EQUAL(admit("CA1").call_id, "old-id");
  CAF_CHECK(events->of(feed_type::call_started).empty());
}

CAF_TEST(while every line is late new calls are refused and known ones go on) {
  const auto known = live_call("CA1");
  node->line_late[0] = true;
  admit("CA2"); // the other line keeps up
  node->line_late[1] = true;
  const auto refused = ask<admission>(registry, atom::admit_v, facts_of("CA3"));
  CAF_REQUIRE(refused.failed.has_value());
  CAF_CHECK(*refused.failed == actor_error::full);
  CAF_CHECK(claim_without_ticket("CA4").failed.has_value());
  const auto again = admit("CA1"); // its carrier comes back
  CAF_CHECK_EQUAL(again.call_id, known.first);
  CAF_CHECK(claim("CA1", again.nonce).value.has_value());
  CAF_CHECK(claim("CA2", admit("CA2").nonce).value.has_value()); // promised before
  node->line_late[0] = false;
  const auto taken = claim("CA3", admit("CA3").nonce);
  CAF_REQUIRE(taken.value.has_value());
  CAF_CHECK_EQUAL(taken.value->line, 0u);
  CAF_CHECK_EQUAL(at(node->metrics.admissions, admission_result::overloaded).load(), 2u);
  CAF_CHECK_EQUAL(at(node->metrics.admissions, admission_result::accepted).load(), 3u);
}

CAF_TEST(while the disk is nearly full new calls are refused and known ones go on) {
  const auto known = live_call("CA1");
  node->storage.refusing = true;
  const auto refused = ask<admission>(registry, atom::admit_v, facts_of("CA2"));
  CAF_REQUIRE(refused.failed.has_value());
  CAF_CHECK(*refused.failed == actor_error::full);
  CAF_CHECK(claim_without_ticket("CA3").failed.has_value());
  CAF_CHECK_EQUAL(admit("CA1").call_id, known.first);
  CAF_CHECK_EQUAL(at(node->metrics.admissions, admission_result::disk).load(), 2u);
  node->storage.refusing = false;
  admit("CA2");
}

CAF_TEST(how long a call lasted does not hang on the wall clock) {
  const auto admitted = admit("CA1");
  pass(limits::ticket_lifetime + 2s, 1s); // of virtual time; the wall clock stands still meanwhile
  const auto& row = rows->calls[admitted.call_id];
  CAF_CHECK_GREATER_OR_EQUAL(row.duration_s.value_or(0), limits::ticket_lifetime.count());
  CAF_CHECK_GREATER_OR_EQUAL(row.end_time.value_or(0) - row.start_time,
                             limits::ticket_lifetime.count() * 1000);
}

CAF_TEST(an end that the database does not take is written as soon as it does) {
  const auto first = admit("CA1");
  auto [id, call] = live_call("CA2");
  rows->failures = -1;
  storage::call_update end;
  end.status = storage::call_status::completed;
  end.end_time = 1000;
  caf::anon_send(registry, atom::ended_v, id, end); // by the call, after tries of its own
  pass(limits::ticket_lifetime + 2s, 1s);           // the first one's stream never came
  CAF_CHECK_EQUAL(node->active_calls.load(), 0u);
  CAF_CHECK_EQUAL(node->ends_waiting.load(), 2u);
  CAF_CHECK_EQUAL(ends(), 0u);
  rows->failures = 0;
  pass(limits::end_retry + 2s, 1s);
  CAF_CHECK(status_of(first.call_id) == storage::call_status::failed);
  CAF_CHECK(status_of(id) == storage::call_status::completed);
  CAF_CHECK_EQUAL(ends(), 2u);
  CAF_CHECK_EQUAL(node->ends_waiting.load(), 0u);
}

CAF_TEST(ends that wait do not besiege the database) {
  rows->failures = -1;
  storage::call_update end;
  end.status = storage::call_status::completed;
  end.end_time = 1000;
  for (int i = 0; i < 100; ++i)
    caf::anon_send(registry, atom::ended_v, "call-" + std::to_string(i), end);
  settle();
  const auto before = rows->tries;
  pass(60s, 1s);
  CAF_CHECK_LESS_OR_EQUAL(rows->tries - before, 13u); // one each end_retry
}

CAF_TEST(ends are kept up to a bound and the node knows that some are missing) {
  rows->failures = -1;
  storage::call_update end;
  end.status = storage::call_status::completed;
  end.end_time = 1000;
  for (size_t i = 0; i < limits::ends_waiting_max + 5; ++i)
    caf::anon_send(registry, atom::ended_v, "call-" + std::to_string(i), end);
  settle();
  CAF_CHECK_EQUAL(node->ends_waiting.load(), limits::ends_waiting_max + 5);
  rows->failures = 0; // of calls without a row: there is nothing to end
  pass(limits::end_retry + 2s, 1s);
  CAF_CHECK_EQUAL(node->ends_waiting.load(), 5u);
}

CAF_TEST(past its capacity calls are refused until one ends) {
  admit("CA1");
  admit("CA2");
  const auto third = admit("CA3");
  auto answer = ask<admission>(registry, atom::admit_v, facts_of("CA4"));
  CAF_REQUIRE(answer.failed.has_value());
  CAF_CHECK(*answer.failed == actor_error::full);
  admit("CA1"); // a retry is no new call
  caf::anon_send(registry, atom::ended_v, third.call_id);
  settle();
  admit("CA4");
}

CAF_TEST(a draining node admits nothing new and goes on with what it has) {
  auto [id, call] = live_call("CA1");
  caf::anon_send(registry, atom::drain_v, false);
  settle();
  CAF_CHECK(node->draining);
  CAF_CHECK(call_log->finished.empty());
  const auto refused = ask<admission>(registry, atom::admit_v, facts_of("CA2"));
  CAF_REQUIRE(refused.failed.has_value());
  CAF_CHECK(*refused.failed == actor_error::draining);
  const auto stray = claim_without_ticket("CA3");
  CAF_REQUIRE(stray.failed.has_value());
  CAF_CHECK(*stray.failed == actor_error::draining);
  const auto known = admit("CA1");
  CAF_CHECK(known.resumed);
  CAF_CHECK(claim("CA1", known.nonce).value.has_value());
}

CAF_TEST(drained to the end it ends live calls and those without a stream) {
  auto [id, call] = live_call("CA1");
  const auto waiting = admit("CA2");
  caf::anon_send(registry, atom::drain_v, true);
  settle();
  CAF_CHECK_EQUAL(call_log->finished.size(), 1u);
  CAF_CHECK(status_of(waiting.call_id) == storage::call_status::failed);
  CAF_CHECK_EQUAL(ends(), 1u);
}

CAF_TEST(a webhook whose call is ended while its row is written gets an answer) {
  rows->holding = true;
  auto webhook = begin_ask<admission>(registry, atom::admit_v, facts_of("CA1"));
  settle();
  caf::anon_send(registry, atom::drain_v, true);
  settle();
  release_rows();
  CAF_CHECK(webhook->failed.has_value());
  CAF_CHECK_EQUAL(node->active_calls.load(), 0u);
}

CAF_TEST(a ticket is good for its call and once) {
  const auto first = admit("CA1");
  const auto second = admit("CA2");
  CAF_CHECK(*claim("CA1", "wrong").failed == actor_error::bad_ticket);
  CAF_CHECK(*claim("CA1", "").failed == actor_error::bad_ticket);
  CAF_CHECK(*claim("CA1", second.nonce).failed == actor_error::bad_ticket);
  CAF_CHECK(*claim("CA9", first.nonce).failed == actor_error::bad_ticket);
  const auto granted = claim("CA1", first.nonce);
  CAF_REQUIRE(granted.value.has_value());
  CAF_CHECK_EQUAL(granted.value->call_id, first.call_id);
  CAF_CHECK_EQUAL(granted.value->facts.from, "+15550001");
  CAF_CHECK(!granted.value->resumed);
  CAF_CHECK(*claim("CA1", first.nonce).failed == actor_error::bad_ticket);
  const auto other = claim("CA2", second.nonce);
  CAF_REQUIRE(other.value.has_value());
  CAF_CHECK_NOT_EQUAL(other.value->line, granted.value->line);
}

CAF_TEST(a call that comes back is handed to its actor on its line) {
  const auto admitted = admit("CA1");
  const auto first = claim("CA1", admitted.nonce);
  auto call = keep(sys.spawn(fake_call, call_log));
  caf::anon_send(registry, atom::live_v, admitted.call_id, call);
  settle();
  const auto over = ask<next_step>(registry, atom::streamover_v, std::string{"CA1"});
  CAF_CHECK(over.value.value_or(next_step{}).what == after_stream::reconnect);
  const auto again = admit("CA1");
  CAF_CHECK(again.resumed);
  CAF_CHECK_NOT_EQUAL(again.nonce, admitted.nonce);
  const auto second = claim("CA1", again.nonce);
  CAF_REQUIRE(second.value.has_value());
  CAF_CHECK(second.value->resumed);
  CAF_CHECK_EQUAL(second.value->call, call);
  CAF_CHECK_EQUAL(second.value->line, first.value->line);
}

CAF_TEST(a stream without a ticket makes its call) {
  const auto granted = claim_without_ticket("CA1");
  CAF_REQUIRE(granted.value.has_value());
  CAF_CHECK_EQUAL(rows->calls.count(granted.value->call_id), 1u);
  CAF_CHECK_EQUAL(events->of(feed_type::call_started).size(), 1u);
}

CAF_TEST(a call whose stream never comes fails when its ticket is over) {
  const auto admitted = admit("CA1");
  pass(limits::ticket_lifetime - 2s, 500ms);
  CAF_CHECK(status_of(admitted.call_id) == storage::call_status::active);
  pass(4s, 500ms);
  CAF_CHECK(status_of(admitted.call_id) == storage::call_status::failed);
  CAF_CHECK_EQUAL(ends(), 1u);
  CAF_CHECK_EQUAL(node->active_calls.load(), 0u);
  CAF_CHECK(*claim("CA1", admitted.nonce).failed == actor_error::bad_ticket);
}

CAF_TEST(a granted stream whose call never reports itself fails and the late call is ended) {
  const auto admitted = admit("CA1");
  claim("CA1", admitted.nonce);
  pass(limits::launch_deadline + 2s, 500ms);
  CAF_CHECK(status_of(admitted.call_id) == storage::call_status::failed);
  auto late = keep(sys.spawn(fake_call, call_log));
  auto end = watch(late);
  caf::anon_send(registry, atom::live_v, admitted.call_id, late);
  settle();
  CAF_CHECK(end->has_value());
}

CAF_TEST(a call actor that dies leaves a failed row and one end) {
  auto [id, call] = live_call("CA1");
  caf::anon_send_exit(call, caf::exit_reason::kill);
  settle();
  CAF_CHECK(status_of(id) == storage::call_status::failed);
  CAF_CHECK(rows->calls[id].end_time.has_value());
  CAF_CHECK_EQUAL(ends(), 1u);
  CAF_CHECK_EQUAL(node->active_calls.load(), 0u);
}

CAF_TEST(a call that ended by itself is forgotten without another end) {
  auto [id, call] = live_call("CA1");
  caf::anon_send(registry, atom::ended_v, id);
  caf::anon_send_exit(call, caf::exit_reason::user_shutdown);
  settle();
  CAF_CHECK(status_of(id) == storage::call_status::active); // its own actor wrote, not the registry
  CAF_CHECK_EQUAL(ends(), 0u);
  CAF_CHECK_EQUAL(node->active_calls.load(), 0u);
}

CAF_TEST(a terminal status ends the call whatever the order of callbacks) {
  std::vector<std::pair<std::string, int64_t>> callbacks{
      {"initiated", 0}, {"ringing", 1}, {"in-progress", 2}, {"completed", 3}};
  std::sort(callbacks.begin(), callbacks.end());
  int sid = 0;
  do {
    const auto name = "CA" + std::to_string(++sid);
    auto [id, call] = live_call(name);
    const auto before = call_log->finished.size();
    for (auto& [status, sequence] : callbacks)
      CAF_CHECK(report(name, status, sequence));
    CAF_CHECK_EQUAL(call_log->finished.size(), before + 1);
    caf::anon_send(registry, atom::ended_v, id);
    settle();
  } while (std::next_permutation(callbacks.begin(), callbacks.end()));
  CAF_CHECK_EQUAL(sid, 24);
}

CAF_TEST(a terminal status that comes while the row is written ends the call with its row) {
  rows->holding = true;
  auto webhook = begin_ask<admission>(registry, atom::admit_v, facts_of("CA1"));
  settle();
  CAF_CHECK(report("CA1", "canceled", 1));
  release_rows();
  CAF_REQUIRE(webhook->value.has_value());
  rows->holding = false;
  release_rows();
  CAF_CHECK(status_of(webhook->value->call_id) == storage::call_status::failed);
  CAF_CHECK_EQUAL(ends(), 1u);
  CAF_CHECK_EQUAL(node->active_calls.load(), 0u);
}

CAF_TEST(a second stream before the first has its call actor is refused) {
  const auto admitted = admit("CA1");
  CAF_REQUIRE(claim("CA1", admitted.nonce).value.has_value());
  const auto again = admit("CA1");
  CAF_CHECK_NOT_EQUAL(again.nonce, admitted.nonce);
  CAF_CHECK(!claim("CA1", again.nonce).value.has_value());
}

CAF_TEST(a terminal status of a call without a stream writes its end) {
  const auto busy = admit("CA1");
  const auto done = admit("CA2");
  CAF_CHECK(report("CA1", "no-answer", 1));
  CAF_CHECK(report("CA2", "completed", 1));
  CAF_CHECK(!report("CA9", "completed", 1));
  CAF_CHECK(status_of(busy.call_id) == storage::call_status::failed);
  CAF_CHECK(status_of(done.call_id) == storage::call_status::completed);
  CAF_CHECK_EQUAL(ends(), 2u);
}

CAF_TEST(hanging up reaches the call and an unknown one is not found) {
  auto [id, call] = live_call("CA1");
  CAF_CHECK(ask<bool>(registry, atom::hangup_v, id).value.value_or(false));
  CAF_CHECK_EQUAL(call_log->finished.size(), 1u);
  const auto unknown = ask<bool>(registry, atom::hangup_v, std::string{"nobody"});
  CAF_REQUIRE(unknown.failed.has_value());
  CAF_CHECK(*unknown.failed == actor_error::not_found);
}

CAF_TEST(a call that outlives its bound is ended by the reaper and at the carrier too) {
  auto profile = conf::built_in_profile({});
  profile.limits.call_s = 60;
  auto all = std::make_shared<conf::agent_profiles>();
  all->fallback = std::make_shared<conf::agent_profile>(profile);
  auto hung_up = std::make_shared<std::vector<std::string>>();
  registry_settings settings{3, 2, std::make_shared<conf::profile_store>(all)};
  settings.outbound = keep(sys.spawn(fake_carrier_api, hung_up));
  registry = keep(spawn_registry(sys, settings, database, feed, node));
  const auto [id, call] = live_call("CA1"); // it never ends by itself
  const auto gone = watch(call);
  pass(60s + defaults::tools::reaper_grace - 1s, 1s);
  CAF_CHECK(!gone->has_value());
  CAF_CHECK(status_of(id) == storage::call_status::active);
  pass(1s + 2 * limits::housekeeping, 1s);
  CAF_CHECK(gone->has_value());
  CAF_CHECK(status_of(id) == storage::call_status::failed);
  CAF_CHECK_EQUAL(ends(), 1u);
  CAF_REQUIRE_EQUAL(hung_up->size(), 1u);
  CAF_CHECK_EQUAL(hung_up->front(), "CA1");
  CAF_CHECK_EQUAL(node->active_calls.load(), 0u);
  pass(1h, 60s);
  CAF_CHECK_EQUAL(hung_up->size(), 1u); // once
}

CAF_TEST(a call without a stream that is over is ended at the carrier by a request) {
  auto hung_up = std::make_shared<std::vector<std::string>>();
  registry_settings settings{3, 2, built_in_profiles()};
  settings.outbound = keep(sys.spawn(fake_carrier_api, hung_up));
  registry = keep(spawn_registry(sys, settings, database, feed, node));
  const auto late = admit("CA1").call_id;
  pass(limits::ticket_lifetime + 2 * limits::housekeeping, 1s); // no socket holds it
  CAF_CHECK(status_of(late) == storage::call_status::failed);
  ask<bool>(registry, atom::hangup_v, admit("CA2").call_id); // the API ends it
  CAF_REQUIRE_EQUAL(hung_up->size(), 2u);
  CAF_CHECK_EQUAL(hung_up->front() + hung_up->back(), "CA1CA2");
}

CAF_TEST(a stream that is over and has no actor is hung up) {
  admit("CA1");
  for (auto sid : {"CA1", "CA9"}) {
    const auto next = ask<next_step>(registry, atom::streamover_v, std::string{sid});
    CAF_CHECK(next.value.value_or(next_step{after_stream::reconnect, {}}).what ==
              after_stream::hang_up);
  }
}

CAF_TEST(sessions are opened at the webhook and closed when the call does not come) {
  fake_connector model;
  conf::config config;
  auto line = [&] { return std::make_shared<warm_sessions>(sys, nullptr, &model, &config); };
  std::vector<std::shared_ptr<warm_sessions>> lines{line(), line()};
  registry_settings settings{3, 2, built_in_profiles()};
  settings.prewarmer = std::make_shared<session_prewarmer>(lines);
  registry = keep(spawn_registry(sys, settings, database, feed, node));
  const auto first = admit("CA1");
  admit("CA1"); // a retried webhook
  CAF_CHECK_EQUAL(model.sessions.size(), 1u);
  const auto granted = claim("CA1", first.nonce);
  CAF_REQUIRE(granted.value.has_value());
  CAF_CHECK_EQUAL(lines[granted.value->line]->waiting(), 1u); // on the line of the stream
  admit("CA2");
  CAF_CHECK_EQUAL(model.sessions.size(), 2u);
  report("CA2", "completed", 0);
  CAF_CHECK_EQUAL(model.sessions[1]->closes, 1u);
  CAF_CHECK_EQUAL(model.sessions[0]->closes, 0u);
  lines[granted.value->line]->drop(first.call_id);
  pass(6000ms, 1000ms);
}

CAF_TEST(a call that the carrier brings back after a crash goes on on its row) {
  restart_with_an_interrupted_call();
  CAF_CHECK(stream_over("CA1") == after_stream::reconnect);
  const auto admitted = admit("CA1");
  CAF_CHECK_EQUAL(admitted.call_id, "old");
  CAF_CHECK(admitted.resumed);
  CAF_CHECK(events->of(feed_type::call_started).empty());
  const auto granted = claim("CA1", admitted.nonce);
  CAF_REQUIRE(granted.value.has_value());
  CAF_CHECK(!granted.value->resumed); // there is no actor of it
  CAF_REQUIRE(granted.value->past != nullptr);
  CAF_CHECK_EQUAL(granted.value->past->length_ms, 7000u);
  pass(20s);
  CAF_CHECK_EQUAL(recovery_log->asked.size(), 1u);
}

CAF_TEST(an interrupted call that does not come back is given to recovery once) {
  restart_with_an_interrupted_call();
  pass(14s);
  CAF_CHECK(recovery_log->finished.empty());
  pass(3s);
  CAF_CHECK_EQUAL(recovery_log->finished.size(), 1u);
  CAF_CHECK(stream_over("CA1") == after_stream::hang_up);
  pass(60s);
  CAF_CHECK_EQUAL(recovery_log->finished.size(), 1u);
}

CAF_TEST(an interrupted call that was admitted again and sends no stream is given to recovery) {
  restart_with_an_interrupted_call();
  admit("CA1");
  pass(90s);
  CAF_CHECK_EQUAL(recovery_log->finished.size(), 1u);
  CAF_CHECK(rows->calls["old"].status == storage::call_status::active); // recovery ends it
}

CAF_TEST(an interrupted call that the carrier or the API ends is given to recovery at once) {
  restart_with_an_interrupted_call();
  CAF_CHECK(report("CA1", "in-progress", 1));
  CAF_CHECK(recovery_log->finished.empty());
  CAF_CHECK(report("CA1", "completed", 2));
  CAF_CHECK_EQUAL(recovery_log->finished.size(), 1u);
  restart_with_an_interrupted_call();
  CAF_CHECK(ask<bool>(registry, atom::hangup_v, std::string{"old"}).value.value_or(false));
  CAF_CHECK_EQUAL(recovery_log->finished.size(), 2u);
  restart_with_an_interrupted_call();
  caf::anon_send(registry, atom::drain_v, true);
  settle();
  CAF_CHECK_EQUAL(recovery_log->finished.size(), 3u);
}

CAF_TEST(an interrupted call of which nothing can be read is refused and finished later) {
  restart_with_an_interrupted_call();
  recovery_log->fails = true;
  const auto answer = ask<admission>(registry, atom::admit_v, facts_of("CA1"));
  CAF_CHECK(answer.failed.has_value());
  CAF_CHECK_EQUAL(recovery_log->finished.size(), 1u);
  CAF_CHECK_EQUAL(node->active_calls.load(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
