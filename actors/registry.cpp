#include "actors/registry.hpp"

#include "actors/actor_error.hpp"
#include "actors/registry_state.hpp"
#include "actors/wall_clock.hpp"
#include "conf/defaults/database.hpp"
#include "conf/defaults/registry.hpp"
#include "conf/defaults/tools.hpp"
#include "conf/log.hpp"
#include "storage/call_store.hpp"

namespace switchboard::actors {

namespace {

namespace limits = defaults::registry;

int64_t now_s() {
  return wall_now_ms() / 1000;
}

} // namespace

// -- admission
// ---------------------------------------------------------------------------------------

/// Why no new call is taken now. Calls that are known go on whatever the load.
std::optional<admission_result> registry_state::refusal() const {
  if (node->draining)
    return admission_result::draining;
  if (table.full())
    return admission_result::full;
  if (node->storage.refusing)
    return admission_result::disk;
  for (size_t i = 0; i < table.lines(); ++i)
    if (!node->line_late[i])
      return std::nullopt;
  return admission_result::overloaded;
}

caf::error registry_state::refuse(admission_result why) {
  ++at(node->metrics.admissions, why);
  return make_error(why == admission_result::draining ? actor_error::draining : actor_error::full);
}

caf::result<admission> registry_state::admit(const call_facts& facts) {
  auto* known = table.by_sid(facts.call_sid);
  if (known != nullptr && known->phase != call_phase::creating)
    return admission_of(*known, known->phase == call_phase::live);
  if (known == nullptr && interrupted.count(facts.call_sid) == 0)
    if (auto why = refusal())
      return refuse(*why);
  auto promise = self->make_response_promise<admission>();
  waiting[facts.call_sid].push_back(
      [this, promise, sid = facts.call_sid](const caf::error* failed) mutable {
        auto* entry = table.by_sid(sid);
        if (failed != nullptr || entry == nullptr)
          promise.deliver(failed != nullptr ? *failed : make_error(actor_error::not_found));
        else
          promise.deliver(admission_of(*entry, false));
      });
  if (known == nullptr)
    begin_call(facts);
  return promise;
}

void registry_state::create_row(const call_facts& facts) {
  auto& entry = table.add(storage::make_uuid(), facts);
  entry.facts.profile = settings.profiles->of(facts.to);
  entry.started_wall_ms = wall_now_ms();
  entry.started = now();
  count();
  storage::call_row row;
  row.id = entry.call_id;
  row.call_sid = facts.call_sid;
  row.caller = facts.from;
  row.agent = entry.facts.profile->name;
  row.start_time = entry.started_wall_ms;
  self->request(writer, caf::duration{defaults::database::write_timeout}, atom::putcall_v, row)
      .then([this, sid = facts.call_sid](const storage::call_row& r) { row_created(sid, r); },
            [this, sid = facts.call_sid](const caf::error& why) { row_failed(sid, why); });
}

void registry_state::row_created(const std::string& call_sid, const storage::call_row& row) {
  auto promises = std::move(waiting[call_sid]);
  waiting.erase(call_sid);
  auto* entry = table.by_sid(call_sid);
  if (entry == nullptr) { // ended while its row was being written
    for (auto& answer : promises)
      answer(nullptr);
    return;
  }
  const bool is_new = entry->call_id == row.id && !entry->taken_over;
  entry = &table.rename(*entry, row.id);
  entry->phase = call_phase::expected;
  entry->deadline = now() + limits::ticket_lifetime;
  if (is_new) {
    log::info("registry", "call admitted", {{"call_id", row.id}, {"call_sid", call_sid}});
    ++at(node->metrics.admissions, admission_result::accepted);
    feed_event event;
    event.type = feed_type::call_started;
    event.call_id = row.id;
    event.data = row;
    caf::anon_send(feed, atom::publish_v, std::move(event));
  }
  const auto early_end = entry->early_end;
  const auto call_id = entry->call_id;
  for (auto& answer : promises)
    answer(nullptr);
  if (early_end)
    end_without_actor(call_id, *early_end, false);
}

void registry_state::row_failed(const std::string& call_sid, const caf::error& why) {
  log::error("registry", "the call's row could not be written",
             {{"call_sid", call_sid}, {"why", caf::to_string(why)}});
  ++at(node->metrics.admissions, admission_result::database);
  if (auto* entry = table.by_sid(call_sid)) {
    if (entry->taken_over)
      hand_back(entry->call_id);
    table.remove(entry->call_id);
  }
  count();
  auto promises = std::move(waiting[call_sid]);
  waiting.erase(call_sid);
  auto failed = make_error(actor_error::database);
  for (auto& answer : promises)
    answer(&failed);
}

admission registry_state::admission_of(call_entry& entry, bool resumed) {
  table.renew_ticket(entry, storage::make_uuid(), now_s(), limits::ticket_lifetime.count());
  if (entry.phase == call_phase::expected) {
    entry.deadline = now() + limits::ticket_lifetime;
    prewarm(entry);
  }
  return {entry.call_id, entry.nonce, entry.nonce_expires_at_s, resumed || entry.taken_over,
          entry.facts.profile};
}

/// The call's model session opens on the line that its stream will be handed to.
void registry_state::prewarm(call_entry& entry) {
  if (settings.prewarmer != nullptr && !entry.nonce_used)
    settings.prewarmer->open(table.assign_line(entry), entry.call_id, entry.facts);
}

// -- streams
// -----------------------------------------------------------------------------------------

caf::result<stream_grant> registry_state::claim(const stream_claim& wanted) {
  auto* entry = table.by_sid(wanted.start.call_sid);
  const bool without_ticket = wanted.nonce.empty() && wanted.facts.has_value();
  if (!without_ticket) {
    auto verdict = table.use_ticket(wanted.start.call_sid, wanted.nonce, now_s());
    if (verdict != claim_verdict::ok)
      return make_error(actor_error::bad_ticket);
    entry = table.by_sid(wanted.start.call_sid);
  }
  // Its call actor is on its way: a second grant would make a second one for the same call.
  if (entry != nullptr && entry->phase == call_phase::granted)
    return make_error(actor_error::busy);
  if (entry != nullptr && entry->phase != call_phase::creating)
    return grant(*entry, wanted.start);
  if (entry == nullptr)
    if (auto why = refusal())
      return refuse(*why);
  auto promise = self->make_response_promise<stream_grant>();
  waiting[wanted.start.call_sid].push_back(
      [this, promise, start = wanted.start](const caf::error* failed) mutable {
        auto* created = table.by_sid(start.call_sid);
        if (failed != nullptr || created == nullptr)
          promise.deliver(failed != nullptr ? *failed : make_error(actor_error::not_found));
        else
          promise.deliver(grant(*created, start));
      });
  if (entry == nullptr) {
    auto facts = *wanted.facts;
    facts.call_sid = wanted.start.call_sid;
    begin_call(facts);
  }
  return promise;
}

stream_grant registry_state::grant(call_entry& entry, const stream_start& start) {
  stream_grant result;
  result.call_id = entry.call_id;
  result.facts = entry.facts;
  result.line =
      table.assign_line(entry, [this](size_t line) { return node->line_late[line].load(); });
  result.resumed = entry.phase == call_phase::live;
  result.past = entry.past;
  if (result.resumed)
    result.call = calls[entry.call_id];
  if (!result.resumed) {
    entry.phase = call_phase::granted;
    entry.deadline = now() + limits::launch_deadline;
  }
  log::info("registry", "stream granted",
            {{"call_id", entry.call_id}, {"stream_sid", start.stream_sid}, {"line", result.line}});
  return result;
}

void registry_state::live(const std::string& call_id, const caf::actor& call) {
  auto* entry = table.by_id(call_id);
  if (entry == nullptr) { // it came too late: its row is closed already
    self->send_exit(call, caf::exit_reason::user_shutdown);
    return;
  }
  entry->phase = call_phase::live;
  if (const auto bound_s = entry->facts.profile->limits.call_s; bound_s > 0)
    entry->deadline = now() + std::chrono::seconds{bound_s} + defaults::tools::reaper_grace;
  else
    entry->deadline = monotonic::max();
  calls[call_id] = call;
  self->monitor(call);
}

void registry_state::ended(const std::string& call_id) {
  auto found = calls.find(call_id);
  if (found != calls.end())
    self->demonitor(found->second.address());
  forget(call_id);
}

caf::result<next_step> registry_state::stream_over(const std::string& call_sid) {
  auto* entry = table.by_sid(call_sid);
  if (entry == nullptr && interrupted.count(call_sid) > 0)
    return next_step{after_stream::reconnect,
                     {}}; // its stream ended with the process that carried it
  if (entry == nullptr || entry->phase != call_phase::live)
    return next_step{};
  auto promise = self->make_response_promise<next_step>();
  self->request(calls[entry->call_id], caf::duration{limits::call_timeout}, atom::streamover_v)
      .then([promise](const next_step& next) mutable { promise.deliver(next); },
            [promise](const caf::error&) mutable { promise.deliver(next_step{}); });
  return promise;
}

namespace {

registry_actor::behavior_type registry(registry_actor::stateful_pointer<registry_state> self,
                                       registry_settings settings, database_writer_actor writer,
                                       event_feed_actor feed, node_state_ptr node) {
  auto& state = self->state;
  state.table = call_table{settings.calls_max, settings.lines};
  state.settings = std::move(settings);
  state.resume_until = state.now() + state.settings.resume_window;
  for (auto& row : std::exchange(state.settings.interrupted, {}))
    state.interrupted.emplace(row.call_sid, row);
  node->recovering += static_cast<int64_t>(state.interrupted.size());
  state.writer = std::move(writer);
  state.feed = std::move(feed);
  state.node = std::move(node);
  self->set_down_handler([self](caf::down_msg& down) { self->state.on_down(down); });
  self->delayed_send(self, limits::housekeeping, atom::expire_v);
  return {
      [&state](atom::admit, const call_facts& facts) { return state.admit(facts); },
      [&state](atom::claim, const stream_claim& wanted) { return state.claim(wanted); },
      [&state](atom::live, const std::string& id, const caf::actor& call) { state.live(id, call); },
      [&state](atom::ended, const std::string& id) { state.ended(id); },
      [&state](atom::ended, const std::string& id, const storage::call_update& end) {
        state.ended(id);
        state.keep_end(id, end);
      },
      [&state](atom::callback, const status_callback& report) { return state.callback(report); },
      [&state](atom::streamover, const std::string& sid) { return state.stream_over(sid); },
      [&state](atom::hangup, const std::string& id) { return state.hang_up(id); },
      [&state](atom::drain, bool end_now) { state.drain(end_now); },
      [&state](atom::expire) { state.look_over(); },
  };
}

} // namespace

registry_actor spawn_registry(caf::actor_system& system, registry_settings settings,
                              database_writer_actor writer, event_feed_actor feed,
                              node_state_ptr node) {
  return system.spawn(registry, std::move(settings), std::move(writer), std::move(feed),
                      std::move(node));
}

} // namespace switchboard::actors
