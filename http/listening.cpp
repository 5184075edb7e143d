#include "http/listening.hpp"

#include <asio/ip/v6_only.hpp>

#include <cerrno>

namespace switchboard::http {

using tcp = asio::ip::tcp;

bool open_listener(tcp::acceptor& acceptor, const tcp::endpoint& at, std::string& problem) {
  std::error_code failed;
  acceptor.open(at.protocol(), failed);
  if (!failed)
    acceptor.set_option(tcp::acceptor::reuse_address{true}, failed);
  if (!failed && at.address().is_v6()) {
    std::error_code ignored; // `::` serves IPv4 too, where the system allows it
    acceptor.set_option(asio::ip::v6_only{false}, ignored);
  }
  if (!failed)
    acceptor.bind(at, failed);
  if (!failed)
    acceptor.listen(asio::socket_base::max_listen_connections, failed);
  if (!failed)
    return true;
  problem = failed.message();
  std::error_code ignored;
  acceptor.close(ignored);
  return false;
}

bool is_passing(const std::error_code& failed) {
  switch (failed.value()) {
  case EMFILE:
  case ENFILE:
  case ENOBUFS:
  case ENOMEM:
  case ECONNABORTED:
  case EINTR:
  case EPERM:
  case EPROTO:
  case ETIMEDOUT:
  case ENETDOWN:
  case ENETUNREACH:
  case EHOSTUNREACH:
  case EHOSTDOWN:
  case ENOPROTOOPT:
  case EOPNOTSUPP:
  case ENONET:
    return true;
  default:
    return false;
  }
}

std::string address_name(const asio::ip::address& address) {
  if (address.is_v4())
    return address.to_string();
  auto v6 = address.to_v6();
  if (v6.is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
  auto bytes = v6.to_bytes();
  return {bytes.begin(), bytes.begin() + 8};
}

} // namespace switchboard::http
