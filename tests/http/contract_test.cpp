#define CAF_SUITE contract
#define FAIL CAF_FAIL

#include "http/openapi.hpp"
#include "http/site.hpp"
#include "tests/http/server_fixture.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <functional>
#include <sstream>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;
using namespace switchboard::http::testing;

namespace {

using names = std::vector<std::string>;

/// One request a line: method, target, status, code of the error ("-" if there is none).
constexpr const char* requests = R"(
GET     /health                                        200 -
GET     /health/                                       200 -
GET     /ready                                         200 -
GET     /health?x=%00&x=%FF                            200 -
BREW    /health                                        405 METHOD_NOT_ALLOWED
get     /health                                        405 METHOD_NOT_ALLOWED
QUERY   /api/calls                                     405 METHOD_NOT_ALLOWED
LOCK    /api/calls/known                               405 METHOD_NOT_ALLOWED
TRACE   /health                                        405 METHOD_NOT_ALLOWED
BREW    /nowhere                                       404 NOT_FOUND
GET     /api/calls                                     200 -
GET     /api/calls/                                    200 -
GET     /api/calls?                                    200 -
GET     /api/calls?&&==&                               200 -
GET     /api/calls?limit=0                             200 -
GET     /api/calls?limit=-1                            200 -
GET     /api/calls?limit=                              200 -
GET     /api/calls?limit=1e2                           200 -
GET     /api/calls?limit=7abc                          200 -
GET     /api/calls?limit=99999999999999999999999       200 -
GET     /api/calls?limit=1&limit=2                     200 -
GET     /api/calls?limit[]=1                           200 -
GET     /api/calls?limit=%00                           200 -
GET     /api/calls?limit=%D9%A3                        200 -
GET     /api/calls?limit=%                             200 -
GET     /api/calls?limit=%zz                           200 -
GET     /api/calls?offset=-1                           200 -
GET     /api/calls?offset=-99999999999999999999999     200 -
GET     /api/calls?offset=9223372036854775807          200 -
GET     /api/calls?offset=9223372036854775808          400 INVALID_OFFSET
GET     /api/calls?offset=1e99                         200 -
GET     /api/calls?offset=abc                          200 -
GET     /api/calls?caller=%25                          200 -
GET     /api/calls?caller=%00                          200 -
GET     /api/calls?caller=%FF%FE                       200 -
GET     /api/calls?caller='%20OR%201=1--               200 -
GET     /api/calls?agent=%E4%BD%A0%E5%A5%BD            200 -
GET     /api/calls?sentiment=%22                       200 -
GET     /api/calls?status=active                       200 -
GET     /api/calls?status=                             200 -
GET     /api/calls?status=ACTIVE                       400 INVALID_STATUS
GET     /api/calls?status=nope                         400 INVALID_STATUS
GET     /api/calls?q=%22AND                            200 -
GET     /api/calls?q=a*+NEAR(b)                        200 -
GET     /api/calls?q=%00                               200 -
GET     /api/calls?startDate=yesterday                 200 -
GET     /api/calls?startDate=2026-02-30                200 -
GET     /api/calls?startDate=12026-01-01               200 -
GET     /api/calls?startDate=2026-11-22T10:00:00%2B05:30  200 -
GET     /api/calls?endDate=2026-11-22T25:00            200 -
GET     /api/calls/known                               200 -
GET     /api/calls/known/                              200 -
GET     /api/calls/know%6E                             200 -
GET     /api/calls/nope                                404 CALL_NOT_FOUND
GET     /api/calls/%00                                 404 CALL_NOT_FOUND
GET     /api/calls/%FF                                 404 CALL_NOT_FOUND
GET     /api/calls/..%2F..%2Fetc                       404 CALL_NOT_FOUND
GET     /api/calls/known/nothing                       404 NOT_FOUND
GET     /api/calls/nope/recording                      404 CALL_NOT_FOUND
GET     /api/calls/known/recording                     404 RECORDING_NOT_FOUND
GET     /api/analytics                                 200 -
GET     /api/analytics/                                200 -
GET     /api/analytics?interval=hour                   200 -
GET     /api/analytics?interval=day                    200 -
GET     /api/analytics?interval=week                   200 -
GET     /api/analytics?interval=                       200 -
GET     /api/analytics?interval=HOUR                   400 INVALID_INTERVAL
GET     /api/analytics?interval=%00                    400 INVALID_INTERVAL
GET     /api/analytics?interval=hour&interval=x        200 -
GET     /api/analytics?startDate=x&endDate=y           200 -
GET     /                                              404 NOT_FOUND
GET     /api                                           404 NOT_FOUND
GET     /API/calls                                     404 NOT_FOUND
GET     /api//calls                                    404 NOT_FOUND
GET     /api/calls/known/notes                         405 METHOD_NOT_ALLOWED
GET     /twilio/incoming-call                          405 METHOD_NOT_ALLOWED
GET     /streams                                       426 UPGRADE_REQUIRED
GET     /openapi.json                                  200 -
GET     /metrics                                       200 -
POST    /api/calls                                     405 METHOD_NOT_ALLOWED
POST    /api/analytics                                 405 METHOD_NOT_ALLOWED
PUT     /api/calls/known                               405 METHOD_NOT_ALLOWED
PATCH   /health                                        405 METHOD_NOT_ALLOWED
POST    /openapi.json                                  405 METHOD_NOT_ALLOWED
POST    /api/calls/known/notes                         400 INVALID_NOTES
POST    /api/calls/nope/notes                          400 INVALID_NOTES
POST    /api/calls/known/hangup                        409 CALL_NOT_ACTIVE
POST    /api/calls/nope/hangup                         404 CALL_NOT_FOUND
POST    /api/calls/active/hangup                       202 -
DELETE  /api/calls                                     405 METHOD_NOT_ALLOWED
DELETE  /api/calls/active                              409 CALL_ACTIVE
DELETE  /api/calls/nope                                404 CALL_NOT_FOUND
OPTIONS /api/calls                                     204 -
OPTIONS /nowhere                                       404 NOT_FOUND
)";

