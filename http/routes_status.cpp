#include "http/json_text.hpp"
#include "http/site.hpp"
#include "http/sse_hub.hpp"

#include <chrono>

namespace switchboard::http {

namespace {

void health(site_context& context, const exchange_ptr& x) {
  using namespace std::chrono;
  auto& state = *context.services.state;
  auto up = duration_cast<milliseconds>(steady_clock::now() - state.started);
  std::string body;
  json_writer w{body};
  w.open().text("status", "ok").number("uptime", static_cast<double>(up.count()) / 1000);
  w.text("version", conf::version());
  w.number("activeCalls", uint64_t{state.active_calls.load()});
  w.flag("draining", state.draining.load()).close();
  x->answer(json_response(200, std::move(body)));
}

/// Why this node takes no calls, or would not keep what they say; null = it is ready.
const char* what_is_missing(const actors::node_state& state) {
  if (state.draining)
    return "the server is going down";
  if (!state.listening)
    return "the listener is closed";
  if (!state.database_ok || !state.storage.database_writable)
    return "the database does not work";
  if (!state.recording_ok())
    return "recordings cannot be written";
  return state.storage.refusing ? "the disk is nearly full" : nullptr;
}

void ready(site_context& context, const exchange_ptr& x) {
  auto& state = *context.services.state;
  if (const char* missing = what_is_missing(state))
    return x->answer(busy_response("NOT_READY", std::string{"Not ready: "} + missing));
  x->answer(json_response(200, R"({"status":"ready"})"));
}

void events(site_context& context, const exchange_ptr& x) {
  context.hub->join(x);
}

} // namespace

void add_status_routes(std::vector<route>& routes) {
  routes.push_back({"GET", "/health", access_need::none, health});
  routes.push_back({"GET", "/ready", access_need::none, ready});
  routes.push_back({"GET", "/api/status", access_need::events, events});
}

} // namespace switchboard::http
