#define CAF_SUITE calls
#define FAIL CAF_FAIL

#include "tests/http/server_fixture.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;
using namespace switchboard::http::testing;

namespace {

struct fixture {
  running_server node;
  fixture() {
    for (int i = 0; i < 12; ++i)
      node.fake->calls.push_back(sample_call("id-" + std::to_string(i)));
    node.fake->calls.push_back(sample_call("active"));
  }
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(calls_tests, fixture)

CAF_TEST(a list has ten calls and its pagination) {
  auto answer = node.get("/api/calls");
  CAF_CHECK_EQUAL(answer.status, 200);
  CAF_CHECK_EQUAL(answer.header("content-type"), "application/json; charset=utf-8");
  CAF_CHECK(has(answer.body, R"({"data":[{"id":"id-0",)"));
  CAF_CHECK(has(answer.body, R"("pagination":{"total":13,"limit":10,"offset":0,"hasMore":true}})"));
  CAF_CHECK(has(node.get("/api/calls/?limit=5&offset=10").body,
                R"("limit":5,"offset":10,"hasMore":false)"));
  auto tag = answer.header("etag");
  CAF_REQUIRE(!tag.empty());
  CAF_CHECK_EQUAL(node.get("/api/calls", "If-None-Match: " + tag + "\r\n").status, 304);
  auto error = node.get("/api/calls?offset=99999999999999999999");
  CAF_CHECK_EQUAL(error.status, 400);
  CAF_CHECK_EQUAL(error.code(), "INVALID_OFFSET");
  client c{node.port()};
  auto head = c.ask("HEAD /api/calls");
  CAF_CHECK_EQUAL(head.status, 200);
  CAF_CHECK_EQUAL(head.header("content-length"), std::to_string(answer.body.size()));
}

CAF_TEST(a call is found by its id) {
  auto answer = node.get("/api/calls/id-3");
  CAF_CHECK_EQUAL(answer.status, 200);
  CAF_CHECK(has(answer.body, R"({"data":{"id":"id-3",)"));
  CAF_CHECK(has(answer.body, R"("metadata":null}})"));
  for (auto id : {"nope", "%00", "%FF%FE", "..", "a%2Fb", "'%20OR%201=1"}) {
    answer = node.get(std::string{"/api/calls/"} + id);
    CAF_CHECK_EQUAL(answer.status, 404);
    CAF_CHECK_EQUAL(answer.code(), "CALL_NOT_FOUND");
  }
}

CAF_TEST(notes are written and published) {
  auto answer = node.post("/api/calls/id-1/notes", "application/json", R"({"notes":"a b","x":1})");
  CAF_CHECK_EQUAL(answer.status, 200);
  CAF_CHECK(has(answer.body, R"({"message":"Notes added successfully","data":{"id":"id-1",)"));
  CAF_CHECK(has(answer.body, R"("notes":"a b")"));
  CAF_CHECK(!has(answer.body, "recordings"));
  answer = node.post("/api/calls/id-1/notes", "application/x-www-form-urlencoded", "notes=c+d");
  CAF_CHECK(has(answer.body, R"("notes":"c d")"));
  client events{node.port()};
  events.send("GET /api/status HTTP/1.1\r\nHost: x\r\n\r\n");
  CAF_CHECK(has(events.read_until("c d"), R"("type":"call_updated","callId":"id-1")"));
  CAF_CHECK_EQUAL(node.post("/api/calls/nope/notes", "application/json", "{\"notes\":5}").code(),
                  "INVALID_NOTES");
  answer = node.post("/api/calls/nope/notes", "application/json", "{\"notes\":\"x\"}");
  CAF_CHECK_EQUAL(answer.status, 404);
  CAF_CHECK_EQUAL(answer.code(), "CALL_NOT_FOUND");
  CAF_CHECK_EQUAL(node.post("/api/calls/id-1/notes", "application/json", "{").code(),
                  "INVALID_JSON");
  auto large = "{\"notes\":\"" + std::string(102'400 - 12, 'a') + "\"}";
  CAF_CHECK_EQUAL(large.size(), 102'400u);
  CAF_CHECK_EQUAL(node.post("/api/calls/id-1/notes", "application/json", large).status, 200);
  CAF_CHECK_EQUAL(node.post("/api/calls/id-1/notes", "application/json", large + " ").status, 413);
}

CAF_TEST(a hang up is for active calls) {
  auto answer = client{node.port()}.ask("POST /api/calls/active/hangup");
  CAF_CHECK_EQUAL(answer.status, 202);
  answer = client{node.port()}.ask("POST /api/calls/id-1/hangup");
  CAF_CHECK_EQUAL(answer.status, 409);
  CAF_CHECK_EQUAL(answer.code(), "CALL_NOT_ACTIVE");
  answer = client{node.port()}.ask("POST /api/calls/nope/hangup");
  CAF_CHECK_EQUAL(answer.status, 404);
}

CAF_TEST(an ended call is erased and an active one is not ) {
  const auto erase = [this](const std::string& id) {
    return client{node.port()}.ask("DELETE /api/calls/" + id);
  };
  auto answer = erase("id-1");
  CAF_CHECK_EQUAL(answer.status, 204);
  CAF_CHECK(answer.body.empty());
  CAF_CHECK(has(node.fake->erased_by, "api:"));
  CAF_CHECK_EQUAL(node.get("/api/calls/id-1").status, 404);
  CAF_CHECK_EQUAL(erase("id-1").code(), "CALL_NOT_FOUND");
  answer = erase("active");
  CAF_CHECK_EQUAL(answer.status, 409);
  CAF_CHECK_EQUAL(answer.code(), "CALL_ACTIVE");
  answer = client{node.port()}.ask("DELETE /api/calls");
  CAF_CHECK_EQUAL(answer.status, 405);
  node.fake->erase_error = actors::actor_error::disk;
  answer = erase("id-2");
  CAF_CHECK_EQUAL(answer.status, 503);
  CAF_CHECK(!answer.header("retry-after").empty());
  node.fake->erase_error = actors::actor_error::database;
  CAF_CHECK_EQUAL(erase("id-2").code(), "DATABASE_UNAVAILABLE");
}

CAF_TEST(analytics answer their shape or the error of the interval) {
  CAF_CHECK(has(node.get("/api/analytics?interval=week").body, R"("totalCalls":1)"));
  auto answer = node.get("/api/analytics?interval=year");
  CAF_CHECK_EQUAL(answer.status, 400);
  CAF_CHECK_EQUAL(answer.code(), "INVALID_INTERVAL");
}

CAF_TEST(a broken database is told without its details) {
  node.fake->broken = storage::storage_error::busy;
  auto answer = node.get("/api/calls");
  CAF_CHECK_EQUAL(answer.status, 503);
  CAF_CHECK_EQUAL(answer.code(), "DATABASE_UNAVAILABLE");
  CAF_CHECK(!answer.header("retry-after").empty());
  node.fake->broken = storage::storage_error::corrupt;
  answer = node.get("/api/calls/id-1");
  CAF_CHECK_EQUAL(answer.status, 500);
  CAF_CHECK_EQUAL(answer.code(), "INTERNAL_ERROR");
  CAF_CHECK(!has(answer.body, "secret"));
  CAF_CHECK_EQUAL(node.get("/api/calls/id-1/recording").status, 503);
}

CAF_TEST(a dead database is unavailable) {
  for (auto& actor : node.others)
    caf::anon_send_exit(actor, caf::exit_reason::kill);
  for (auto& actor : node.others)
    caf::scoped_actor {
      *node.system
      } -> wait_for(actor);
  auto answer = node.get("/api/calls");
  CAF_CHECK_EQUAL(answer.status, 503);
  CAF_CHECK_EQUAL(answer.code(), "DATABASE_UNAVAILABLE");
  CAF_CHECK_EQUAL(
      node.post("/api/calls/id-1/notes", "application/json", "{\"notes\":\"x\"}").status, 503);
  auto webhook =
      node.post("/twilio/incoming-call", "application/x-www-form-urlencoded", "CallSid=CA1");
  CAF_CHECK_EQUAL(webhook.status, 200);
  CAF_CHECK(has(webhook.body, "<Say>An error occurred. Please try again later.</Say><Hangup/>"));
  CAF_CHECK_EQUAL(node.get("/health").status, 200);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(tokens guard the API over the wire) {
  running_server guarded{[](conf::config& c) {
    c.api_tokens = {{"dash", "read-token-000001", true}};
  }};
  CAF_CHECK_EQUAL(guarded.get("/api/calls").status, 401);
  CAF_CHECK_EQUAL(guarded.get("/api/calls?access_token=read-token-000001").status, 401);
  CAF_CHECK_EQUAL(guarded.get("/api/calls", "Authorization: Bearer read-token-000001\r\n").status,
                  200);
  CAF_CHECK_EQUAL(guarded
                      .post("/api/calls/x/notes", "application/json", "{\"notes\":\"a\"}",
                            "Authorization: Bearer read-token-000001\r\n")
                      .status,
                  403);
  CAF_CHECK_EQUAL(guarded.get("/health").status, 200);
}
