#define CAF_SUITE parser_guard
#define FAIL CAF_FAIL

#include "conf/defaults/http.hpp"
#include "http/parser_guard.hpp"

#include <climits>
#include <string>
#include <string_view>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;

namespace {

/// What callbacks see of one request.
struct seen {
  std::string target;
  std::string body;
  bool whole = false;
};

seen& seen_by(http_parser* parser) {
  return *static_cast<seen*>(parser->data);
}

http_parser_settings callbacks() {
  http_parser_settings settings;
  http_parser_settings_init(&settings);
  settings.on_message_begin = [](http_parser* parser) {
    seen_by(parser) = {};
    return 0;
  };
  settings.on_url = [](http_parser* parser, const char* at, size_t length) {
    seen_by(parser).target.append(at, length);
    return seen_by(parser).target.size() > 1000 ? -1 : 0;
  };
  settings.on_headers_complete = [](http_parser* parser) {
    return parser->content_length != ULLONG_MAX && parser->content_length > 1000 ? -1 : 0;
  };
  settings.on_body = [](http_parser* parser, const char* at, size_t length) {
    seen_by(parser).body.append(at, length);
    return 0;
  };
  settings.on_message_complete = [](http_parser* parser) {
    seen_by(parser).whole = true;
    http_parser_pause(parser, 1);
    return 0;
  };
  return settings;
}

struct reader {
  seen got;
  http_parser parser;
  http_parser_settings settings = callbacks();
  reader() {
    parser.data = &got;
    http_parser_init(&parser, HTTP_REQUEST);
  }
  /// @returns how much was taken.
  size_t read(std::string_view bytes) {
    return parse_guarded(parser, settings, bytes.data(), bytes.size());
  }
  bool refused() { return got.whole && parser.method >= first_refused; }
};

constexpr std::string_view after_method = " /a?b HTTP/1.1\r\nContent-Length: 2\r\n\r\nxy";

} // namespace

CAF_TEST(a method that nobody knows is read like any other) {
  for (const std::string method : {"FOO", "QUERY", "get", "GETS", "GE", "G", "A!#$%&'*+-.^_`|~1",
                                   "UNLIN", "UNLINKS", "PROPFINDER", "M-SEARC"}) {
    CAF_MESSAGE(method);
    reader r;
    const auto request = method + std::string{after_method};
    CAF_CHECK_EQUAL(r.read(request + "GET"), request.size()); // the next one stays
    CAF_CHECK(r.got.whole);
    CAF_CHECK_EQUAL(unsigned{r.parser.method}, static_cast<unsigned>(unknown_method));
    CAF_CHECK_EQUAL(r.got.target, "/a?b");
    CAF_CHECK_EQUAL(r.got.body, "xy");
    CAF_CHECK(http_should_keep_alive(&r.parser) != 0);
  }
}

CAF_TEST(a method may come in pieces) {
  for (const std::string method : {"FOO", "GETS", "UNLINKED", "XUNLINK"})
    for (size_t cut = 1; cut < method.size(); ++cut) {
      CAF_MESSAGE(method << " cut at " << cut);
      reader r;
      const auto request = method + std::string{after_method};
      CAF_CHECK_EQUAL(r.read(request.substr(0, cut)), cut);
      CAF_CHECK(!r.got.whole);
      r.read(request.substr(cut));
      CAF_CHECK(r.got.whole && !r.refused());
      CAF_CHECK_EQUAL(r.got.target, "/a?b");
    }
  reader slow;
  for (char c : "FOO" + std::string{after_method})
    slow.read({&c, 1});
  CAF_CHECK(slow.got.whole && !slow.refused());
}

CAF_TEST(known methods are what they are) {
  for (auto [name, method] : {std::pair{"GET", HTTP_GET}, std::pair{"DELETE", HTTP_DELETE},
                              std::pair{"UNLINK", HTTP_UNLINK}, std::pair{"PATCH", HTTP_PATCH}}) {
    reader r;
    r.read(name + std::string{after_method});
    CAF_CHECK(r.got.whole);
    CAF_CHECK_EQUAL(unsigned{r.parser.method}, static_cast<unsigned>(method));
  }
}

CAF_TEST(a method without end is refused) {
  reader r;
  const std::string part(defaults::http::method_bytes_max / 4, 'X');
  int reads = 0;
  while (!r.got.whole && reads < 20) {
    r.read(part);
    ++reads;
  }
  CAF_CHECK(r.refused());
  CAF_CHECK(reads < 8);
}

CAF_TEST(what is no request becomes one that asks for the end) {
  const std::string nul{"GET /a\0b HTTP/1.1\r\n\r\n", 22};
  for (const std::string& bytes :
       {nul, std::string{"\x16\x03\x01\x02"}, std::string{"FOO\r\n\r\n"}, std::string{" GET / "},
        std::string{"GET / HTTP/x\r\n\r\n"}, std::string{"GET / HTTP/1.1\r\nA\x01: b\r\n\r\n"},
        std::string{"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"},
        std::string{"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"},
        std::string{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n"}}) {
    reader r;
    CAF_CHECK_EQUAL(r.read(bytes), bytes.size());
    CAF_CHECK(r.got.whole);
    CAF_CHECK_EQUAL(unsigned{r.parser.method}, static_cast<unsigned>(malformed));
    CAF_CHECK_EQUAL(r.got.target, "*"); // nothing of what was sent
    CAF_CHECK(r.got.body.empty());
    CAF_CHECK(http_should_keep_alive(&r.parser) == 0);
  }
}

CAF_TEST(what is too large says what of it) {
  auto read = [](const std::string& bytes) {
    reader r;
    r.read(bytes);
    return r.got.whole ? unsigned{r.parser.method} : 0u;
  };
  CAF_CHECK_EQUAL(read("GET /" + std::string(2000, 'a') + " HTTP/1.1\r\n\r\n"),
                  static_cast<unsigned>(url_too_long));
  CAF_CHECK_EQUAL(read("GET / HTTP/1.1\r\nA: " + std::string(500'000, 'a') + "\r\n\r\n"),
                  static_cast<unsigned>(headers_too_large));
  CAF_CHECK_EQUAL(read("POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n"),
                  static_cast<unsigned>(body_too_large));
  CAF_CHECK_EQUAL(read("POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n"), 0u); // more to come
}
