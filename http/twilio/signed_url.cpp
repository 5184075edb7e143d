#include "http/twilio/signed_url.hpp"

#include "http/form.hpp"

#include <algorithm>

namespace switchboard::twilio {

namespace {

/// `prefix` (scheme, `://`, user information), host, port with its colon, and all that follows.
struct parts {
  std::string_view scheme, prefix, host, port, rest;
};

bool split(std::string_view url, parts& out) {
  size_t colon = url.find("://");
  if (colon == std::string_view::npos || colon == 0)
    return false;
  size_t start = colon + 3;
  size_t end = std::min(url.find_first_of("/?#", start), url.size());
  std::string_view authority = url.substr(start, end - start);
  size_t user_end = authority.rfind('@');
  size_t host_start = user_end == std::string_view::npos ? 0 : user_end + 1;
  out.scheme = url.substr(0, colon);
  out.prefix = url.substr(0, start + host_start);
  authority.remove_prefix(host_start);
  // A colon starts the port only after the bracket that closes an IPv6 address.
  size_t bracket = authority.rfind(']');
  size_t port = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  out.host = authority.substr(0, port);
  out.port = port == std::string_view::npos ? std::string_view() : authority.substr(port);
  out.rest = url.substr(end);
  return true;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string joined(std::initializer_list<std::string_view> texts) {
  std::string out;
  for (std::string_view text : texts)
    out += text;
  return out;
}

std::string encoded(std::string_view text, std::string_view special) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && special.find(c) == std::string_view::npos) {
      out += c;
      continue;
    }
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

bool is_default_port(std::string_view scheme, std::string_view port) {
  return port == ":" || (port == ":443" && (scheme == "https" || scheme == "wss")) ||
         (port == ":80" && (scheme == "http" || scheme == "ws"));
}

/// Node's querystring.escape(): what encodeURIComponent leaves alone.
std::string legacy_encoded(std::string_view text) {
  static constexpr std::string_view kept = "-_.!~*'()";
  std::string out;
  for (char c : text)
    out += kept.find(c) != std::string_view::npos ? std::string(1, c)
                                                  : http::encode_percent(std::string_view(&c, 1));
  return out;
}

} // namespace

std::string without_port(std::string_view url) {
  parts p;
  return split(url, p) ? joined({p.prefix, p.host, p.rest}) : std::string(url);
}

std::string with_port(std::string_view url) {
  parts p;
  if (!split(url, p) || !p.port.empty())
    return std::string(url);
  return joined({p.prefix, p.host, lower(p.scheme) == "https" ? ":443" : ":80", p.rest});
}

std::string normalised_url(std::string_view url) {
  parts p;
  if (!split(url, p))
    return std::string(url);
  std::string scheme = lower(p.scheme);
  std::string_view user = p.prefix.substr(p.scheme.size() + 3);
  std::string_view rest = p.rest.substr(0, p.rest.find('#'));
  size_t question = std::min(rest.find('?'), rest.size());
  std::string path = encoded(rest.substr(0, question), "\"<>`{}");
  std::replace(path.begin(), path.end(), '\\', '/');
  std::string query = encoded(rest.substr(question), "\"<>'");
  return joined({scheme, "://", user, lower(p.host),
                 is_default_port(scheme, p.port) ? std::string_view() : p.port,
                 path.empty() ? "/" : path, query});
}

std::string with_legacy_query(std::string_view url) {
  size_t question = url.find('?');
  if (question == std::string_view::npos || question + 1 == url.size())
    return std::string(url);
  std::string out(url.substr(0, question));
  char separator = '?';
  for (const auto& [name, value] : http::parse_form(url.substr(question + 1)).fields) {
    out += separator;
    out += legacy_encoded(name) + '=' + legacy_encoded(value);
    separator = '&';
  }
  return out;
}

std::string with_scheme(std::string_view url, std::string_view scheme) {
  parts p;
  return split(url, p) ? joined({scheme, url.substr(p.scheme.size())}) : std::string(url);
}

std::string_view scheme_of(std::string_view url) {
  parts p;
  return split(url, p) ? p.scheme : std::string_view();
}

} // namespace switchboard::twilio
