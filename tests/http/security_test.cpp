#define CAF_SUITE security
#define FAIL CAF_FAIL

#include "http/hmac.hpp"
#include "http/twilio/signature.hpp"
#include "tests/http/server_fixture.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;
using namespace switchboard::http::testing;

namespace {

constexpr const char* form_type = "application/x-www-form-urlencoded";
constexpr const char* upgrade =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
constexpr const char* dashboard = "Authorization: Bearer read-token-000001\r\n";
constexpr const char* operators = "Authorization: Bearer write-token-00001\r\n";
constexpr const char* hook_body = "CallSid=CA1&From=%2B15550001&To=%2B15550002";

void guard(conf::config& c) {
  c.twilio_validate_signature = true;
  c.public_url = "https://calls.example";
  c.twilio_webhook_secrets = {"newest-key-of-the-account", "previous-key-of-the-account"};
}

void give_tokens(conf::config& c) {
  c.api_tokens = {{"dash", "read-token-000001", true}, {"ops", "write-token-00001", false}};
}

std::string signed_by(const std::string& key, const std::string& url, const form& fields = {}) {
  return "X-Twilio-Signature: " + twilio::expected_signature(key, url, fields) + "\r\n";
}

} // namespace

CAF_TEST(webhooks of either key and of a signed query are taken) {
  running_server node{guard};
  const auto fields = parse_form(hook_body);
  for (auto& key : node.config.twilio_webhook_secrets) {
    const auto target = "/twilio/incoming-call?tenant=a%20b&x=1";
    auto answer = node.post(target, form_type, hook_body,
                            signed_by(key, std::string{"https://calls.example"} + target, fields));
    CAF_CHECK_EQUAL(answer.status, 200);
    CAF_CHECK(answer.body.find("<Connect") != std::string::npos);
  }
  auto other = signed_by("some other key", "https://calls.example/twilio/incoming-call", fields);
  CAF_CHECK_EQUAL(node.post("/twilio/incoming-call", form_type, hook_body, other).status, 403);
}

CAF_TEST(a JSON webhook is bound by the hash in its URL) {
  running_server node{guard};
  const std::string body = R"({"event":"stream-started"})";
  const auto target = "/twilio/stream-status?bodySHA256=" + sha256_hex(body);
  const auto signature =
      signed_by(node.config.twilio_webhook_secrets[0], "https://calls.example" + target);
  CAF_CHECK_EQUAL(node.post(target, "application/json", body, signature).status, 200);
  CAF_CHECK_EQUAL(node.post(target, "application/json", body + " ", signature).status, 403);
}

CAF_TEST(hosts that a client makes up are not signed for) {
  running_server node{guard};
  const auto forged =
      signed_by(node.config.twilio_webhook_secrets[0], "https://evil.example/twilio/incoming-call",
                parse_form(hook_body)) +
      "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\n";
  CAF_CHECK_EQUAL(node.post("/twilio/incoming-call", form_type, hook_body, forged).status, 403);
}

CAF_TEST(an upgrade is taken with each spelling of its URL and without a signature) {
  running_server node{guard};
  const auto& key = node.config.twilio_webhook_secrets[1];
  auto status = [&](const std::string& headers) {
    return client{node.port()}.ask("GET /streams", upgrade + headers).status;
  };
  for (auto* url : {"wss://calls.example/streams", "wss://calls.example/streams/",
                    "https://calls.example/streams", "https://calls.example/streams/"})
    CAF_CHECK_EQUAL(status(signed_by(key, url)), 101);
  CAF_CHECK_EQUAL(status(""), 101); // its ticket decides
  CAF_CHECK_EQUAL(status(signed_by(key, "wss://calls.example/other")), 403);
  CAF_CHECK_EQUAL(status(signed_by("some other key", "wss://calls.example/streams")), 403);
}

CAF_TEST(a token that asks too often is told when to come back and others are not slowed) {
  running_server node{[](conf::config& c) {
    give_tokens(c);
    c.api_rate_limit = 1;
  }};
  int refused = 0;
  reply last;
  for (int i = 0; i < 10; ++i) {
    auto answer = node.get("/api/calls", dashboard);
    if (answer.status == 429) {
      ++refused;
      last = answer;
    }
  }
  CAF_REQUIRE(refused >= 5); // two at once, and what seconds went by
  CAF_CHECK_EQUAL(last.code(), "RATE_LIMITED");
  CAF_CHECK_EQUAL(last.header("retry-after"), "1");
  CAF_CHECK_EQUAL(node.get("/api/calls", operators).status, 200);
  for (int i = 0; i < 10; ++i)
    CAF_CHECK_EQUAL(node.get("/health").status, 200);
  for (int i = 0; i < 10; ++i)
    CAF_CHECK_EQUAL(node.post("/twilio/call-status", form_type, "CallSid=CA1").status, 200);
}

CAF_TEST(a server without tokens answers nobody who came through a proxy) {
  running_server node;
  CAF_CHECK_EQUAL(node.get("/api/calls").status, 200);
  for (auto* header : {"X-Forwarded-For: 203.0.113.7\r\n", "Forwarded: for=203.0.113.7\r\n",
                       "Via: 1.1 tunnel\r\n", "X-Real-IP: 203.0.113.7\r\n"}) {
    CAF_CHECK_EQUAL(node.get("/api/calls", header).status, 401);
    CAF_CHECK_EQUAL(node.get("/health", header).status, 200);
    CAF_CHECK_EQUAL(node.post("/twilio/incoming-call", form_type, hook_body, header).status, 200);
  }
}

CAF_TEST(an address is bounded until it shows what it may) {
  running_server node{[](conf::config& c) {
    give_tokens(c);
    c.host = "0.0.0.0";
    c.connections_per_address = 2;
  }};
  std::vector<std::unique_ptr<client>> events;
  for (int i = 0; i < 5; ++i) { // dashboards with their token
    events.push_back(std::make_unique<client>(node.port()));
    events.back()->send(std::string{"GET /api/status HTTP/1.1\r\nHost: x\r\n"} + dashboard +
                        "\r\n");
    CAF_CHECK(events.back()->read_until("updates").find("200 OK") != std::string::npos);
  }
  client streams[2] = {client{node.port()}, client{node.port()}};
  for (auto& one : streams)
    CAF_CHECK_EQUAL(one.ask("GET /streams", upgrade).status, 101); // no ticket yet
  CAF_CHECK(client{node.port()}.closed());
  for (auto& one : streams) // streams that were let in do not count any more
    one.send_text_frame(
        R"({"event":"start","streamSid":"MZ1","start":{"streamSid":"MZ1","accountSid":"AC1",)"
        R"("callSid":"CA1","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw",)"
        R"("sampleRate":8000,"channels":1},"customParameters":{"from":"+1","to":"+2"}}})");
  auto first = node.await_stream(), second = node.await_stream();
  CAF_CHECK(first.socket != nullptr && second.socket != nullptr);
  int status = 0;
  for (int i = 0; i < 500 && status != 200; ++i)
    status = client{node.port()}.ask("GET /health").status;
  CAF_CHECK_EQUAL(status, 200);
}

CAF_TEST(behind a proxy no address is bounded) {
  running_server node{[](conf::config& c) {
    give_tokens(c);
    c.host = "0.0.0.0";
    c.trust_proxy = true;
    c.connections_per_address = 2;
  }};
  std::vector<std::unique_ptr<client>> idle;
  for (int i = 0; i < 5; ++i) {
    idle.push_back(std::make_unique<client>(node.port()));
    CAF_CHECK_EQUAL(idle.back()->ask("GET /health").status, 200);
  }
}
