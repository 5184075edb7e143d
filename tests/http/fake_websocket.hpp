#pragma once

#include "http/websocket.hpp"

#include <string>
#include <utility>
#include <vector>

namespace switchboard::test {

/// What happened at a fake socket, kept by the test: the socket itself belongs to the link.
struct websocket_log {
  http::websocket_events* events = nullptr;
  std::vector<std::string> sent;
  std::vector<std::pair<uint16_t, std::string>> closes;
  int flushes = 0;
  bool alive = false;
};

/// A WebSocket without a network: the test speaks for the peer through `log.events`.
class fake_websocket : public http::websocket {
public:
  fake_websocket(websocket_log& log, http::websocket_events* events) : log_(log) {
    log_.events = events;
    log_.alive = true;
  }
  ~fake_websocket() override { log_.alive = false; }

  bool send_text(std::string_view message) override {
    log_.sent.emplace_back(message);
    return true;
  }
  void flush() override { ++log_.flushes; }
  void close(uint16_t code, std::string_view reason) override {
    log_.closes.emplace_back(code, std::string(reason));
  }
  void pause() override {}
  void detach(std::function<void(http::detached_websocket_ptr)>) override {}
  void set_events(http::websocket_events* events) override { log_.events = events; }
  size_t queued_bytes() const override { return 0; }
  bool is_open() const override { return true; }
  std::string peer() const override { return {}; }

private:
  websocket_log& log_;
};

} // namespace switchboard::test
