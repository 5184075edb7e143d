#pragma once

#include "tests/http/websocket_fixture.hpp"
#include "tests/http/websocket_fixture_tls.hpp"

#include <memory>
#include <string>

struct ssl_st;
struct ssl_ctx_st;

namespace switchboard::http::testing {

/// A server's end of TLS on a raw socket, by hand: it reads only when it is told to.
class tls_peer {
public:
  /// @param version the newest it speaks, as OpenSSL names it (TLS1_3_VERSION).
  tls_peer(raw_socket wire, const certificate& own, int version);
  ~tls_peer();
  tls_peer(const tls_peer&) = delete;
  tls_peer& operator=(const tls_peer&) = delete;

  /// Reads what is there, shakes hands, and adds what is decrypted to `received`.
  void pump();
  void send(const std::string& text);
  /// What send() would put on the wire, for who sends it himself.
  std::string encrypt(const std::string& text);
  /// Takes new keys, and asks for the client's (TLS 1.3).
  void change_keys();
  /// Asks for another handshake (TLS 1.2).
  void renegotiate();
  void say_goodbye();

  raw_socket wire;
  std::string
      hurried; ///< sent with the end of the server's handshake, before the client's (TLS 1.3)
  std::string received;
  bool secured = false;
  bool goodbye = false;      ///< the client's close_notify has come
  unsigned long problem = 0; ///< OpenSSL's, of the latest pump()

private:
  bool hurry();
  void flush();
  std::string take_output();

  ssl_ctx_st* context_;
  ssl_st* ssl_;
};

} // namespace switchboard::http::testing
