#include "http/websocket_target.hpp"

#include "conf/defaults/websocket.hpp"

#include <algorithm>
#include <cctype>

namespace switchboard::http {
namespace {

constexpr uint16_t plain_port = 80;
constexpr uint16_t tls_port = 443;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool visible_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

/// RFC 9110 section 5.6.2
bool is_token(std::string_view text) {
  auto token_char = [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), token_char);
}

bool is_header_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; });
}

/// Headers that the handshake itself writes; a second one would change its meaning.
bool belongs_to_handshake(std::string_view name) {
  const std::string key = lower(name);
  return key == "host" || key == "upgrade" || key == "connection" || key == "content-length" ||
         key == "transfer-encoding" || key.rfind("sec-websocket-", 0) == 0;
}

bool parse_port(std::string_view text, uint16_t& out) {
  if (text.empty() || text.size() > 5)
    return false;
  uint32_t port = 0;
  for (char c : text) {
    if (c < '0' || c > '9')
      return false;
    port = port * 10 + static_cast<uint32_t>(c - '0');
  }
  if (port == 0 || port > 65535)
    return false;
  out = static_cast<uint16_t>(port);
  return true;
}

/// Splits "host", "host:port", "[v6]" or "[v6]:port".
bool parse_authority(std::string_view text, websocket_target& out) {
  size_t host_end = 0;
  if (!text.empty() && text.front() == '[') {
    host_end = text.find(']');
    if (host_end == std::string_view::npos)
      return false;
    out.host = text.substr(1, host_end - 1);
    ++host_end;
  } else {
    host_end = std::min(text.find(':'), text.size());
    out.host = text.substr(0, host_end);
  }
  if (out.host.empty())
    return false;
  std::string_view rest = text.substr(host_end);
  return rest.empty() || (rest.front() == ':' && parse_port(rest.substr(1), out.port));
}

} // namespace

bool websocket_target::parse(std::string_view url, websocket_target& out) {
  const size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos || url.size() > defaults::websocket::resource_bytes_max)
    return false;
  const std::string scheme = lower(url.substr(0, scheme_end));
  if (scheme != "ws" && scheme != "wss")
    return false;
  std::string_view rest = url.substr(scheme_end + 3);
  if (!visible_ascii(rest) || rest.find('#') != std::string_view::npos)
    return false;
  const size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, authority_end);
  if (authority.find('@') != std::string_view::npos)
    return false; // a password in a URL ends up in logs
  websocket_target target;
  target.tls = scheme == "wss";
  target.port = target.tls ? tls_port : plain_port;
  if (!parse_authority(authority, target))
    return false;
  target.resource = rest.substr(authority_end);
  if (target.resource.empty() || target.resource.front() == '?')
    target.resource.insert(target.resource.begin(), '/');
  target.headers = std::move(out.headers);
  out = std::move(target);
  return true;
}

std::string target_problem(const websocket_target& target) {
  if (target.host.empty() || !visible_ascii(target.host) || target.port == 0)
    return "no usable host and port";
  if (target.resource.empty() || target.resource.front() != '/' ||
      !visible_ascii(target.resource) ||
      target.resource.size() > defaults::websocket::resource_bytes_max)
    return "not a path and query: the resource";
  size_t bytes = 0;
  for (const auto& [name, value] : target.headers) {
    bytes += name.size() + value.size() + 4;
    if (!is_token(name))
      return "a header's name has a character that is not allowed";
    if (!is_header_value(value))
      return "the header " + name + " has a control character";
    if (belongs_to_handshake(name))
      return "the header " + name + " belongs to the handshake";
  }
  if (bytes > defaults::websocket::header_bytes_max)
    return "too many bytes of headers";
  return {};
}

std::string host_header(const websocket_target& target) {
  const bool v6 = target.host.find(':') != std::string::npos;
  std::string out = v6 ? "[" + target.host + "]" : target.host;
  if (target.port != (target.tls ? tls_port : plain_port))
    out += ":" + std::to_string(target.port);
  return out;
}

} // namespace switchboard::http
