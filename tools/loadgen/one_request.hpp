#pragma once

#include "tools/loadgen/link.hpp"

#include <functional>
#include <memory>
#include <string>

namespace sim::load {

/// One HTTP/1.1 request on a connection of its own.
class one_request : public link_events, public std::enable_shared_from_this<one_request> {
public:
  struct answer {
    int status = 0; ///< 0: none came; `body` says why
    std::string body;
  };
  /// Sends `text`, which asks for the connection to be closed; `done` runs once.
  static void send(reactor& loop, const std::string& host, uint16_t port, std::string text,
                   std::function<void(const answer&)> done);

  one_request(reactor& loop, std::string text, std::function<void(const answer&)> done);
  void on_up() override;
  void on_bytes(char* bytes, size_t count) override;
  void on_down(const std::string& why) override;

private:
  reactor& loop_;
  link link_;
  std::string text_, got_;
  std::function<void(const answer&)> done_;
  std::shared_ptr<one_request> self_; // while the connection lives
};

/// A reader of /api/status: connects, reads and counts.
class event_reader : public link_events {
public:
  event_reader(reactor& loop, std::string request)
      : link_(loop, *this), request_(std::move(request)) {}
  void start(const std::string& host, uint16_t port) { link_.connect(host, port); }
  void on_up() override;
  void on_bytes(char*, size_t count) override { bytes_ += count; }
  void on_down(const std::string&) override { lost_ = true; }
  uint64_t bytes() const { return bytes_; }
  bool lost() const { return lost_; }

private:
  link link_;
  std::string request_;
  uint64_t bytes_ = 0;
  bool lost_ = false;
};

} // namespace sim::load
