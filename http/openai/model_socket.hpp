#pragma once

#include "actors/model_link.hpp"
#include "actors/ticker.hpp"
#include "conf/config.hpp"
#include "http/websocket.hpp"

#include <functional>
#include <memory>

namespace switchboard::openai {

/// Makes a socket that reports to `events`: the seam between the protocol and its transport.
using websocket_opener =
    std::function<std::unique_ptr<http::websocket>(http::websocket_events* events)>;

/// One model session on a WebSocket: events decoded, commands encoded as the dialect wants them and
/// numbered `sb-1`, `sb-2`, ... Belongs to the thread of its socket. A message that cannot be read
/// is counted and passed over; too many in a row close with 1007.
std::unique_ptr<actors::model_link>
make_model_link(const websocket_opener& open, conf::dialect dialect, actors::model_events* sink);

/// Bounds and deadlines of a model's socket.
http::websocket_limits model_limits();

/// Opens model sessions on one line, as configured. The io_context and the ticker are the line's
/// and outlive it and its links.
class model_socket_connector : public actors::model_connector {
public:
  /// @param tls shared by all lines; needed only for a wss URL.
  model_socket_connector(asio::io_context& io, actors::ticker& ticker, const conf::config& config,
                         std::shared_ptr<http::tls_client_context> tls);
  std::unique_ptr<actors::model_link> connect(actors::model_events* sink) override;

private:
  asio::io_context& io_;
  actors::ticker& ticker_;
  http::websocket_target target_;
  conf::dialect dialect_;
  std::shared_ptr<http::tls_client_context> tls_;
};

} // namespace switchboard::openai
