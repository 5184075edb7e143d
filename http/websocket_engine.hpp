#pragma once

#include "actors/link_close.hpp"
#include "http/websocket.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace switchboard::http {

/// What an engine reports while it is fed.
class engine_events {
public:
  virtual ~engine_events() = default;
  virtual void on_engine_open() = 0; ///< client only: the 101 arrived and is right
  virtual void on_engine_text(std::string_view message) = 0;
  virtual void on_engine_binary(size_t bytes) = 0;
  /// Asked between messages: true leaves the rest of the bytes unread.
  virtual bool engine_should_stop() const = 0;
};

enum class engine_state : uint8_t {
  handshaking, ///< client: the answer to the upgrade is awaited
  open,
  closing, ///< our close frame is in output(), the peer's has not come
  closed,  ///< both close frames were seen; ours may still be in output()
  failed,  ///< the peer broke the protocol or refused; a last answer may be in output()
};

/// RFC 6455 without I/O or time: bytes in, bytes and events out, either role. Never throws, never
/// trusts a length: memory grows only with bytes received, up to the message bound. Fed bytes are
/// worked on in place. One thread at a time; may move between threads while at rest.
///
/// The interface is this narrow so that another framer can replace the present one.
class websocket_engine {
public:
  virtual ~websocket_engine() = default;
  virtual engine_state state() const = 0;
  /// @returns bytes consumed: less than `count` only if the events asked to stop. After the end of
  ///          the connection everything is consumed and ignored.
  virtual size_t feed(char* bytes, size_t count, engine_events&) = 0;
  /// @returns false (and queues nothing) if not open or if `message` is no UTF-8.
  virtual bool send_text(std::string_view message) = 0;
  virtual void ping() = 0;
  /// Queues the close frame, once. A code that must not be sent becomes 1000; the reason is cut to
  /// 123 bytes between characters.
  virtual void close(uint16_t code, std::string_view reason) = 0;
  /// Bytes for the wire; the caller takes them away.
  virtual std::string& output() = 0;
  /// Tells that all of output() was written: it is empty now, and its memory may serve another
  /// engine of this thread.
  virtual void output_written() = 0;
  /// @returns true if feed() queued a pong or close frame since it was asked last.
  virtual bool take_control_queued() = 0;
  /// Why it ended; meaningful in the states closed and failed.
  virtual const actors::link_close& outcome() const = 0;
  virtual void set_message_bytes_max(size_t) = 0;
};

/// Answers an upgrade request: the 101 is in output() and the state `open`, or an HTTP error is and
/// the state `failed`.
/// @param request_head with the empty line at its end.
/// @param early_bytes what came after the request: not allowed before the 101.
std::unique_ptr<websocket_engine> make_server_engine(std::string_view request_head,
                                                     std::string_view early_bytes,
                                                     size_t message_bytes_max);

/// Starts an upgrade: the request is in output().
/// @param target one without a target_problem().
std::unique_ptr<websocket_engine> make_client_engine(const websocket_target& target,
                                                     size_t message_bytes_max);

} // namespace switchboard::http