/// One body a line: content type, body, status, code; blanks in a body are written as %20.
constexpr const char* notes = R"(
application/json  {"notes":"x"}              200 -
application/json  {"notes":"x","id":"other"} 200 -
application/json  {"notes":"\u0000"}         200 -
application/json  {"notes":""}               400 INVALID_NOTES
application/json  {"notes":null}             400 INVALID_NOTES
application/json  {"notes":7}                400 INVALID_NOTES
application/json  {"notes":["x"]}            400 INVALID_NOTES
application/json  {}                         400 INVALID_NOTES
application/json  []                         400 INVALID_NOTES
application/json  {                          400 INVALID_JSON
application/json  {"notes":"x"}}             400 INVALID_JSON
application/json  {"notes":"x                400 INVALID_JSON
application/x-www-form-urlencoded notes=x    200 -
application/x-www-form-urlencoded notes=     400 INVALID_NOTES
application/x-www-form-urlencoded x=notes    400 INVALID_NOTES
)";

struct fixture {
  running_server node{[](conf::config& config) { config.cors_origins = "https://dash.example"; }};
  fixture() {
    node.state->listening = true;
    node.fake->calls = {sample_call("known"), sample_call("active")};
  }

  void check(const std::string& what, const reply& got, int status, const std::string& code) {
    CAF_MESSAGE(what);
    CAF_CHECK_EQUAL(got.status, status);
    CAF_CHECK_EQUAL(code == "-" ? "-" : got.code(), code);
    CAF_CHECK_EQUAL(got.header("x-content-type-options"), "nosniff");
    CAF_CHECK_EQUAL(got.header("x-frame-options"), "DENY");
    CAF_CHECK_EQUAL(got.header("referrer-policy"), "no-referrer");
    CAF_CHECK(!got.header("x-request-id").empty());
    CAF_CHECK_EQUAL(!got.header("allow").empty(), status == 405 || status == 204);
    if (code != "-")
      CAF_CHECK_EQUAL(got.body.substr(0, 12), R"({"message":")");
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(contract_tests, fixture)

CAF_TEST(every request has the status and the code of the contract) {
  std::istringstream lines{requests};
  std::string method, target, code;
  int status = 0, count = 0;
  for (; lines >> method >> target >> status >> code; ++count)
    check(method + ' ' + target, client{node.port()}.ask(method + ' ' + target), status, code);
  CAF_CHECK(lines.eof()); // each line was understood
  CAF_CHECK(count > 70);
}

CAF_TEST(every note has the status and the code of the contract) {
  std::istringstream lines{notes};
  std::string type, body, code;
  int status = 0;
  while (lines >> type >> body >> status >> code)
    check(type + ' ' + body, node.post("/api/calls/known/notes", type, body), status, code);
  CAF_CHECK(lines.eof());
}

/// What is too large or no request at all, whatever comes behind it: an answer, then the end.
CAF_TEST(what cannot be read is answered before the connection is closed) {
  const std::string post = "POST /api/calls/known/notes HTTP/1.1\r\nHost: x\r\n";
  std::string lines;
  for (int i = 0; i < 60'000; ++i)
    lines += "abcdefgh: i\r\n";
  const struct {
    const char* what;
    std::string bytes;
    int status;
    const char* code;
  } cases[] = {
      {"a NUL in the target", {"GET /api/calls?q=\0 HTTP/1.1\r\n\r\n", 31}, 400, "BAD_REQUEST"},
      {"a NUL in a header", {"GET / HTTP/1.1\r\nA\0: b\r\n\r\n", 25}, 400, "BAD_REQUEST"},
      {"a blank in the target", "GET /a b HTTP/1.1\r\n\r\n", 400, "BAD_REQUEST"},
      {"no method", "/health HTTP/1.1\r\n\r\n", 400, "BAD_REQUEST"},
      {"TLS", "\x16\x03\x01\x02\x01\x01", 400, "BAD_REQUEST"},
      {"two lengths", post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400,
       "BAD_REQUEST"},
      {"a bad chunk", post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400, "BAD_REQUEST"},
      {"a long target", "GET /" + std::string(400'000, 'a'), 414, "URI_TOO_LONG"},
      {"a long header", "GET / HTTP/1.1\r\nA: " + std::string(400'000, 'a'), 431,
       "HEADERS_TOO_LARGE"},
      {"many headers", "GET / HTTP/1.1\r\n" + lines, 431, "HEADERS_TOO_LARGE"},
      {"a long body", post + "Content-Length: 99999999\r\n\r\n", 413, "BODY_TOO_LARGE"},
  };
  for (auto& one : cases) {
    client c{node.port()};
    c.send(one.bytes);
    const auto got = c.read_reply();
    check(one.what, got, one.status, one.code);
    CAF_CHECK_EQUAL(got.header("connection"), "close");
    CAF_CHECK(c.closed());
  }
  CAF_CHECK_EQUAL(node.get("/health").status, 200);
}

CAF_TEST(a request behind one that cannot be read is not run) {
  client c{node.port()};
  c.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /\x01 HTTP/1.1\r\n\r\n"
         "POST /api/calls/active/hangup HTTP/1.1\r\nHost: x\r\n\r\n");
  CAF_CHECK_EQUAL(c.read_reply().status, 200);
  CAF_CHECK_EQUAL(c.read_reply().status, 400);
  CAF_CHECK(c.closed());
}

CAF_TEST(every GET answers HEAD with the same head and no body) {
  for (auto* target : {"/health", "/api/calls", "/api/calls/known", "/api/analytics",
                       "/openapi.json", "/api/calls/nope", "/nowhere"}) {
    CAF_MESSAGE(target);
    client c{node.port()};
    const auto whole = c.ask(std::string{"GET "} + target);
    c.send(std::string{"HEAD "} + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto head = c.read_reply(true);
    CAF_CHECK_EQUAL(head.status, whole.status);
    CAF_CHECK(!head.header("content-length").empty());
    CAF_CHECK_EQUAL(head.header("content-type"), whole.header("content-type"));
    CAF_CHECK_EQUAL(c.ask("GET /ready").status, 200); // nothing of a body was in the way
  }
}

CAF_TEST(what was answered once is not stale after a change) {
  const auto before = node.get("/api/calls/known");
  const auto tag = before.header("etag");
  CAF_CHECK_EQUAL(node.get("/api/calls/known", "If-None-Match: " + tag + "\r\n").status, 304);
  CAF_CHECK_EQUAL(
      node.post("/api/calls/known/notes", "application/json", R"({"notes":"new"})").status, 200);
  const auto after = node.get("/api/calls/known", "If-None-Match: " + tag + "\r\n");
  CAF_CHECK_EQUAL(after.status, 200);
  CAF_CHECK(after.body.find(R"("notes":"new")") != std::string::npos);
  CAF_CHECK(node.get("/api/calls").body.find(R"("notes":"new")") != std::string::npos);
}

/// Whether the target is answered from what was kept after `change`. An answer is kept for a
/// second: on a machine that is busy elsewhere a try may take longer than that.
bool is_kept(running_server& node, const std::string& target, const std::function<void()>& change) {
  for (int tries = 0; tries < 20; ++tries) {
    node.fake->broken = storage::storage_error::none;
    node.state->versions.touch_all();
    const auto before = node.get(target);
    CAF_REQUIRE_EQUAL(before.status, 200);
    node.fake->broken = storage::storage_error::busy; // what is asked of the database fails
    change();
    const auto again = node.get(target);
    if (again.status == 200 && again.body == before.body &&
        again.header("etag") == before.header("etag"))
      return true;
  }
  return false;
}

CAF_TEST(an answer that is still true is not asked of the database again) {
  CAF_CHECK(is_kept(node, "/api/calls/known", [] {}));
  node.state->versions.touch_all();
  CAF_CHECK_EQUAL(node.get("/api/calls/known").status, 503);
}

CAF_TEST(a change of one call leaves what does not show it) {
  auto& versions = node.state->versions;
  const auto words = [&] { versions.touch("another", actors::rows_words); };
  const auto ended = [&] { versions.touch("another", actors::rows_status); };
  const auto felt = [&] { versions.touch("another", actors::rows_feeling); };
  const auto created = [&] { versions.touch("another", actors::rows_all); };
  const auto own = [&] { versions.touch("known", 0); };
  CAF_CHECK(is_kept(node, "/api/calls/known", created));
  CAF_CHECK(!is_kept(node, "/api/calls/known", own));
  CAF_CHECK(is_kept(node, "/api/calls", words));
  CAF_CHECK(is_kept(node, "/api/calls", ended));
  CAF_CHECK(!is_kept(node, "/api/calls", created));
  CAF_CHECK(!is_kept(node, "/api/calls", own));
  CAF_CHECK(!is_kept(node, "/api/calls?q=x", words));
  CAF_CHECK(!is_kept(node, "/api/calls?status=active", ended));
  CAF_CHECK(!is_kept(node, "/api/calls?sentiment=x", felt));
  CAF_CHECK(is_kept(node, "/api/calls?caller=x", felt));
}

CAF_TEST(a page is made anew from the calls of it that changed) {
  // Texts are kept for a second: on a machine that is busy elsewhere a try may take longer.
  names read;
  for (int tries = 0; tries < 20 && read != names{"known"}; ++tries) {
    node.state->versions.touch_all();
    const auto first = node.get("/api/calls");
    node.state->versions.touch("known", 0);
    {
      std::lock_guard<std::mutex> guard{node.fake->mutex};
      CAF_CHECK(node.fake->read_whole == (names{"known", "active"}));
      node.fake->read_whole.clear();
    }
    const auto again = node.get("/api/calls");
    CAF_CHECK_EQUAL(again.body, first.body);
    CAF_CHECK_EQUAL(again.header("etag"), first.header("etag"));
    std::lock_guard<std::mutex> guard{node.fake->mutex};
    read.swap(node.fake->read_whole);
    node.fake->read_whole.clear();
  }
  CAF_CHECK(read == names{"known"});
}

CAF_TEST(how a list was asked for makes no other answer and its tag tells pages apart) {
  const auto tag = [&](const std::string& target) { return node.get(target).header("etag"); };
  const auto first = tag("/api/calls?limit=1");
  CAF_CHECK_EQUAL(tag("/api/calls?limit=1&x=y"), first);
  CAF_CHECK_EQUAL(tag("/api/calls/?limit=1abc&caller="), first);
  CAF_CHECK(tag("/api/calls?limit=2") != first);
  CAF_CHECK(tag("/api/calls?limit=1&offset=1") != first);
  CAF_CHECK(!first.empty());
  const auto call = tag("/api/calls/known");
  CAF_CHECK_EQUAL(tag("/api/calls/know%6E?x"), call);
  CAF_CHECK(tag("/api/calls/active") != call);
}

CAF_TEST(a dashboard of another origin may use all of it) {
  const auto asked = client{node.port()}.ask("OPTIONS /api/calls/known/notes",
                                             "Origin: https://dash.example\r\n"
                                             "Access-Control-Request-Method: POST\r\n"
                                             "Access-Control-Request-Headers: authorization\r\n");
  CAF_CHECK_EQUAL(asked.status, 204);
  CAF_CHECK_EQUAL(asked.header("access-control-allow-methods"), "POST, OPTIONS");
  const auto headers = asked.header("access-control-allow-headers");
  CAF_CHECK(headers.find("Authorization") != std::string::npos);
  CAF_CHECK(headers.find("Content-Type") != std::string::npos);
  const auto read = node.get("/api/calls", "Origin: https://dash.example\r\n");
  CAF_CHECK_EQUAL(read.header("access-control-expose-headers"),
                  "Content-Disposition, ETag, X-Request-Id");
  CAF_CHECK_EQUAL(read.header("cross-origin-resource-policy"), "cross-origin");
}

CAF_TEST(a request id goes in and out) {
  CAF_CHECK_EQUAL(node.get("/health", "X-Request-Id: abc-1\r\n").header("x-request-id"), "abc-1");
  const auto replaced = node.get("/health", "X-Request-Id: a b\r\n").header("x-request-id");
  CAF_CHECK(replaced != "a b");
  CAF_CHECK(!replaced.empty());
}

CAF_TEST(the keys of a call stand in the order of the contract) {
  const auto body = node.get("/api/calls/known").body;
  size_t at = 0;
  for (auto* key : {"id", "streamSid", "callSid", "caller", "agent", "startTime", "endTime",
                    "duration", "status", "notes", "createdAt", "updatedAt", "recordings",
                    "transcripts", "analytics", "metadata"}) {
    CAF_MESSAGE(key);
    const auto found = body.find('"' + std::string{key} + "\":", at);
    CAF_REQUIRE(found != std::string::npos);
    at = found;
  }
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(every route is in the document) {
  std::vector<route> routes;
  add_status_routes(routes);
  add_metrics_routes(routes);
  add_call_routes(routes);
  add_recording_routes(routes);
  add_openapi_routes(routes);
  add_twilio_routes(routes);
  const auto paths = nlohmann::json::parse(openapi_document())["paths"];
  size_t operations = 0;
  for (const auto& item : paths)
    operations += item.size() - item.count("parameters");
  CAF_CHECK_EQUAL(operations, routes.size());
  for (const auto& one : routes) {
    std::string path = one.pattern, method = one.method;
    if (const auto at = path.find(":id"); at != std::string::npos)
      path.replace(at, 3, "{id}");
    std::transform(method.begin(), method.end(), method.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    CAF_MESSAGE(method << ' ' << path);
    CAF_CHECK(paths.contains(path) && paths[path].contains(method));
  }
}

CAF_TEST(what a token may be refused with is in the document) {
  std::vector<route> routes;
  add_status_routes(routes);
  add_metrics_routes(routes);
  add_call_routes(routes);
  add_recording_routes(routes);
  const auto paths = nlohmann::json::parse(openapi_document())["paths"];
  for (const auto& one : routes) {
    std::string path = one.pattern, method = one.method;
    if (const auto at = path.find(":id"); at != std::string::npos)
      path.replace(at, 3, "{id}");
    std::transform(method.begin(), method.end(), method.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    CAF_MESSAGE(method << ' ' << path);
    const auto& responses = paths[path][method]["responses"];
    const bool by_token = one.need != access_need::none;
    CAF_CHECK_EQUAL(responses.contains("401"), by_token);
    CAF_CHECK_EQUAL(responses.contains("429"), by_token);
    CAF_CHECK_EQUAL(responses.contains("403"), one.need == access_need::write);
  }
}
