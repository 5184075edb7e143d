#pragma once

#include "tools/loadgen/reactor.hpp"

#include <openssl/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace sim::load {

/// What happens on a link.
class link_events {
public:
  virtual ~link_events() = default;
  virtual void on_up() = 0;
  virtual void on_bytes(char* bytes, size_t count) = 0; ///< to be worked on in place
  virtual void on_down(const std::string& why) = 0;     ///< once
};

/// One TCP connection, plain or (accepting side) TLS: one recv an event, one send a flush.
class link : public pollable {
public:
  link(reactor& loop, link_events& owner) : loop_(loop), owner_(owner) {}
  ~link() override;

  /// @param host an IPv4 address. on_up or on_down follows.
  void connect(const std::string& host, uint16_t port);
  /// Goes on with an accepted socket. @param tls null = plain.
  void adopt(int fd, SSL_CTX* tls);
  /// What flush() will send.
  std::string& out() { return out_; }
  void flush();
  /// Closes without on_down.
  void close();
  /// Sends what is queued, then says that nothing follows.
  void finish_sending();
  bool is_open() const { return fd_ >= 0; }
  size_t queued() const { return out_.size(); }

  void on_ready(uint32_t events) override;

private:
  void go_down(const std::string& why);
  void on_connected();
  bool shake();
  void read_plain();
  void read_tls();
  long write(const char* bytes, size_t count);
  void want(uint32_t events);

  reactor& loop_;
  link_events& owner_;
  int fd_ = -1;
  SSL* ssl_ = nullptr;
  bool connecting_ = false;
  bool shaking_ = false;
  uint32_t events_ = 0;
  std::string out_;
};

/// A context for the model's side that reads certificate and key. @throws std::runtime_error.
SSL_CTX* make_tls_context(const std::string& certificate, const std::string& key);

/// A listening socket on 127.0.0.1. @returns the descriptor; `port` is set. @throws on failure.
int listen_on(uint16_t& port);

} // namespace sim::load
