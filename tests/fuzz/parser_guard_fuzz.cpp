// The head of what a client sends, cut anywhere. Properties: no byte is read twice or left unread
// before a request is whole; the parser never ends in an error, so that there is always an answer;
// what is refused asks for the end of the connection.
#include "http/parser_guard.hpp"
#include "tests/fuzz/require.hpp"

#include <cstdint>
#include <string_view>

using namespace switchboard::http;

namespace {

int on_whole(http_parser* parser) {
  http_parser_pause(parser, 1);
  *static_cast<bool*>(parser->data) = true;
  return 0;
}

/// Reads one request in pieces of `step` bytes. @returns how much of the bytes it took.
size_t read_one(std::string_view bytes, size_t step, const http_parser_settings& settings) {
  bool whole = false;
  http_parser parser;
  parser.data = &whole;
  http_parser_init(&parser, HTTP_REQUEST);
  size_t at = 0;
  while (at < bytes.size() && !whole) {
    const auto piece = bytes.substr(at, step);
    const size_t taken = parse_guarded(parser, settings, piece.data(), piece.size());
    require(taken <= piece.size() && (whole || taken == piece.size() || parser.upgrade != 0));
    require(HTTP_PARSER_ERRNO(&parser) == (whole ? HPE_PAUSED : HPE_OK));
    at += taken;
  }
  require(!whole || parser.method < first_refused || http_should_keep_alive(&parser) == 0);
  return at;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2)
    return 0;
  http_parser_settings settings;
  http_parser_settings_init(&settings);
  settings.on_message_complete = on_whole;
  std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  const size_t step = 1 + data[0];
  while (!bytes.empty())
    bytes.remove_prefix(read_one(bytes, step, settings));
  return 0;
}
