#include "tools/sim_common/twilio_url.hpp"

#include <algorithm>
#include <cctype>

namespace sim {

namespace {

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

std::optional<url_parts> parse_url(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const auto colon = url.find("://");
  if (colon == std::string_view::npos) {
    return {};
  }
  url_parts parts;
  parts.scheme = std::string{url.substr(0, colon)};
  if (parts.scheme != "http" && parts.scheme != "https" && parts.scheme != "ws" &&
      parts.scheme != "wss") {
    return {};
  }
  url.remove_prefix(colon + 3);
  auto authority = url.substr(0, url.find_first_of("/?"));
  parts.target = std::string{url.substr(authority.size())};
  if (parts.target.empty() || parts.target[0] != '/') {
    parts.target.insert(0, "/");
  }
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    authority.remove_prefix(at + 1);
  }
  const auto last_colon = authority.rfind(':');
  if (last_colon != std::string_view::npos && authority.back() != ']') {
    parts.port = std::string{authority.substr(last_colon + 1)};
    authority = authority.substr(0, last_colon);
    if (!is_port(parts.port)) {
      return {};
    }
  }
  parts.host = std::string{authority};
  return parts.host.empty() ? std::optional<url_parts>{} : parts;
}

std::string resolve_url(std::string_view base, std::string_view reference) {
  const auto parts = parse_url(base);
  if (reference.find("://") != std::string_view::npos || !parts) {
    return std::string{reference};
  }
  const auto origin = parts->scheme + "://" + parts->authority();
  if (reference.empty()) {
    return origin + parts->target;
  }
  if (reference[0] == '/') {
    return origin + std::string{reference};
  }
  const auto path = parts->target.substr(0, parts->target.find('?'));
  return origin + path.substr(0, path.rfind('/') + 1) + std::string{reference};
}

std::string signed_url(std::string_view url) {
  const auto parts = parse_url(url);
  if (!parts) {
    return std::string{url};
  }
  const auto rest = url.substr(url.find("://") + 3);
  const auto authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  const auto target = rest.substr(authority_end, rest.find('#') - authority_end);
  return parts->scheme + "://" + (parts->secure() ? parts->host : parts->authority()) +
         std::string{target};
}

bool same_origin(const url_parts& a, const url_parts& b) {
  return a.host == b.host && a.secure() == b.secure() && a.effective_port() == b.effective_port();
}

} // namespace sim
