#include "conf/text.hpp"

#include "conf/defaults/conf.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace switchboard::conf {

namespace {

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

template <class Predicate>
bool all_of(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 &&
         all_of(text, [](char c) { return is_alnum(c) || c == '-' || c == '.' || c == '_'; });
}

/// Splits `host[:port]` or `[address][:port]`; false if it is neither.
bool split_authority(std::string_view authority, url_parts& into) {
  std::string_view port;
  bool has_port = false;
  if (!authority.empty() && authority[0] == '[') {
    auto end = authority.find(']');
    if (end == std::string_view::npos)
      return false;
    into.host = authority.substr(1, end - 1);
    if (!is_ip_address(std::string(into.host)))
      return false;
    auto rest = authority.substr(end + 1);
    has_port = !rest.empty();
    if (has_port && rest[0] != ':')
      return false;
    port = has_port ? rest.substr(1) : rest;
  } else {
    auto colon = authority.find(':');
    has_port = colon != std::string_view::npos;
    into.host = authority.substr(0, colon);
    port = has_port ? authority.substr(colon + 1) : std::string_view{};
    if (!is_host_name(into.host))
      return false;
  }
  if (!has_port)
    return true;
  auto number = parse_number(port);
  if (!number || *number == 0 || *number > 65535)
    return false;
  into.port = static_cast<uint16_t>(*number);
  return true;
}

} // namespace

std::optional<uint64_t> parse_number(std::string_view text) noexcept {
  if (text.empty() || !all_of(text, is_digit))
    return std::nullopt;
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::optional<bool> parse_flag(std::string_view text) noexcept {
  if (text == "true")
    return true;
  if (text == "false")
    return false;
  return std::nullopt;
}

std::optional<url_parts> parse_url(std::string_view text) noexcept {
  if (has_control(text) || text.find_first_of(" \"<>\\") != std::string_view::npos)
    return std::nullopt;
  auto colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0)
    return std::nullopt;
  url_parts parts;
  parts.scheme = text.substr(0, colon);
  auto rest = text.substr(colon + 3);
  auto path = rest.find_first_of("/?#");
  if (path != std::string_view::npos)
    parts.path = rest.substr(path);
  if (!split_authority(rest.substr(0, path), parts))
    return std::nullopt;
  return parts;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> result;
  for (size_t begin = 0; begin <= text.size();) {
    auto end = std::min(text.find(',', begin), text.size());
    auto part = text.substr(begin, end - begin);
    auto first = part.find_first_not_of(" \t");
    if (first == std::string_view::npos)
      result.emplace_back();
    else
      result.emplace_back(part.substr(first, part.find_last_not_of(" \t") - first + 1));
    begin = end + 1;
  }
  return result;
}

bool is_ip_address(const std::string& text) noexcept {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, text.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

bool is_loopback(const std::string& host) noexcept {
  if (host == "localhost")
    return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1)
    return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool is_e164(std::string_view text) noexcept {
  return text.size() >= 3 && text.size() <= 16 && text[0] == '+' && text[1] != '0' &&
         all_of(text.substr(1), is_digit);
}

bool is_identifier(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 128 && all_of(text, [](char c) {
    return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == ':';
  });
}

bool is_bearer_token(std::string_view text) noexcept {
  auto padding = text.find('=');
  auto body = text.substr(0, padding);
  if (padding != std::string_view::npos &&
      !all_of(text.substr(padding), [](char c) { return c == '='; }))
    return false;
  return !body.empty() && all_of(body, [](char c) {
    return is_alnum(c) || std::string_view("-._~+/").find(c) != std::string_view::npos;
  });
}

bool has_control(std::string_view text) noexcept {
  return !all_of(text, [](char c) {
    auto u = static_cast<unsigned char>(c);
    return u >= 0x20 && u != 0x7F;
  });
}

std::string shown(std::string_view text) {
  std::string result = "\"";
  for (char c : text.substr(0, defaults::conf::value_shown_bytes_max))
    result += has_control({&c, 1}) ? '?' : c;
  return result + (text.size() > defaults::conf::value_shown_bytes_max ? "...\"" : "\"");
}

std::string file_content::what() const {
  return error == EFBIG ? "is too large" : std::string("cannot be read: ") + std::strerror(error);
}

file_content read_small_file(const std::string& path, size_t bytes_max) {
  file_content result;
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    result.error = errno;
    return result;
  }
  std::string text;
  char chunk[4096];
  ssize_t got = 0;
  while (text.size() <= bytes_max && (got = read(fd, chunk, sizeof chunk)) != 0) {
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      break;
    text.append(chunk, static_cast<size_t>(got));
  }
  result.error = got < 0 ? errno : text.size() > bytes_max ? EFBIG : 0;
  close(fd);
  if (result.error == 0)
    result.text = std::move(text);
  return result;
}

} // namespace switchboard::conf
