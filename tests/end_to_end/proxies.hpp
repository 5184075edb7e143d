#pragma once

#include "tests/end_to_end/world.hpp"

namespace e2e {

constexpr const char* ops_token = "end-to-end-token-of-ops";

/// A server in production mode behind a real reverse proxy that does its TLS, with the samples of
/// conf/ as they are but for names, ports and paths.
struct proxied_world : world {
  /// Starts the model (over TLS) and the server; the proxy's port is chosen first, since PUBLIC_URL
  /// names it. Without a proxy there is nobody at public_url yet.
  void start_behind_proxy(const variables& more = {});
  void start_nginx();
  void start_caddy();

  std::string public_url(const std::string& target = {}) const;
  /// `options` for the carrier, which then trusts the proxy's certificate.
  texts carrier_options(texts options) const;
  http_answer ask(const std::string& target, texts headers = {}) const; ///< with the token
  /// curl at the event stream; its output is in path(name).
  process listen_to_events(const std::string& name) const;

  process proxy;

private:
  void make_certificates();
  std::string sample(const std::string& file,
                     const std::map<std::string, std::string>& changes) const;
  void wait_for_proxy();
  uint16_t proxy_port_ = 0;
};

} // namespace e2e
