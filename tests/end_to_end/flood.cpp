#include "tests/end_to_end/flood.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace e2e {

namespace {

constexpr auto turn = std::chrono::milliseconds{50};
constexpr size_t turns_per_second = 20;
constexpr const char* listen_request = "GET /api/status HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr const char* slow_request = "GET /health HTTP/1.1\r\nX-Slow: ";

int connect_to(uint16_t port, int receive_bytes = 0) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_bytes > 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    close(fd);
    return -1;
  }
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

void say(int fd, const std::string& text) {
  (void)!::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
}

/// Both sides of a flood are in need of descriptors.
void raise_descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace

flood::flood(uint16_t port, flood_size size) : port_(port), size_(size) {
  raise_descriptors();
  auto add = [this](kind what, size_t count) {
    for (size_t i = 0; i < count; ++i)
      clients_.push_back({what});
  };
  add(kind::event_reader, size_.event_readers);
  add(kind::event_sleeper, size_.event_sleepers);
  add(kind::idle, size_.idle);
  add(kind::trickling, size_.trickling);
  thread_ = std::thread{[this] { run(); }};
}

flood::~flood() {
  stop();
}

void flood::stop() {
  over_ = true;
  if (thread_.joinable())
    thread_.join();
}

void flood::run() {
  while (!over_) {
    for (auto& c : clients_)
      if (c.fd < 0)
        open(c);
    if (turns_ % turns_per_second == 0)
      trickle();
    misbehave();
    listen();
    ++turns_;
  }
  for (auto& c : clients_)
    if (c.fd >= 0)
      close(c.fd);
}

void flood::open(client& c) {
  c.fd = connect_to(port_, c.what == kind::event_sleeper ? 4096 : 0);
  c.sent = 0;
  c.heard = false;
  if (c.what == kind::event_reader || c.what == kind::event_sleeper)
    say(c.fd, listen_request);
}

void flood::trickle() {
  for (auto& c : clients_) {
    if (c.what != kind::trickling)
      continue;
    const std::string text = slow_request;
    say(c.fd, c.sent < text.size() ? text.substr(c.sent, 1) : "a");
    ++c.sent;
  }
}

/// Waits for one turn and takes what comes meanwhile.
void flood::listen() {
  const auto until = std::chrono::steady_clock::now() + turn;
  for (;;) {
    std::vector<pollfd> wanted;
    for (auto& c : clients_) // of a sleeper only its end is of interest
      wanted.push_back(
          {c.fd, static_cast<short>(c.what == kind::event_sleeper && c.heard ? 0 : POLLIN), 0});
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    if (left.count() <= 0 ||
        poll(wanted.data(), wanted.size(), static_cast<int>(left.count())) <= 0)
      return;
    for (size_t i = 0; i < wanted.size(); ++i)
      if (wanted[i].revents != 0)
        take(clients_[i]);
  }
}

void flood::take(client& c) {
  char bytes[65536];
  const size_t most = c.what == kind::event_sleeper ? 64 : sizeof bytes;
  const auto got = recv(c.fd, bytes, most, 0);
  if (got > 0) {
    if (!c.heard && (c.what == kind::event_reader || c.what == kind::event_sleeper))
      ++listening_;
    c.heard = true;
    return;
  }
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    return;
  close(c.fd);
  c.fd = -1;
  ++thrown_out_;
}

/// Garbage, a body and headers beyond every limit, and connections that end with a reset.
void flood::misbehave() {
  for (size_t i = 0; i < size_.bad_per_turn; ++i) {
    const int fd = connect_to(port_);
    if (fd < 0)
      continue;
    switch (i % 6) {
    case 0:
      say(fd, std::string(4096, '\xff'));
      break;
    case 1:
      say(fd, "POST /api/calls/x/notes HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n" +
                  std::string(500'000, 'a'));
      break;
    case 2:
      say(fd, "GET /" + std::string(300'000, 'u') + " HTTP/1.1\r\n\r\n");
      break;
    case 3: {
      std::string many = "GET /health HTTP/1.1\r\n";
      for (int line = 0; line < 20'000; ++line)
        many += "a:\r\n";
      say(fd, many);
      break;
    }
    case 4:
      say(fd, "GET /streams HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
              "\x81\xfe\xff\xff");
      break;
    default:
      say(fd, "GET /api/calls HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    const linger reset{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(fd);
  }
}

} // namespace e2e
