#include "http/public_base.hpp"

#include <algorithm>

namespace switchboard::http {

namespace {

constexpr size_t address_bytes_max = 64; // an IPv6 address in brackets and a port
constexpr size_t host_bytes_max = 261;   // a name of 255 (RFC 1035) and a port

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_name_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
         c == '_';
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::all_of(text.begin(), text.end(), is_digit);
}

/// The first of a comma separated list: the proxy nearest to the client.
std::string_view first_of(std::string_view list) {
  auto value = list.substr(0, list.find(','));
  while (!value.empty() && value.front() == ' ')
    value.remove_prefix(1);
  while (!value.empty() && value.back() == ' ')
    value.remove_suffix(1);
  return value;
}

std::string_view forwarded_scheme(const conf::config& config, const http_request& request) {
  auto scheme = config.trust_proxy ? first_of(request.header_or_empty("X-Forwarded-Proto"))
                                   : std::string_view{};
  return same_name(scheme, "https") || same_name(scheme, "wss") ? "https" : "http";
}

} // namespace

bool is_host(std::string_view text) {
  if (text.empty() || text.size() > host_bytes_max)
    return false;
  std::string_view name = text;
  if (text.front() == '[') {
    auto end = text.find(']');
    if (end == std::string_view::npos || end < 3)
      return false;
    auto address = text.substr(1, end - 1);
    if (address.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos)
      return false;
    if (end + 1 == text.size())
      return true;
    return text[end + 1] == ':' && is_port(text.substr(end + 2));
  }
  auto colon = text.find(':');
  if (colon != std::string_view::npos) {
    name = text.substr(0, colon);
    if (!is_port(text.substr(colon + 1)))
      return false;
  }
  return !name.empty() && std::all_of(name.begin(), name.end(), is_name_char);
}

std::optional<std::string> public_base(const conf::config& config, const http_request& request) {
  if (!config.public_url.empty())
    return config.public_url;
  auto host = config.trust_proxy ? first_of(request.header_or_empty("X-Forwarded-Host"))
                                 : std::string_view{};
  if (host.empty())
    host = request.header_or_empty("Host");
  if (!is_host(host))
    return std::nullopt;
  std::string base{forwarded_scheme(config, request)};
  base += "://";
  return base += host;
}

std::string own_base(const conf::config& config, uint16_t port) {
  if (!config.public_url.empty())
    return config.public_url;
  const bool v6 = config.host.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + config.host + "]" : config.host) + ":" + std::to_string(port);
}

std::string websocket_base(std::string_view base) {
  auto rest = base.find("://");
  std::string result{base.substr(0, rest) == "https" ? "wss" : "ws"};
  return result += rest == std::string_view::npos ? base : base.substr(rest);
}

bool came_by_proxy(const http_request& request) {
  for (auto* name : {"X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via", "X-Real-IP"})
    if (request.header(name) != nullptr)
      return true;
  return false;
}

std::string client_address(const conf::config& config, const http_request& request) {
  auto list = config.trust_proxy ? request.header_or_empty("X-Forwarded-For") : std::string_view{};
  auto comma = list.rfind(',');
  auto last = first_of(comma == std::string_view::npos ? list : list.substr(comma + 1));
  const bool address =
      !last.empty() && last.size() <= address_bytes_max &&
      last.find_first_not_of("0123456789abcdefABCDEF.:[]") == std::string_view::npos;
  return address ? std::string{last} : request.peer;
}

bool came_by_tls(const conf::config& config, const http_request& request) {
  if (config.trust_proxy && request.header("X-Forwarded-Proto") != nullptr)
    return forwarded_scheme(config, request) == "https";
  return config.public_url.compare(0, 8, "https://") == 0;
}

} // namespace switchboard::http
