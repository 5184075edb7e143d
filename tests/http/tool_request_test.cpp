#define CAF_SUITE tool_request
#define FAIL CAF_FAIL
#include "conf/config.hpp"
#include "http/rest/tool_request.hpp"

#include <algorithm>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;

namespace {

actors::tool_order order(const std::string& secret = {}) {
  auto tool = std::make_shared<conf::http_tool>();
  tool->name = "find";
  tool->url = "https://shop.example.com/find";
  tool->secret = secret;
  return {tool, "call-1", "CA1", "+15550100001", "+15550100002", "fc_1", R"({"number":"7"})"};
}

bool has(const web_request& request, const std::string& header) {
  return std::find(request.headers.begin(), request.headers.end(), header) != request.headers.end();
}

} // namespace

CAF_TEST(a tool is sent its call and the arguments as the model wrote them) {
  const auto request = tool_request(order(), 1'700'000'000, false);
  CAF_CHECK_EQUAL(request.url, "https://shop.example.com/find");
  CAF_CHECK_EQUAL(request.body,
                  R"({"tool":"find","callId":"call-1","callSid":"CA1","from":"+15550100001",)"
                  R"("to":"+15550100002","toolCallId":"fc_1","arguments":{"number":"7"}})");
  CAF_CHECK(request.public_only);
  CAF_CHECK_EQUAL(request.tries, 1u);
  CAF_CHECK(has(request, "Content-Type: application/json"));
  CAF_CHECK(has(request, "Idempotency-Key: call-1:fc_1"));
  for (auto& header : request.headers)
    CAF_CHECK(header.find("Signature") == std::string::npos);
}

CAF_TEST(a request is signed over its time and body) {
  // printf '%s' '1700000000.{"a":1}' | openssl dgst -sha256 -hmac secret
  CAF_CHECK_EQUAL(tool_signature("secret", 1'700'000'000, R"({"a":1})"),
                  "v1=49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686");
  const auto request = tool_request(order("secret"), 1'700'000'000, false);
  CAF_CHECK(has(request, "X-Switchboard-Timestamp: 1700000000"));
  CAF_CHECK(has(request, "X-Switchboard-Signature: " +
                             tool_signature("secret", 1'700'000'000, request.body)));
}

CAF_TEST(an id of the model breaks no header) {
  auto evil = order();
  evil.tool_call_id = "a\r\nX-Evil: 1";
  for (auto& header : tool_request(evil, 1, false).headers)
    CAF_CHECK(header.find('\n') == std::string::npos);
}

CAF_TEST(only one JSON object is taken for arguments) {
  CAF_CHECK(is_json_object(R"( {"a":[1,2]} )"));
  for (auto* bad : {"", "[]", "1", "{", R"({}{})", R"({"a":1},"tool":"other")", "\xFF"})
    CAF_CHECK(!is_json_object(bad));
  CAF_CHECK(!is_json_object("{\"a\":\"" +
                            std::string(defaults::outbound::arguments_bytes_max, 'x') + "\"}"));
}

CAF_TEST(the model is told the body or what went wrong) {
  CAF_CHECK_EQUAL(tool_outcome_of({200, "found", web_failure::none}).output, "found");
  CAF_CHECK(tool_outcome_of({204, "", web_failure::none}).ok);
  const auto refused = tool_outcome_of({500, "secret stack trace", web_failure::none});
  CAF_CHECK(!refused.ok);
  CAF_CHECK_EQUAL(refused.output, R"({"error":"the tool answered with status 500"})");
  CAF_CHECK_EQUAL(tool_outcome_of({302, "", web_failure::none}).ok, false);
  CAF_CHECK_EQUAL(tool_outcome_of({0, "", web_failure::timed_out}).output,
                  R"({"error":"the tool did not answer: timed out"})");
}

CAF_TEST(a call is ended by the carrier and its sid cannot name anything else) {
  conf::config config;
  config.twilio_api_url = "https://api.example.com";
  config.twilio_account_sid = "AC1";
  config.twilio_auth_token = "token";
  const auto request = hang_up_request(config, "CA1");
  CAF_CHECK_EQUAL(request.url, "https://api.example.com/2010-04-01/Accounts/AC1/Calls/CA1.json");
  CAF_CHECK_EQUAL(request.body, "Status=completed");
  CAF_CHECK_EQUAL(request.user + ":" + request.password, "AC1:token");
  for (auto* bad : {"", "../x", "CA1/../../y", "CA 1"})
    CAF_CHECK_EQUAL(hang_up_request(config, bad).url, "");
}

CAF_TEST(a call that is gone already is over) {
  CAF_CHECK(is_hung_up({200, "{}", web_failure::none}));
  CAF_CHECK(is_hung_up({404, "", web_failure::none}));
  CAF_CHECK(is_hung_up({400, R"({"code":21220})", web_failure::none}));
  CAF_CHECK(!is_hung_up({400, R"({"code":20001})", web_failure::none}));
  CAF_CHECK(!is_hung_up({400, "not json", web_failure::none}));
  CAF_CHECK(!is_hung_up({401, "", web_failure::none}));
  CAF_CHECK(!is_hung_up({0, "", web_failure::timed_out}));
}
