#pragma once

#include "http/websocket.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>

namespace switchboard::http {

/// Where a stream's operations end. The stream holds the listener until its handler has run, so a
/// listener that owns the stream keeps both alive.
class stream_listener {
public:
  virtual ~stream_listener() = default;
  virtual void on_stream_connected(std::error_code) = 0;
  /// @param detail what was wrong with the certificate, if that was it.
  virtual void on_stream_secured(std::error_code, const std::string& detail) = 0;
  /// @param bytes the listener's to change, until it returns.
  virtual void on_stream_read(std::error_code, char* bytes, size_t count) = 0;
  virtual void on_stream_written(std::error_code, size_t bytes) = 0;
  /// What send() had taken and could not send after all: the socket was full, or has failed. At the
  /// latest when the turn is over, or from any call that needs it gone (settle(), drop(), ...),
  /// also of another stream. Nothing may be sent from here, and no owner called: it is for
  /// write_some(), as it is (a TLS stream gives back what is encrypted already).
  virtual void on_stream_unsent(std::error_code, const char* rest, size_t count) = 0;
};

enum class drop_mode : uint8_t {
  orderly, ///< what was written still arrives (TLS: with a close_notify)
  abort,   ///< at once: unsent bytes are discarded, the peer gets a reset
};

/// A TCP connection's bytes, plain or TLS, on one io_context and its thread, which it does not
/// outlive. At most one read and one write at a time. Nothing throws.
class websocket_stream {
public:
  using listener = std::shared_ptr<stream_listener>;

  static std::unique_ptr<websocket_stream> make_plain(asio::io_context&);
  /// @param host checked against the certificate, and sent as SNI unless it is an address.
  static std::unique_ptr<websocket_stream>
  make_tls(asio::io_context&, std::shared_ptr<tls_client_context>, const std::string& host);
  virtual ~websocket_stream() = default;

  /// Takes a connected socket over; on failure it stays the caller's.
  virtual std::error_code assign(int native_handle) = 0;
  /// Gives the socket back; no operation may be pending. @returns -1 on failure.
  virtual int release() = 0;
  /// DNS (a numeric address needs none) and TCP, all addresses in turn.
  virtual void connect(const std::string& host, uint16_t port, listener) = 0;
  virtual void secure(listener) = 0;
  virtual void read_some(listener) = 0;
  /// In on_stream_read(): has the same listener read once more, by the reference that the stream
  /// still has to it. @returns false if it has none: then it is for read_some().
  virtual bool read_on() { return false; }
  /// One attempt without waiting, or with the sends of other streams before the thread waits for
  /// anything. @param owner told of what was taken and not sent (on_stream_unsent), by a TLS stream
  /// also before this returns; it outlives the stream. @returns bytes taken; 0 and no error if the
  /// socket is full or the stream cannot send at once.
  virtual size_t send(const char* bytes, size_t count, stream_listener& owner,
                      std::error_code&) = 0;
  /// Has what send() took sent now; `owner` may be told before this returns.
  virtual void settle() {}
  /// What send() did not take, or on_stream_unsent() gave back.
  virtual void write_some(const char* bytes, size_t count, listener) = 0;
  /// Ends the read in progress with operation_aborted, or with what was received for it already;
  /// only while no write is.
  virtual void cancel() = 0;
  /// FIN after what was written; reading goes on.
  virtual void finish_sending() = 0;
  virtual void drop(drop_mode, listener) = 0;
  virtual std::string peer() const = 0;
};

} // namespace switchboard::http
