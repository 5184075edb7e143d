#pragma once

#include "conf/defaults/http.hpp"
#include "http/access.hpp"
#include "http/call_texts.hpp"
#include "http/exchange.hpp"
#include "http/gateway.hpp"
#include "http/http_services.hpp"
#include "http/json_shapes.hpp"
#include "http/places.hpp"
#include "http/rate_limit.hpp"
#include "http/response_cache.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace switchboard::http {

class sse_hub;
class stream_acceptor;
class traffic;

/// What handlers work with. Http thread only.
struct site_context {
  http_services services;
  response_cache cache{defaults::http::cached_bytes_max};
  std::shared_ptr<call_texts> texts =
      std::make_shared<call_texts>(defaults::http::call_texts_bytes_max);
  gateway* gate = nullptr;
  std::shared_ptr<sse_hub> hub;
  std::shared_ptr<stream_acceptor> streams;
  std::shared_ptr<traffic> counted; ///< for /metrics; null = nothing is counted
  std::string ticket_key;
  places downloads{defaults::http::downloads_max};

  const conf::config& config() const { return *services.config; }
  link_maker links(const http_request& request) const;
};

using handler = std::function<void(site_context&, const exchange_ptr&)>;

struct route {
  const char* method; ///< GET serves HEAD too
  const char* pattern;
  access_need need;
  handler run;
};

/// The routes and what happens around them: limits, 404, 405, OPTIONS, access, rates, exceptions.
class site {
public:
  explicit site(site_context context);
  /// Answers, now or later. Never throws.
  void handle(const exchange_ptr& x);
  /// Completes an answer (see policy.hpp) and writes the access log and, of what changes something,
  /// the audit log.
  static void finish(const conf::config& config, const exchange& x, http_response& answer);
  site_context& context() { return context_; }

private:
  void dispatch(const exchange_ptr& x);
  void run(const route& chosen, const exchange_ptr& x);

  site_context context_;
  rate_limit rates_;
  std::vector<route> routes_;
};

// Each adds the routes of its subject.
void add_status_routes(std::vector<route>& routes);    // /health, /ready, /api/status
void add_metrics_routes(std::vector<route>& routes);   // /metrics
void add_call_routes(std::vector<route>& routes);      // /api/calls, /api/analytics
void add_openapi_routes(std::vector<route>& routes);   // /openapi.json
void add_recording_routes(std::vector<route>& routes); // /api/calls/:id/recording
void add_twilio_routes(std::vector<route>& routes);    // /twilio/*, /streams

} // namespace switchboard::http
