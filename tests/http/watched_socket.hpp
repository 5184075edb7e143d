#pragma once

#include "conf/defaults/websocket.hpp"
#include "http/socket_poller.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>

#include <caf/test/dsl.hpp>

namespace switchboard::http::testing {

inline constexpr size_t one_read = defaults::websocket::read_buffer_bytes;

/// One end of a pair of sockets, watched for bytes; the other end in hand.
class watched : public polled_socket {
public:
  explicit watched(asio::io_context& io) : poller(socket_poller::of(io)) {
    int ends[2] = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0)
      CAF_FAIL("socketpair");
    fd = ends[0];
    peer = ends[1];
    watch(bytes_interest);
  }
  ~watched() override {
    if (!gone) {
      poller.settle();
      poller.let_go(*this);
      poller.forget(fd);
    }
    ::close(fd);
    hang_up();
  }
  void watch(uint8_t interests) {
    wanted = interests;
    CAF_REQUIRE(!poller.watch(fd, interests, this));
  }
  void say(const std::string& text) {
    CAF_REQUIRE_EQUAL(::write(peer, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  /// As much as the socket takes. @returns how much.
  size_t flood() {
    const std::string much(one_read, 'x');
    size_t said = 0;
    for (ssize_t n = 0; (n = ::write(peer, much.data(), much.size())) > 0;)
      said += static_cast<size_t>(n);
    return said;
  }
  void hang_up() {
    if (peer >= 0)
      ::close(peer);
    peer = -1;
  }
  bool stage(const std::string& text) { return poller.stage(fd, *this, text.data(), text.size()); }
  /// What arrived at the peer.
  std::string arrived() {
    std::string text(one_read, ' ');
    const ssize_t count = ::read(peer, text.data(), text.size());
    return text.substr(0, static_cast<size_t>(std::max<ssize_t>(count, 0)));
  }

  uint8_t wants() const override { return wanted; }
  void on_received(char* bytes, size_t count, int error) override {
    ++turns;
    heard.append(bytes, count);
    last_error = error;
    if (count == 0) {
      ++peer_ends;
      watch(no_interest);
    }
    if (then)
      then();
  }
  void on_room() override {
    ++rooms;
    if (then)
      then();
  }
  void on_unsent(const char* rest, size_t count, int error) override {
    unsent.append(rest, count);
    last_error = error;
  }
  void on_poller_gone() override { gone = true; }

  socket_poller& poller;
  int fd = -1, peer = -1;
  uint8_t wanted = no_interest;
  int turns = 0, rooms = 0, peer_ends = 0, last_error = 0;
  std::string heard, unsent;
  bool gone = false;
  std::function<void()> then;
};

/// Runs what is ready. @returns how many handlers, at most `most`.
inline int run(asio::io_context& io, int most = 50) {
  int ran = 0;
  io.restart();
  while (ran < most && io.poll_one() > 0)
    ++ran;
  return ran;
}

inline bool throws(asio::io_context& io) {
  try {
    run(io);
  } catch (const std::runtime_error&) {
    return true;
  }
  return false;
}

} // namespace switchboard::http::testing
