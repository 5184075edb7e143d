#include "http/site.hpp"

#include "actors/wall_clock.hpp"
#include "conf/log.hpp"
#include "http/policy.hpp"
#include "http/public_base.hpp"
#include "http/routing.hpp"

namespace switchboard::http {

namespace {

namespace limits = defaults::http;

bool serves(const route& r, std::string_view method) {
  return method == r.method || (method == "HEAD" && std::string_view{r.method} == "GET");
}

/// The value of Allow: "GET, HEAD, OPTIONS".
std::string allowed_methods(const std::vector<const route*>& matching) {
  std::string allow;
  for (auto* r : matching) {
    allow += r->method;
    allow += std::string_view{r->method} == "GET" ? ", HEAD, " : ", ";
  }
  return allow += "OPTIONS";
}

} // namespace

link_maker site_context::links(const http_request& request) const {
  auto base = public_base(config(), request);
  return {base ? *base : own_base(config(), config().port), config().url_signing_key,
          actors::wall_now_ms() / 1000};
}

site::site(site_context context)
    : context_(std::move(context)), rates_(context_.config().api_rate_limit) {
  add_status_routes(routes_);
  add_metrics_routes(routes_);
  add_call_routes(routes_);
  add_openapi_routes(routes_);
  add_recording_routes(routes_);
  add_twilio_routes(routes_);
}

void site::handle(const exchange_ptr& x) {
  try {
    dispatch(x);
  } catch (const std::exception& e) {
    log::error("http", "handler failed", {{"request_id", x->request().id}, {"what", e.what()}});
    x->answer(internal_error());
  }
}

void site::dispatch(const exchange_ptr& x) {
  auto& request = x->request();
  auto broken = check_limits(request);
  if (broken.status != 200)
    return x->answer(std::move(broken));
  std::vector<const route*> matching;
  const route* chosen = nullptr;
  for (auto& r : routes_) {
    auto id = match_path(r.pattern, request.path);
    if (!id)
      continue;
    x->path_id = std::move(*id);
    x->route = r.pattern;
    matching.push_back(&r);
    if (chosen == nullptr && serves(r, request.method))
      chosen = &r;
  }
  if (matching.empty())
    return x->fail(404, "NOT_FOUND", "Not found");
  if (chosen != nullptr)
    return run(*chosen, x);
  auto allow = allowed_methods(matching);
  if (request.method == "OPTIONS")
    return x->answer(options_response(request, allow));
  auto answer = error_response(405, "METHOD_NOT_ALLOWED", "Method not allowed");
  answer.set("Allow", std::move(allow));
  x->answer(std::move(answer));
}

void site::run(const route& chosen, const exchange_ptr& x) {
  auto verdict = check_access(context_.config(), x->request(), chosen.need, x->path_id,
                              actors::wall_now_ms() / 1000);
  x->user = verdict.user;
  x->audited = chosen.need == access_need::write;
  if (verdict.status != 200) {
    log::warn("audit", "refused",
              {{"status", verdict.status},
               {"method", x->request().method},
               {"path", x->request().path.substr(0, limits::logged_path_bytes_max)},
               {"user", x->user.empty() ? "-" : x->user},
               {"peer", client_address(context_.config(), x->request())},
               {"request_id", x->request().id}});
    return x->answer(access_refused(verdict));
  }
  if (!x->user.empty()) {
    x->vouch();
    if (auto wait_s = verdict.by_link ? 0 : rates_.take(x->user, x->request().received))
      return x->answer(rate_limited(wait_s));
  }
  chosen.run(context_, x);
}

void site::finish(const conf::config& config, const exchange& x, http_response& answer) {
  auto& request = x.request();
  apply_policy(config, request, answer);
  if (x.audited)
    log::info("audit", request.method + " " + request.path.substr(0, limits::logged_path_bytes_max),
              {{"status", answer.status},
               {"user", x.user.empty() ? "-" : x.user},
               {"peer", client_address(config, request)},
               {"request_id", request.id}});
  if (!log::enabled(conf::log_level::http))
    return;
  // The path only: a query may hold a token or a signature.
  auto took = std::chrono::steady_clock::now() - request.received;
  log::http("http", request.method + " " + request.path.substr(0, limits::logged_path_bytes_max),
            {{"status", answer.status},
             {"us", static_cast<int64_t>(
                        std::chrono::duration_cast<std::chrono::microseconds>(took).count())},
             {"bytes", static_cast<uint64_t>(answer.content_length.value_or(answer.body.size()))},
             {"user", x.user.empty() ? "-" : x.user},
             {"peer", client_address(config, request)},
             {"request_id", request.id}});
}

} // namespace switchboard::http
