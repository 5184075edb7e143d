#include "http/tcp_dialer.hpp"

#include <asio/connect.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <utility>

namespace switchboard::http {

using asio::ip::tcp;

void tcp_dialer::dial(const std::string& host, uint16_t port,
                      std::function<void(std::error_code)> done) {
  std::error_code error;
  if (auto address = asio::ip::make_address(host, error); !error)
    return try_each(std::array{tcp::endpoint(address, port)}, std::move(done));
  using results = asio::ip::basic_resolver<tcp, tcp_executor>::results_type;
  resolver_.async_resolve(
      host, std::to_string(port), tcp::resolver::numeric_service,
      [this, done = std::move(done)](std::error_code failed, const results& found) mutable {
        if (failed)
          done(failed);
        else
          try_each(found, std::move(done));
      });
}

template <class Endpoints>
void tcp_dialer::try_each(const Endpoints& endpoints, std::function<void(std::error_code)> done) {
  asio::async_connect(
      socket_, endpoints,
      [done = std::move(done)](std::error_code error, const auto&) { done(error); });
}

void tcp_dialer::close() {
  std::error_code ignored;
  resolver_.cancel();
  socket_.close(ignored);
}

void send_at_once(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void reset_on_close(int fd) {
  const linger at_once{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

std::string peer_of(int fd) {
  tcp::endpoint peer;
  auto size = static_cast<socklen_t>(peer.capacity());
  if (getpeername(fd, peer.data(), &size) != 0)
    return {};
  peer.resize(size);
  const std::string address = peer.address().to_string();
  return (peer.address().is_v6() ? "[" + address + "]" : address) + ":" +
         std::to_string(peer.port());
}

} // namespace switchboard::http
