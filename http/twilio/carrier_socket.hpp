#pragma once

#include "actors/carrier_link.hpp"
#include "actors/ticker.hpp"
#include "http/websocket.hpp"

#include <functional>
#include <memory>
#include <string>

namespace switchboard::twilio {

/// Makes a socket that reports to `events`: the seam between the protocol and its transport.
using websocket_opener =
    std::function<std::unique_ptr<http::websocket>(http::websocket_events* events)>;

/// The media stream of one call on a WebSocket whose `start` message was read before. The socket is
/// opened by the first start(), on that thread, so the link may be made elsewhere and lose nothing;
/// from then on it belongs to that thread. What is not of this stream, not text or not known is
/// counted and passed over; too many messages in a row that cannot be read close with 1007.
/// @param stream_sid of the `start` message.
std::unique_ptr<actors::carrier_link> make_carrier_link(websocket_opener open,
                                                        std::string stream_sid);

/// The same on a socket handed over by the HTTP server.
std::unique_ptr<actors::carrier_link>
make_carrier_link(asio::io_context& io, actors::ticker& ticker, http::detached_websocket_ptr socket,
                  std::string stream_sid, http::websocket_limits limits);

} // namespace switchboard::twilio
