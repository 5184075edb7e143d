#include "http/message.hpp"

#include "conf/defaults/http.hpp"
#include "http/json_text.hpp"

namespace switchboard::http {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// What of an absolute URL comes after the authority; the text itself if it is none.
std::string_view origin_form(std::string_view target) {
  if (target.empty() || target.front() == '/')
    return target;
  auto scheme = target.find("://");
  if (scheme == std::string_view::npos || scheme > 5) // "https"
    return target;
  auto path = target.find_first_of("/?", scheme + 3);
  return path == std::string_view::npos ? std::string_view{"/"} : target.substr(path);
}

} // namespace

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size())
    return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i]))
      return false;
  return true;
}

const std::string* find_header(const header_list& headers, std::string_view name) {
  for (auto& [key, value] : headers)
    if (same_name(key, name))
      return &value;
  return nullptr;
}

std::string_view http_request::header_or_empty(std::string_view name) const {
  auto* value = header(name);
  return value != nullptr ? std::string_view{*value} : std::string_view{};
}

void http_request::set_target(std::string text) {
  target = std::string{origin_form(text)};
  auto end = target.find('#');
  if (end != std::string::npos)
    target.resize(end);
  auto mark = target.find('?');
  path = target.substr(0, mark);
  query = mark == std::string::npos ? std::string{} : target.substr(mark + 1);
}

void http_response::set(std::string_view name, std::string value) {
  for (auto& [key, old] : headers)
    if (same_name(key, name)) {
      old = std::move(value);
      return;
    }
  headers.emplace_back(name, std::move(value));
}

http_response text_response(int status, std::string_view content_type, std::string body) {
  http_response answer;
  answer.status = status;
  answer.headers.emplace_back("Content-Type", content_type);
  answer.body = std::move(body);
  return answer;
}

http_response json_response(int status, std::string body) {
  return text_response(status, json_type, std::move(body));
}

std::string error_body(std::string_view code, std::string_view message) {
  std::string body;
  json_writer w{body};
  w.open().text("message", message).text("code", code).close();
  return body;
}

http_response error_response(int status, std::string_view code, std::string_view message) {
  return json_response(status, error_body(code, message));
}

http_response busy_response(std::string_view code, std::string_view message) {
  auto answer = error_response(503, code, message);
  answer.set("Retry-After", std::to_string(defaults::http::retry_after_s));
  return answer;
}

http_response internal_error() {
  return error_response(500, "INTERNAL_ERROR", "Internal server error");
}

const char* reason_phrase(int status) {
  switch (status) {
  case 200:
    return "OK";
  case 202:
    return "Accepted";
  case 204:
    return "No Content";
  case 206:
    return "Partial Content";
  case 304:
    return "Not Modified";
  case 400:
    return "Bad Request";
  case 401:
    return "Unauthorized";
  case 403:
    return "Forbidden";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 409:
    return "Conflict";
  case 413:
    return "Content Too Large";
  case 414:
    return "URI Too Long";
  case 416:
    return "Range Not Satisfiable";
  case 426:
    return "Upgrade Required";
  case 429:
    return "Too Many Requests";
  case 431:
    return "Request Header Fields Too Large";
  case 500:
    return "Internal Server Error";
  case 503:
    return "Service Unavailable";
  default:
    return "Unknown";
  }
}

} // namespace switchboard::http
