// What the parts of an HTTP request mean: form, query, Range, instants, a note, the outside's URL.
// The first byte chooses. Properties: what is read is within its bounds, and read again from our
// own writing of it is the same.
#include "conf/config.hpp"
#include "http/form.hpp"
#include "http/note_body.hpp"
#include "http/public_base.hpp"
#include "http/query.hpp"
#include "http/range.hpp"
#include "http/wall_time.hpp"
#include "http/websocket.hpp"
#include "tests/fuzz/require.hpp"

#include <cstring>
#include <iterator>
#include <string>
#include <string_view>

using namespace switchboard;
using namespace switchboard::http;

namespace {

void read_form(std::string_view text) {
  const auto read = parse_form(text);
  require(read.fields.size() <= form_fields_max);
  std::string written;
  for (auto& [name, value] : read.fields)
    written += (written.empty() ? "" : "&") + encode_percent(name) + "=" + encode_percent(value);
  require(parse_form(written).fields == read.fields);
  is_form_type(text);
}

void read_query(std::string_view text) {
  const auto fields = parse_form(text);
  const auto list = parse_list_request(fields);
  require(list.error || list.query.limit >= 0);
  parse_analytics_request(fields);
  parse_int(text);
}

void read_range(std::string_view text) {
  uint64_t total = 0;
  if (text.size() < sizeof total)
    return;
  std::memcpy(&total, text.data(), sizeof total);
  const auto range = parse_range(text.substr(sizeof total), total);
  if (range.kind == range_kind::part)
    require(range.size > 0 && range.first < total && range.size <= total - range.first);
}

void read_instant(std::string_view text) {
  if (const auto instant = parse_iso(text)) {
    std::string written;
    append_iso(written, *instant);
    const auto again = parse_iso(written);
    require(again.has_value());
    std::string rewritten;
    append_iso(rewritten, *again);
    require(written == rewritten);
  }
  if (const auto epoch_s = parse_http_date(text))
    require(parse_http_date(http_date(*epoch_s)) == epoch_s);
}

void read_note(std::string_view text) {
  http_request request;
  request.headers = {{"Content-Type", text.size() % 2 == 0 ? "application/json"
                                                           : "application/x-www-form-urlencoded"}};
  request.body = text;
  const auto note = parse_note_body(request);
  require(note.result == note_body::verdict::ok || note.text.empty());
}

/// Host and forwarded headers, a line each.
void read_base(std::string_view text) {
  conf::config config;
  config.trust_proxy = text.size() % 2 == 0;
  http_request request;
  request.peer = "192.0.2.1";
  for (auto name : {"Host", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-For"}) {
    const auto end = text.find('\n');
    request.headers.emplace_back(name, text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  if (const auto base = public_base(config, request)) {
    require(base->find_first_of("\r\n\"<> ") == std::string::npos);
    require(websocket_base(*base).rfind("ws", 0) == 0);
  }
  require(client_address(config, request).find_first_of("\r\n") == std::string::npos);
  came_by_tls(config, request);
}

void read_target(std::string_view text) {
  websocket_target target;
  if (websocket_target::parse(text, target))
    require(!target.host.empty() && target.port != 0 && !target.resource.empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0)
    return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  constexpr void (*readers[])(std::string_view) = {read_form, read_query, read_range, read_instant,
                                                   read_note, read_base,  read_target};
  readers[data[0] % std::size(readers)](text);
  return 0;
}
