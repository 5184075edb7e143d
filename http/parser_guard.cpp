#include "http/parser_guard.hpp"

#include "conf/defaults/http.hpp"

#include <string_view>

namespace switchboard::http {

namespace {

/// A method that nothing here serves, so that one which continues it is not taken for another.
constexpr std::string_view placeholder = "UNLINK ";
constexpr size_t placeholder_part = 5; ///< of it, where the method's end is not there yet

/// RFC 9110 section 5.6.2: what a method may consist of.
bool is_token(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

/// http_parser's states are its own; a parser that has read nothing is in the one before a method.
bool before_method(const http_parser& parser) {
  http_parser fresh;
  http_parser_init(&fresh, HTTP_REQUEST);
  return parser.state == fresh.state;
}

size_t feed(http_parser& parser, const http_parser_settings& settings, std::string_view text) {
  return http_parser_execute(&parser, &settings, text.data(), text.size());
}

/// The parser has stopped at data[at], within a method that it does not know: lets it read another
/// one instead. @returns how many bytes were taken; the error stays if it is no method at all.
size_t pass_method(http_parser& parser, const http_parser_settings& settings, std::string_view data,
                   size_t at) {
  const size_t before = before_method(parser) ? 0 : parser.index; // of it, in an earlier read
  const auto head_bytes = parser.nread;
  size_t end = at;
  while (end < data.size() && is_token(data[end]))
    ++end;
  if (before + end - at == 0 || head_bytes > defaults::http::method_bytes_max ||
      (end < data.size() && data[end] != ' '))
    return at;
  http_parser_init(&parser, HTTP_REQUEST);
  if (end == data.size()) {
    feed(parser, settings, placeholder.substr(0, placeholder_part));
    parser.nread = head_bytes + static_cast<uint32_t>(end - at + 1);
    return end;
  }
  feed(parser, settings, placeholder); // the blank too: later the method is not looked at
  parser.method = unknown_method;
  const auto rest = data.substr(end + 1);
  return end + 1 + (rest.empty() ? 0 : feed(parser, settings, rest)); // no bytes mean the end
}

/// What a refused request is answered as; 0 = the parser goes on, or the refusal is not for us.
unsigned refusal(http_errno problem) {
  switch (problem) {
  case HPE_OK:
  case HPE_PAUSED:
  case HPE_CB_message_begin:
  case HPE_CB_message_complete:
    return 0;
  case HPE_CB_url:
    return url_too_long;
  case HPE_HEADER_OVERFLOW:
  case HPE_CB_header_field:
  case HPE_CB_header_value:
    return headers_too_large;
  case HPE_CB_headers_complete: // the announced length
  case HPE_CB_body:
    return body_too_large;
  default:
    return malformed;
  }
}

} // namespace

size_t parse_guarded(http_parser& parser, const http_parser_settings& settings, const char* data,
                     size_t length) {
  const std::string_view all{data, length};
  size_t taken = feed(parser, settings, all);
  if (HTTP_PARSER_ERRNO(&parser) == HPE_INVALID_METHOD)
    taken = pass_method(parser, settings, all, taken);
  const auto refused = refusal(HTTP_PARSER_ERRNO(&parser));
  if (refused == 0)
    return taken;
  http_parser_init(&parser, HTTP_REQUEST);
  feed(parser, settings, "GET * HTTP/1.1\r\nConnection: close\r\n\r");
  parser.method = refused;
  feed(parser, settings, "\n");
  return length;
}

} // namespace switchboard::http
