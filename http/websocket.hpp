#pragma once

#include "actors/link_close.hpp"
#include "actors/ticker.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace asio {
class io_context;
}

namespace switchboard::http {

/// Bounds and deadlines of one WebSocket. All are looked at on the thread's tick.
struct websocket_limits {
  size_t message_bytes_max = 64 * 1024;               ///< of one reassembled message
  size_t write_queue_bytes_max = 1024 * 1024;         ///< what the peer has not taken yet
  std::chrono::milliseconds write_age_max{10'000};    ///< a write that makes no progress this long
  std::chrono::milliseconds connect_timeout{5'000};   ///< DNS and TCP (client)
  std::chrono::milliseconds tls_timeout{5'000};       ///< TLS handshake (client)
  std::chrono::milliseconds handshake_timeout{5'000}; ///< HTTP upgrade, either role
  std::chrono::milliseconds first_message_timeout{0}; ///< after open; 0 = none
  std::chrono::milliseconds idle_timeout{0};          ///< no message received; 0 = none
  std::chrono::milliseconds ping_interval{20'000};    ///< 0 = never ping
  std::chrono::milliseconds pong_timeout{20'000};     ///< after an unanswered ping
  std::chrono::milliseconds close_timeout{5'000};     ///< for the peer's close frame, then shutdown
};

class websocket_events {
public:
  virtual ~websocket_events() = default;
  virtual void on_open() = 0;                         ///< 101 sent or received
  virtual void on_text(std::string_view message) = 0; ///< valid UTF-8, whole message
  virtual void on_binary(size_t bytes) = 0; ///< a binary message was received (and dropped)
  virtual void on_read_end() = 0;           ///< everything of one read was delivered
  /// Nothing follows. Exactly once, never from inside a call of the owner; here the owner may
  /// destroy the websocket.
  virtual void on_closed(const actors::link_close&) = 0;
};

/// Where a client connects to. `wss` verifies chain and host name and sends SNI.
struct websocket_target {
  bool tls = false;
  std::string host; ///< without brackets
  uint16_t port = 0;
  std::string resource; ///< path and query, "/v1/realtime?model=x"
  std::vector<std::pair<std::string, std::string>> headers;
  /// @returns false if `url` is no ws:// or wss:// URL.
  static bool parse(std::string_view url, websocket_target& out);
};

/// TLS settings shared by all client sockets (one OpenSSL context). Thread-safe after creation.
class tls_client_context {
public:
  /// @param ca_file PEM bundle; empty = the system's. @throws std::runtime_error with a clear text.
  static std::shared_ptr<tls_client_context> create(const std::string& ca_file);
  virtual ~tls_client_context() = default;
};

/// A WebSocket in transit from one thread to another: a socket without pending operations, the
/// protocol engine and what was received but not delivered.
class detached_websocket;
struct detached_websocket_deleter {
  void operator()(detached_websocket*) const;
};
using detached_websocket_ptr = std::unique_ptr<detached_websocket, detached_websocket_deleter>;

/// One WebSocket (RFC 6455), either role: our own reads and writes (on a socket of ours, or for the
/// client's TLS on one of Asio's), our own frames, websocketpp for the upgrade. Belongs to one
/// thread (that of its io_context and ticker). Nothing throws. Destroying it drops the connection
/// at once.
class websocket {
public:
  /// Server role on a socket taken over from the HTTP server.
  /// @param request_head request line and headers as received, each line ended by CRLF, with the
  ///        empty line at the end.
  /// @param early_bytes what the client sent after its request (a protocol error if not empty).
  /// @param keep_alive released (on this thread) when the socket is closed.
  static std::unique_ptr<websocket> accept(asio::io_context&, actors::ticker&, int native_handle,
                                           std::string request_head, std::string early_bytes,
                                           websocket_limits, websocket_events*,
                                           std::shared_ptr<void> keep_alive = nullptr);
  /// Client role: connects, TLS, upgrade. Failures come as on_closed().
  static std::unique_ptr<websocket> connect(asio::io_context&, actors::ticker&, websocket_target,
                                            std::shared_ptr<tls_client_context>, websocket_limits,
                                            websocket_events*);
  /// Goes on with a detached socket on another thread; undelivered messages are delivered first
  /// (from the io_context, not from inside this call).
  static std::unique_ptr<websocket> attach(asio::io_context&, actors::ticker&,
                                           detached_websocket_ptr, websocket_limits,
                                           websocket_events*);
  virtual ~websocket() = default;
  /// Makes what all sockets of a thread share, which else its first one does. Any thread.
  static void prepare(asio::io_context&);

  /// Queues a text message. @returns false if the socket is not open or the queue is over its bound
  /// (then on_closed with `overflow` follows).
  virtual bool send_text(std::string_view message) = 0;
  /// Writes all that is queued: one system call when the socket takes it.
  virtual void flush() = 0;
  /// Starts the closing handshake; on_closed follows within close_timeout.
  virtual void close(uint16_t code, std::string_view reason) = 0;
  /// Stops reading after the message being delivered: later ones are kept (bounded), nothing is
  /// read any more. Needed before detach().
  virtual void pause() = 0;
  /// Hands the paused socket out once its writes are done; `this` is closed then (no on_closed).
  virtual void detach(std::function<void(detached_websocket_ptr)>) = 0;
  virtual void set_events(websocket_events*) = 0;
  virtual size_t queued_bytes() const = 0;
  virtual bool is_open() const = 0;
  /// The peer's address, "127.0.0.1:1234"; empty if unknown.
  virtual std::string peer() const = 0;
};

/// How often, in this process, a websocket was used on another thread than its own. Always counted
/// (one comparison per call); anything but 0 is a mistake of ours.
uint64_t websocket_thread_violations();

} // namespace switchboard::http
