#include "conf/defaults/http.hpp"
#include "http/json_shapes.hpp"
#include "http/note_body.hpp"
#include "http/policy.hpp"
#include "http/query.hpp"
#include "http/read_answers.hpp"
#include "http/site.hpp"
#include "storage/call_store.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace switchboard::http {

namespace {

namespace limits = defaults::http;
using actors::read_result;

call_texts::text text_of(const storage::call_details& call, const link_maker& links,
                         call_texts::clock::time_point began) {
  call_texts::text made;
  append_call_details(made.json, call, links);
  made.tag = entity_tag(made.json);
  made.began = began;
  return made;
}

read_result one_call(const call_texts::text& call) {
  return rendered("{\"data\":" + call.json + '}', call.tag);
}

/// What a list depends on beside the rows that it shows: which calls there are, and whether the
/// filters take them. `caller`, `agent` and the time of creation of a call never change.
uint8_t aspects_of(const storage::call_query& query) {
  return static_cast<uint8_t>(actors::rows_of_calls | (query.status ? actors::rows_status : 0) |
                              (query.sentiment ? actors::rows_feeling : 0) |
                              (query.words ? actors::rows_words : 0));
}

/// What is asked for, however it was written: parameters that mean nothing do not count.
std::string key_of(const storage::call_query& query) {
  std::string key = "calls " + std::to_string(query.limit) + ' ' + std::to_string(query.offset);
  const auto instant = [&key](const std::optional<storage::wall_ms>& at) {
    key += ' ' + (at ? std::to_string(*at) : "-");
  };
  instant(query.created_from);
  instant(query.created_to);
  key += ' ';
  key += query.status ? storage::to_string(*query.status) : "-";
  for (auto* text : {&query.caller, &query.agent, &query.sentiment, &query.words})
    key += *text ? ' ' + std::to_string((*text)->size()) + ':' + **text : " -";
  return key;
}

/// A page of calls, of which those that are kept as text are not read again.
class page_maker {
public:
  page_maker(storage::call_query query, link_maker links, const site_context& context)
      : query_(std::move(query)),
        links_(std::move(links)),
        texts_(context.texts),
        state_(context.services.state) {}

  read_result operator()(storage::call_store& store, kept_answer& told) const {
    std::unordered_map<std::string, call_texts::text> kept;
    auto query = query_;
    query.call_only = [&](const storage::call_row& call) {
      auto text = texts_->find(call.id, told.stamp, state_->versions, told.made.began);
      return text && kept.emplace(call.id, std::move(*text)).second;
    };
    auto page = store.search_calls(query);
    if (!page)
      return failed_read(page.code(), page.detail());
    const auto began = told.made.began;
    std::vector<call_texts::text> texts;
    texts.reserve(page->calls.size()); // views into them follow
    for (auto& call : page->calls) {
      auto known = kept.find(call.call.id);
      const bool is_new = known == kept.end();
      texts.push_back(is_new ? text_of(call, links_, began) : std::move(known->second));
      if (is_new)
        texts_->put(call.call.id, told.stamp, told.made.version, texts.back());
      told.made.from.calls.push_back(actors::row_versions::place_of(call.call.id));
      told.made.began = std::min(told.made.began, texts.back().began); // as old as its oldest part
    }
    return whole(texts, page->total);
  }

private:
  read_result whole(const std::vector<call_texts::text>& texts, int64_t total) const {
    std::vector<std::string_view> calls;
    std::string tags; // a digest of digests: the same for the same page, and a tenth of the work
    for (auto& one : texts) {
      calls.emplace_back(one.json);
      tags += one.tag;
    }
    tags += std::to_string(total) + ' ' + key_of(query_);
    return rendered(render_page(calls, total, query_), entity_tag(tags));
  }

  storage::call_query query_;
  link_maker links_;
  std::shared_ptr<call_texts> texts_;
  actors::node_state_ptr state_;
};

void list_calls(site_context& context, const exchange_ptr& x) {
  auto wanted = parse_list_request(parse_form(x->request().query));
  if (wanted.error)
    return x->fail(400, wanted.error->code, wanted.error->message);
  const auto links = context.links(x->request());
  const auto key = key_of(wanted.query);
  const auto aspects = aspects_of(wanted.query);
  answer_kept(context, x, links, key, aspects, page_maker{std::move(wanted.query), links, context});
}

void show_call(site_context& context, const exchange_ptr& x) {
  const auto links = context.links(x->request());
  auto stamp = stamp_of(links);
  const auto& versions = context.services.state->versions;
  const auto now = call_texts::clock::now();
  if (auto kept = context.texts->find(x->path_id, stamp, versions, now))
    return answer_read(x, one_call(*kept));
  answer_from_reader(context, x,
                     [id = x->path_id, links, stamp = std::move(stamp), version = versions.now(),
                      now, texts = context.texts](storage::call_store& store) {
                       auto call = store.get_call_with_details(id);
                       if (!call)
                         return failed_read(call.code(), call.detail());
                       auto made = text_of(*call, links, now);
                       auto answer = one_call(made);
                       texts->put(id, stamp, version, std::move(made));
                       return answer;
                     });
}

void show_analytics(site_context& context, const exchange_ptr& x) {
  auto wanted = parse_analytics_request(parse_form(x->request().query));
  if (wanted.error)
    return x->fail(400, wanted.error->code, wanted.error->message);
  const auto instant = [](const std::optional<storage::wall_ms>& at) {
    return ' ' + (at ? std::to_string(*at) : "-");
  };
  const auto key = "figures " + std::to_string(static_cast<int>(wanted.interval)) +
                   instant(wanted.from) + instant(wanted.to);
  answer_kept(context, x, context.links(x->request()), key,
              actors::rows_of_calls | actors::rows_status | actors::rows_feeling,
              [wanted](storage::call_store& store, kept_answer&) {
                auto sums = store.get_analytics_aggregate(wanted.from, wanted.to);
                if (!sums)
                  return failed_read(sums.code(), sums.detail());
                auto series =
                    store.get_analytics_time_series(wanted.from, wanted.to, wanted.interval);
                if (!series)
                  return failed_read(series.code(), series.detail());
                auto body = render_analytics(*sums, *series);
                auto tag = entity_tag(body);
                return rendered(std::move(body), std::move(tag));
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
      return failed_read(call.code(), call.detail());
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
