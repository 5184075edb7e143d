#include "http/read_answers.hpp"

#include "conf/defaults/database.hpp"
#include "http/policy.hpp"
#include "storage/call_store.hpp"

#include <algorithm>
#include <memory>

namespace switchboard::http {

namespace {

namespace limits = defaults::http;
using actors::read_job;
using actors::read_result;
using storage::storage_error;

void ask_reader(site_context& context, const exchange_ptr& x, read_job job,
                std::function<void(read_result&&)> next) {
  context.gate->ask<read_result>(context.services.reader, limits::read_timeout, std::move(next),
                                 answer_failure(x), atom::job_v,
                                 timely(std::move(job), std::chrono::steady_clock::now()));
}

} // namespace

read_result failed_read(storage_error code, const std::string& detail) {
  if (code == storage_error::not_found)
    return {404, error_body("CALL_NOT_FOUND", "Call not found"), {}};
  log::warn("http", "query failed", {{"error", storage::to_string(code)}, {"detail", detail}});
  if (code == storage_error::busy)
    return {503, error_body("DATABASE_UNAVAILABLE", "The database does not answer"), {}};
  return {500, error_body("INTERNAL_ERROR", "Internal server error"), {}};
}

read_result rendered(std::string body, std::string entity_tag) {
  return {200, std::move(body), std::move(entity_tag)};
}

void answer_read(const exchange_ptr& x, read_result done) {
  auto answer = json_response(done.status, std::move(done.body));
  if (!done.extra.empty())
    answer.set("ETag", std::move(done.extra));
  if (done.status == 503)
    answer.set("Retry-After", std::to_string(limits::retry_after_s));
  x->answer(std::move(answer));
}

void answer_from_reader(site_context& context, const exchange_ptr& x, read_job job) {
  ask_reader(context, x, std::move(job),
             [x](read_result&& done) { answer_read(x, std::move(done)); });
}

read_job timely(read_job job, std::chrono::steady_clock::time_point asked) {
  return [job = std::move(job), until = asked + limits::read_timeout](storage::call_store& store) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= until)
      return failed_read(storage_error::busy, "waited too long for a reader");
    store.set_deadline(std::min(until, now + defaults::database::read_deadline));
    return job(store);
  };
}

std::string stamp_of(const link_maker& links) {
  constexpr int64_t hour_s = 3600;
  return links.base + '\n' + std::to_string(links.now_s / hour_s) + '\n';
}

void answer_kept(site_context& context, const exchange_ptr& x, const link_maker& links,
                 const std::string& key, uint8_t aspects, kept_job job) {
  auto stamp = stamp_of(links);
  auto whole_key = stamp + key;
  const auto& versions = context.services.state->versions;
  const auto now = response_cache::clock::now();
  if (auto* known = context.cache.find(whole_key, versions, now))
    return answer_read(x, *known);
  // The reader's until it has answered.
  auto told = std::make_shared<kept_answer>(
      kept_answer{{versions.now(), now, {aspects, {}}}, std::move(stamp)});
  ask_reader(
      context, x,
      [told, job = std::move(job)](storage::call_store& store) { return job(store, *told); },
      [x, &context, whole_key = std::move(whole_key), told](read_result&& done) {
        context.cache.put(whole_key, std::move(told->made), done);
        answer_read(x, std::move(done));
      });
}

} // namespace switchboard::http
