#pragma once

#include "http/http_services.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace switchboard::http {

/// The HTTP server: REST, live updates, webhooks and the upgrade of media streams, all on one port
/// and on the http line's thread. Its methods are called from the thread that made it.
///
/// Life: create, start (the http line runs), stop_accepting, stop (before the line stops), destroy.
class server {
public:
  /// Opens the listener; clients wait until start(). @returns nullptr with a text for people.
  static std::unique_ptr<server> create(caf::actor_system& system, http_services services,
                                        std::string& problem);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  void start();
  /// The bound port, known from create() on.
  uint16_t port() const;
  /// Closes the listener; connections go on.
  void stop_accepting();
  /// Closes everything. Returns when nothing of the server runs on the http line any more, or after
  /// defaults::http::stop_deadline. Idempotent.
  void stop();

private:
  struct inner;
  explicit server(std::shared_ptr<inner> parts);
  std::shared_ptr<inner> inner_;
};

} // namespace switchboard::http
