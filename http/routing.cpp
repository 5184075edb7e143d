#include "http/routing.hpp"

#include "http/form.hpp"

namespace switchboard::http {

namespace {

/// Takes the first segment (with its slash) off the front; false if there is none.
bool take_segment(std::string_view& path, std::string_view& segment) {
  if (path.empty() || path.front() != '/')
    return false;
  auto end = path.find('/', 1);
  segment = path.substr(1, end == std::string_view::npos ? end : end - 1);
  path.remove_prefix(end == std::string_view::npos ? path.size() : end);
  return true;
}

} // namespace

std::optional<std::string> match_path(std::string_view pattern, std::string_view path) {
  if (path.size() > 1 && path.back() == '/')
    path.remove_suffix(1);
  std::string id;
  std::string_view wanted, found;
  while (take_segment(pattern, wanted)) {
    if (!take_segment(path, found))
      return std::nullopt;
    if (wanted != ":id") {
      if (wanted != found)
        return std::nullopt;
      continue;
    }
    if (found.empty())
      return std::nullopt;
    id = decode_percent(found, false);
  }
  if (!path.empty())
    return std::nullopt;
  return id;
}

} // namespace switchboard::http
