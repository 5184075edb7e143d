#include "conf/defaults/http.hpp"
#include "http/json_shapes.hpp"
#include "http/note_body.hpp"
#include "http/policy.hpp"
#include "http/query.hpp"
#include "http/site.hpp"
#include "storage/call_store.hpp"

namespace switchboard::http {

namespace {

namespace limits = defaults::http;
using actors::read_result;
using storage::storage_error;

/// The answer of a job whose query failed. The detail is for the log, never for the client.
read_result failed(storage_error code, const std::string& detail) {
  if (code == storage_error::not_found)
    return {404, error_body("CALL_NOT_FOUND", "Call not found"), {}};
  log::warn("http", "query failed", {{"error", storage::to_string(code)}, {"detail", detail}});
  if (code == storage_error::busy)
    return {503, error_body("DATABASE_UNAVAILABLE", "The database does not answer"), {}};
  return {500, error_body("INTERNAL_ERROR", "Internal server error"), {}};
}

/// The answer of a job that rendered JSON; its entity tag is made on the reader's thread too.
read_result rendered(std::string body) {
  auto tag = entity_tag(body);
  return {200, std::move(body), std::move(tag)};
}

void answer_read(const exchange_ptr& x, const read_result& done) {
  auto answer = json_response(done.status, done.body);
  if (!done.extra.empty())
    answer.set("ETag", done.extra);
  if (done.status == 503)
    answer.set("Retry-After", std::to_string(limits::retry_after_s));
  x->answer(std::move(answer));
}

/// Runs a job on a reader and answers with what it rendered.
void answer_from_reader(site_context& context, const exchange_ptr& x, actors::read_job job) {
  context.gate->ask<read_result>(
      context.services.reader, limits::read_timeout,
      [x](read_result&& done) { answer_read(x, done); }, answer_failure(x), atom::job_v,
      std::move(job));
}

/// The same, but an answer that is still true is not made again. Only for what the database alone
/// decides, `links` apart: its base and its hour (the expiry of signed URLs) are part of the key.
void answer_cached(site_context& context, const exchange_ptr& x, const link_maker& links,
                   actors::read_job job) {
  constexpr int64_t hour_s = 3600;
  auto key = links.base + '\n' + std::to_string(links.now_s / hour_s) + '\n' + x->request().target;
  const auto version = context.services.state->database_version.load();
  const auto now = response_cache::clock::now();
  if (auto* known = context.cache.find(key, version, now))
    return answer_read(x, *known);
  context.gate->ask<read_result>(
      context.services.reader, limits::read_timeout,
      [x, &context, key = std::move(key), version, now](read_result&& done) {
        context.cache.put(key, version, now, done);
        answer_read(x, done);
      },
      answer_failure(x), atom::job_v, std::move(job));
}

void list_calls(site_context& context, const exchange_ptr& x) {
  auto wanted = parse_list_request(parse_form(x->request().query));
  if (wanted.error)
    return x->fail(400, wanted.error->code, wanted.error->message);
  const auto links = context.links(x->request());
  answer_cached(context, x, links,
                [query = std::move(wanted.query), links](storage::call_store& store) {
                  auto page = store.search_calls(query);
                  return page ? rendered(render_call_page(*page, query, links))
                              : failed(page.code(), page.detail());
                });
}

void show_call(site_context& context, const exchange_ptr& x) {
  const auto links = context.links(x->request());
  answer_cached(context, x, links, [id = x->path_id, links](storage::call_store& store) {
    auto call = store.get_call_with_details(id);
    return call ? rendered(render_call_details(*call, links)) : failed(call.code(), call.detail());
  });
}

void show_analytics(site_context& context, const exchange_ptr& x) {
  auto wanted = parse_analytics_request(parse_form(x->request().query));
  if (wanted.error)
    return x->fail(400, wanted.error->code, wanted.error->message);
  answer_cached(context, x, context.links(x->request()), [wanted](storage::call_store& store) {
    auto sums = store.get_analytics_aggregate(wanted.from, wanted.to);
    if (!sums)
      return failed(sums.code(), sums.detail());
    auto series = store.get_analytics_time_series(wanted.from, wanted.to, wanted.interval);
    return series ? rendered(render_analytics(*sums, *series))
                  : failed(series.code(), series.detail());
  });
}

void publish_update(const site_context& context, const storage::call_row& call) {
  actors::feed_event event;
  event.type = actors::feed_type::call_updated;
  event.call_id = call.id;
  event.stream_sid = call.stream_sid.value_or(std::string{});
  event.data = call;
  caf::anon_send(context.services.feed, atom::publish_v, std::move(event));
}

void write_notes(site_context& context, const exchange_ptr& x) {
  auto note = parse_note_body(x->request());
  if (note.result == note_body::verdict::bad_json)
    return x->fail(400, "INVALID_JSON", "The body is not valid JSON");
  if (note.result == note_body::verdict::no_note)
    return x->fail(400, "INVALID_NOTES", "notes must be a string that is not empty");
  storage::call_update change;
  change.notes = std::move(note.text);
  context.gate->ask<storage::call_row>(
      context.services.writer, limits::write_timeout,
      [x, &context](storage::call_row&& call) {
        log::info("http", "notes written", {{"call_id", call.id}, {"user", x->user}});
        publish_update(context, call);
        x->answer(json_response(200, render_notes_added(call)));
      },
      answer_failure(x), atom::updcall_v, x->path_id, std::move(change));
}

/// The registry does not know the call: it is over (409) or never was (404).
void hangup_unknown(site_context& context, const exchange_ptr& x) {
  answer_from_reader(context, x, [id = x->path_id](storage::call_store& store) -> read_result {
    auto call = store.get_call_by_id(id);
    if (!call)
      return failed(call.code(), call.detail());
    return {409, error_body("CALL_NOT_ACTIVE", "The call is not active"), {}};
  });
}

void hang_up(site_context& context, const exchange_ptr& x) {
  context.gate->ask<bool>(
      context.services.registry, limits::read_timeout,
      [x](bool) {
        log::info("http", "hang-up requested", {{"call_id", x->path_id}, {"user", x->user}});
        x->answer(json_response(202, R"({"message":"Hangup requested"})"));
      },
      [x, &context](const caf::error& why) {
        if (why == actors::actor_error::not_found)
          return hangup_unknown(context, x);
        x->answer(failure_response(why));
      },
      atom::hangup_v, x->path_id);
}

/// The call with all that belongs to it; the keeper sees to the order.
void erase_call(site_context& context, const exchange_ptr& x) {
  context.gate->ask<bool>(
      context.services.keeper, limits::erase_timeout,
      [x](bool) {
        http_response done;
        done.status = 204;
        x->answer(std::move(done));
      },
      answer_failure(x), atom::erase_v, x->path_id, "api:" + x->user);
}

} // namespace

void add_call_routes(std::vector<route>& routes) {
  routes.push_back({"GET", "/api/calls", access_need::read, list_calls});
  routes.push_back({"GET", "/api/calls/:id", access_need::read, show_call});
  routes.push_back({"DELETE", "/api/calls/:id", access_need::write, erase_call});
  routes.push_back({"POST", "/api/calls/:id/notes", access_need::write, write_notes});
  routes.push_back({"POST", "/api/calls/:id/hangup", access_need::write, hang_up});
  routes.push_back({"GET", "/api/analytics", access_need::read, show_analytics});
}

} // namespace switchboard::http
