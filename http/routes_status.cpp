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

void ready(site_context& context, const exchange_ptr& x) {
  auto& state = *context.services.state;
  const char* missing = state.draining        ? "the server is going down"
                        : !state.listening    ? "the listener is closed"
                        : !state.database_ok  ? "the database does not work"
                        : !state.recording_ok ? "recordings cannot be written"
                                              : nullptr;
  if (missing != nullptr)
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
