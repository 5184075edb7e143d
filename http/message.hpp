#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchboard::http {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// The value of the first header of that name (case-insensitive); nullptr if there is none.
const std::string* find_header(const header_list& headers, std::string_view name);

/// Whether two header names are the same (ASCII case-insensitive).
bool same_name(std::string_view a, std::string_view b);

/// A request as received, without anything of the server behind it.
struct http_request {
  std::string method; ///< "GET"
  std::string target; ///< of the request line, as received
  std::string path;   ///< of the target, not decoded, without query
  std::string query;  ///< without the question mark
  header_list headers;
  std::string body;
  std::string peer; ///< address of the other end
  std::string id;   ///< X-Request-Id: the client's, or made here
  bool keep_alive = true;
  bool upgrade = false;  ///< asks for another protocol
  bool http_1_0 = false; ///< no chunked answers
  /// Why the request could not be read (400, 413, 414, 431; nothing else of it is there); 0 = it
  /// was.
  int refused = 0;
  std::chrono::steady_clock::time_point received{};

  const std::string* header(std::string_view name) const { return find_header(headers, name); }
  /// The header's value, or nothing: an empty view.
  std::string_view header_or_empty(std::string_view name) const;
  /// Sets target, path and query. Of an absolute URL (RFC 9112 section 3.2.2) only path and query
  /// count.
  void set_target(std::string text);
};

/// An answer. The server adds what every answer has (see policy.hpp).
struct http_response {
  int status = 200;
  header_list headers;
  std::string body;
  /// Set when the body is not here: a HEAD, or a stream of known length.
  std::optional<uint64_t> content_length;

  void set(std::string_view name, std::string value);
};

constexpr const char* json_type = "application/json; charset=utf-8";

http_response json_response(int status, std::string body);
http_response text_response(int status, std::string_view content_type, std::string body);
/// The one shape of errors: `{"message","code"}`.
http_response error_response(int status, std::string_view code, std::string_view message);
std::string error_body(std::string_view code, std::string_view message);
/// A 503 that says when to come back.
http_response busy_response(std::string_view code, std::string_view message);
http_response internal_error();

/// "Not Found"; "Unknown" for a status of which we know no phrase.
const char* reason_phrase(int status);

} // namespace switchboard::http
