#pragma once

#include "http/exchange.hpp"
#include "http/gateway.hpp"
#include "http/http_services.hpp"

#include <list>
#include <memory>
#include <string>

namespace switchboard::http {

/// Takes media streams in: upgrades the socket, reads `connected` and `start`, checks the ticket,
/// asks the registry, and hands the socket to its line. Bounded in number and time; a stream that
/// may not in is closed with 1008. Http thread only.
class stream_acceptor {
public:
  /// @param gate outlives it.
  stream_acceptor(const http_services& services, gateway* gate, std::string ticket_key);
  ~stream_acceptor();

  /// Takes over the socket of a GET with a WebSocket upgrade.
  void accept(const exchange_ptr& x);
  size_t pending() const { return sessions_.size(); }
  /// Drops all sockets that are not handed over.
  void close();

private:
  class session;
  void remove(session* done);

  const http_services& services_;
  gateway* gate_;
  std::string ticket_key_;
  std::list<std::shared_ptr<session>> sessions_;
  bool closed_ = false;
};

/// The request line and headers of a request, as a WebSocket engine reads them.
std::string request_head(const http_request& request);

} // namespace switchboard::http
