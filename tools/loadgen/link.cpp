#include "tools/loadgen/link.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace sim::load {

namespace {

constexpr size_t read_bytes = 64 * 1024;
char read_buffer[read_bytes]; // one loop, one thread

void no_delay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

} // namespace

link::~link() {
  close();
}

void link::connect(const std::string& host, uint16_t port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &to.sin_addr) != 1)
    return owner_.on_down("not an IPv4 address: " + host);
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0)
    return owner_.on_down(std::strerror(errno));
  no_delay(fd_);
  connecting_ = true;
  events_ = EPOLLOUT;
  loop_.watch(fd_, this, events_);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)
    go_down(std::strerror(errno));
}

void link::adopt(int fd, SSL_CTX* tls) {
  fd_ = fd;
  no_delay(fd_);
  events_ = EPOLLIN;
  loop_.watch(fd_, this, events_);
  if (tls == nullptr)
    return owner_.on_up();
  ssl_ = SSL_new(tls);
  SSL_set_fd(ssl_, fd_);
  SSL_set_accept_state(ssl_);
  shaking_ = true;
}

void link::want(uint32_t events) {
  if (events == events_ || fd_ < 0)
    return;
  events_ = events;
  loop_.change(fd_, this, events_);
}

void link::on_connected() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0)
    return go_down(std::strerror(error));
  connecting_ = false;
  want(EPOLLIN);
  owner_.on_up();
}

/// @returns whether the TLS handshake is over.
bool link::shake() {
  const int done = SSL_do_handshake(ssl_);
  if (done == 1) {
    shaking_ = false;
    want(EPOLLIN);
    owner_.on_up();
    return true;
  }
  const int wanted = SSL_get_error(ssl_, done);
  if (wanted == SSL_ERROR_WANT_READ)
    want(EPOLLIN);
  else if (wanted == SSL_ERROR_WANT_WRITE)
    want(EPOLLIN | EPOLLOUT);
  else
    go_down("TLS handshake failed");
  return false;
}

void link::on_ready(uint32_t events) {
  if (fd_ < 0)
    return;
  if (connecting_)
    return on_connected();
  if (shaking_ && !shake())
    return;
  if ((events & EPOLLOUT) != 0)
    flush();
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0 || fd_ < 0)
    return;
  if (ssl_ != nullptr)
    read_tls();
  else
    read_plain();
}

void link::read_plain() {
  const ssize_t count = recv(fd_, read_buffer, read_bytes, 0);
  if (count > 0)
    owner_.on_bytes(read_buffer, static_cast<size_t>(count));
  else if (count == 0)
    go_down("closed");
  else if (errno != EAGAIN && errno != EINTR)
    go_down(std::strerror(errno));
}

void link::read_tls() {
  while (fd_ >= 0) {
    const int count = SSL_read(ssl_, read_buffer, read_bytes);
    if (count > 0) {
      owner_.on_bytes(read_buffer, static_cast<size_t>(count));
      continue;
    }
    if (SSL_get_error(ssl_, count) != SSL_ERROR_WANT_READ)
      go_down("closed");
    return;
  }
}

long link::write(const char* bytes, size_t count) {
  if (ssl_ != nullptr) {
    const int sent = SSL_write(ssl_, bytes, static_cast<int>(count));
    if (sent > 0)
      return sent;
    const int wanted = SSL_get_error(ssl_, sent);
    return wanted == SSL_ERROR_WANT_WRITE || wanted == SSL_ERROR_WANT_READ ? 0 : -1;
  }
  const ssize_t sent = send(fd_, bytes, count, MSG_NOSIGNAL);
  return sent >= 0 ? sent : errno == EAGAIN || errno == EINTR ? 0 : -1;
}

void link::flush() {
  if (fd_ < 0 || connecting_ || shaking_ || out_.empty())
    return;
  const long sent = write(out_.data(), out_.size());
  if (sent < 0)
    return go_down("send failed");
  out_.erase(0, static_cast<size_t>(sent));
  want(out_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

void link::finish_sending() {
  flush();
  if (fd_ >= 0)
    shutdown(fd_, SHUT_WR);
}

void link::close() {
  if (fd_ < 0)
    return;
  loop_.forget(fd_);
  ::close(fd_);
  fd_ = -1;
  out_.clear();
  SSL_free(ssl_);
  ssl_ = nullptr;
}

void link::go_down(const std::string& why) {
  close();
  owner_.on_down(why);
}

SSL_CTX* make_tls_context(const std::string& certificate, const std::string& key) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (context == nullptr || SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    throw std::runtime_error("certificate or key cannot be read: " + certificate + ", " + key);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  return context;
}

int listen_on(uint16_t& port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 ||
      listen(fd, SOMAXCONN) != 0)
    throw std::runtime_error("cannot listen on port " + std::to_string(port) + ": " +
                             std::strerror(errno));
  socklen_t size = sizeof at;
  getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
  port = ntohs(at.sin_port);
  return fd;
}

} // namespace sim::load
