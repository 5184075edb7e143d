#include "http/server.hpp"

#include "actors/wall_clock.hpp"
#include "conf/defaults/http.hpp"
#include "http/feed_tap.hpp"
#include "http/front.hpp"
#include "http/gateway.hpp"
#include "http/public_base.hpp"
#include "http/site.hpp"
#include "http/sse_hub.hpp"
#include "http/stream_acceptor.hpp"
#include "http/traffic.hpp"
#include "http/twilio/ticket.hpp"

#include <caf/all.hpp>
#include <sys/resource.h>

#include <algorithm>
#include <future>
#include <random>

namespace switchboard::http {

namespace {

namespace limits = defaults::http;

/// Connections may take a share of the descriptors; the rest is for calls, files and the database.
size_t connections_max() {
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0)
    return limits::connections_min;
  auto share = static_cast<size_t>(descriptors.rlim_cur) / limits::descriptor_share;
  return std::clamp(share, limits::connections_min, limits::connections_max);
}

std::string boot_name() {
  static constexpr char digits[] = "0123456789abcdef";
  std::random_device source;
  std::string name(8, '0');
  for (auto& c : name)
    c = digits[source() & 15];
  return name;
}

gateway* gateway_of(const caf::actor& handle) {
  return static_cast<gateway*>(caf::actor_cast<caf::abstract_actor*>(handle));
}

} // namespace

struct server::inner : std::enable_shared_from_this<inner> {
  explicit inner(caf::actor_system& sys) : system(sys) {}

  bool open(http_services given, std::string& problem);
  void on_request(http_request request, std::unique_ptr<exchange_sink> sink);
  void start_on_line();
  void stop_on_line();

  caf::actor_system& system;
  http_services services;
  caf::actor gate;
  std::shared_ptr<front> sockets;
  std::shared_ptr<sse_hub> hub;
  std::shared_ptr<feed_tap> tap;
  std::shared_ptr<stream_acceptor> streams;
  std::shared_ptr<traffic> counted = std::make_shared<traffic>();
  std::unique_ptr<site> routes;
  bool started = false;
  bool stopped = false;
};

bool server::inner::open(http_services given, std::string& problem) {
  services = std::move(given);
  auto* line = services.http_line;
  std::weak_ptr<inner> weak = shared_from_this();
  front::settings settings;
  settings.host = services.config->host;
  settings.port = services.config->port;
  settings.connections_max = connections_max();
  // Behind a proxy, or where only this machine can connect, all have one address.
  if (!services.config->trust_proxy && !services.config->loopback_host())
    settings.connections_per_address_max = services.config->connections_per_address;
  settings.on_listening = [state = services.state](bool works) { state->listening = works; };
  sockets = front::make(line->io(), std::move(settings),
                        [weak](http_request request, std::unique_ptr<exchange_sink> sink) {
                          if (auto here = weak.lock())
                            here->on_request(std::move(request), std::move(sink));
                        });
  if (!sockets->listen(problem))
    return false;
  gate = actors::spawn_on<gateway>(system, line);
  hub = std::make_shared<sse_hub>(
      boot_name(),
      [config = services.config, port = sockets->port()]() -> link_maker {
        return {own_base(*config, port), config->url_signing_key, actors::wall_now_ms() / 1000};
      },
      services.state);
  tap = std::make_shared<feed_tap>(
      line,
      [weak_hub = std::weak_ptr<sse_hub>{hub}](const actors::feed_event_ptr& event) {
        if (auto here = weak_hub.lock())
          here->publish(event);
      },
      [weak_hub = std::weak_ptr<sse_hub>{hub}](const std::string& call_id) {
        if (auto here = weak_hub.lock())
          here->forget(call_id);
      });
  auto key = twilio::random_ticket_key();
  streams = std::make_shared<stream_acceptor>(services, gateway_of(gate), key);
  site_context context;
  context.services = services;
  context.gate = gateway_of(gate);
  context.hub = hub;
  context.streams = streams;
  context.counted = counted;
  context.ticket_key = std::move(key);
  routes = std::make_unique<site>(std::move(context));
  return true;
}

void server::inner::on_request(http_request request, std::unique_ptr<exchange_sink> sink) {
  std::weak_ptr<inner> weak = shared_from_this();
  auto x = std::make_shared<exchange>(std::move(request), std::move(sink),
                                      [weak](const exchange& done, http_response& answer) {
                                        auto here = weak.lock();
                                        if (!here)
                                          return;
                                        here->counted->count(done, answer);
                                        site::finish(*here->services.config, done, answer);
                                      });
  routes->handle(x);
}

void server::inner::start_on_line() {
  services.http_line->ticks().add(hub.get());
  sockets->start();
  caf::anon_send(services.feed, atom::sub_v, actors::feed_sink_ptr{tap});
}

void server::inner::stop_on_line() {
  if (started)
    services.http_line->ticks().remove(hub.get());
  hub->close();
  streams->close();
  sockets->close();
}

server::server(std::shared_ptr<inner> parts) : inner_(std::move(parts)) {}

server::~server() {
  stop();
}

std::unique_ptr<server> server::create(caf::actor_system& system, http_services services,
                                       std::string& problem) {
  auto parts = std::make_shared<inner>(system);
  services.actors = [&system] { return system.registry().running(); };
  if (!parts->open(std::move(services), problem))
    return nullptr;
  return std::unique_ptr<server>{new server{std::move(parts)}};
}

void server::start() {
  inner_->started = true;
  inner_->services.http_line->post([parts = inner_] { parts->start_on_line(); });
}

uint16_t server::port() const {
  return inner_->sockets->port();
}

void server::stop_accepting() {
  inner_->services.http_line->post([sockets = inner_->sockets] { sockets->stop_accepting(); });
}

void server::stop() {
  if (inner_->stopped)
    return;
  inner_->stopped = true;
  inner_->tap->cut();
  if (!inner_->started) {
    inner_->stop_on_line();
    caf::anon_send_exit(inner_->gate, caf::exit_reason::user_shutdown);
    return;
  }
  // Closing makes callbacks, which may come after it: the second turn of the loop comes after them.
  auto done = std::make_shared<std::promise<void>>();
  auto over = done->get_future();
  auto* line = inner_->services.http_line;
  line->post([parts = inner_, line, done] {
    parts->stop_on_line();
    caf::anon_send_exit(parts->gate, caf::exit_reason::user_shutdown);
    line->post([line, done] { line->post([done] { done->set_value(); }); });
  });
  if (over.wait_for(limits::stop_deadline) != std::future_status::ready)
    log::warn("http", "the http thread did not stop in time");
  caf::scoped_actor waiter{inner_->system};
  waiter->monitor(inner_->gate);
  waiter->receive([](const caf::down_msg&) {},
                  caf::after(limits::stop_deadline) >>
                      [] { log::warn("http", "the gateway did not end in time"); });
}

} // namespace switchboard::http
