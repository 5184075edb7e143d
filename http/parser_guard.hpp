#pragma once

#include <http_parser.h>

#include <cstddef>

/// What RESTinio parses with instead of http_parser_execute(). RESTinio closes a connection without
/// an answer when its parser refuses something. Here it is given a request in place of what was
/// refused, which says what it stands for, so that the answer comes from where all answers do.
/// Pure; one parser belongs to one thread.
namespace switchboard::http {

/// In http_parser::method, beyond the methods that http_parser knows.
enum stand_in : unsigned {
  unknown_method = 200, ///< all else is as it was sent
  first_refused,        ///< from here on: nothing else of the request is there
  malformed = first_refused,
  url_too_long,
  headers_too_large,
  body_too_large,
};

/// As http_parser_execute(), whose callbacks run as they would; `on_message_begin` runs for a
/// stand-in too and has to forget what was parsed before. After a refused request nothing of
/// `data` is left, and the request asks for the connection to be closed.
/// @returns how many bytes were taken. The parser's error is then OK, PAUSED or one that a callback
///          gave for reasons of its own (on_message_begin, on_message_complete).
size_t parse_guarded(http_parser& parser, const http_parser_settings& settings, const char* data,
                     size_t length);

} // namespace switchboard::http
