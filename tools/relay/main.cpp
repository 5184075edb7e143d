// bin/relay: the baseline of tools/bench. Carries bytes between two sockets and knows nothing of
// them: level-triggered epoll, one recv and one send an event. What a bridge costs beyond this is
// what it does.
//
// Usage: relay LISTEN_PORT TARGET_PORT   (127.0.0.1; runs until it is ended)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr size_t read_bytes = 64 * 1024;
constexpr int events_at_once = 512;

/// By descriptor: where its bytes go, and what its peer has not taken.
struct end_point {
  int peer = -1;
  std::string waiting;
};

std::vector<end_point> ends;
int poller = -1;

void watch(int fd, uint32_t events, int how) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  epoll_ctl(poller, how, fd, &event);
}

sockaddr_in loopback(const char* port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<uint16_t>(std::atoi(port)));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

void no_delay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void drop(int fd) {
  const int peer = ends[static_cast<size_t>(fd)].peer;
  for (int each : {fd, peer}) {
    if (each < 0)
      continue;
    ends[static_cast<size_t>(each)] = {};
    close(each);
  }
}

/// Connects the other side of an accepted socket; loopback answers at once.
void accept_one(int listener, const sockaddr_in& target) {
  const int in = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (in < 0)
    return;
  const int out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (out < 0 || connect(out, reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0) {
    close(in);
    close(out);
    return;
  }
  const size_t size = static_cast<size_t>(in > out ? in : out) + 1;
  if (ends.size() < size)
    ends.resize(size);
  ends[static_cast<size_t>(in)].peer = out;
  ends[static_cast<size_t>(out)].peer = in;
  for (int each : {in, out}) {
    no_delay(each);
    watch(each, EPOLLIN, EPOLL_CTL_ADD);
  }
}

bool push(int to, const char* bytes, size_t count) {
  auto& waiting = ends[static_cast<size_t>(to)].waiting;
  size_t sent = 0;
  if (waiting.empty()) {
    const ssize_t taken = send(to, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (taken < 0 && errno != EAGAIN)
      return false;
    sent = taken > 0 ? static_cast<size_t>(taken) : 0;
  }
  if (sent < count) {
    waiting.append(bytes + sent, count - sent);
    watch(to, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
  }
  return true;
}

void relay(int fd, uint32_t events) {
  static char buffer[read_bytes];
  auto& self = ends[static_cast<size_t>(fd)];
  if (self.peer < 0)
    return; // closed in this round
  if ((events & EPOLLOUT) != 0) {
    const std::string waiting = std::move(self.waiting);
    self.waiting.clear();
    watch(fd, EPOLLIN, EPOLL_CTL_MOD);
    if (!push(fd, waiting.data(), waiting.size()))
      return drop(fd);
  }
  if ((events & ~static_cast<uint32_t>(EPOLLOUT)) == 0)
    return;
  const ssize_t count = recv(fd, buffer, read_bytes, MSG_DONTWAIT);
  if (count < 0 && errno == EAGAIN)
    return;
  if (count <= 0 || !push(self.peer, buffer, static_cast<size_t>(count)))
    drop(fd);
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: relay LISTEN_PORT TARGET_PORT\n");
    return 1;
  }
  std::signal(SIGPIPE, SIG_IGN);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  poller = epoll_create1(EPOLL_CLOEXEC);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const auto at = loopback(argv[1]);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
      listen(listener, SOMAXCONN) != 0) {
    std::fprintf(stderr, "relay: cannot listen on %s: %s\n", argv[1], std::strerror(errno));
    return 1;
  }
  watch(listener, EPOLLIN, EPOLL_CTL_ADD);
  const auto target = loopback(argv[2]);
  for (;;) {
    epoll_event ready[events_at_once];
    const int count = epoll_wait(poller, ready, events_at_once, -1);
    for (int i = 0; i < count; ++i)
      if (ready[i].data.fd == listener)
        accept_one(listener, target);
      else
        relay(ready[i].data.fd, ready[i].events);
  }
}
