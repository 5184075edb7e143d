#include "http/rest/tool_request.hpp"

#include "conf/config.hpp"
#include "http/hmac.hpp"
#include "http/json_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace switchboard::http {

namespace {

namespace limits = defaults::outbound;
using nlohmann::json;

std::string hex(const std::string& raw) {
  constexpr const char* digits = "0123456789abcdef";
  std::string out;
  for (unsigned char byte : raw) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string error_output(const std::string& what) {
  std::string out;
  json_writer(out).open().text("error", what).close();
  return out;
}

bool is_sid(const std::string& text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0; });
}

std::string tool_body(const actors::tool_order& order) {
  std::string body;
  json_writer(body)
      .open()
      .text("tool", order.tool->name)
      .text("callId", order.call_id)
      .text("callSid", order.call_sid)
      .text("from", order.from)
      .text("to", order.to)
      .text("toolCallId", order.tool_call_id)
      .raw("arguments", order.arguments_json)
      .close();
  return body;
}

/// A header's value takes no line breaks: the model's ids are its own business.
std::string header_safe(const std::string& text) {
  std::string out;
  for (unsigned char c : text.substr(0, 128))
    out += c > 0x20 && c < 0x7F ? static_cast<char>(c) : '_';
  return out;
}

} // namespace

bool is_json_object(const std::string& text) {
  if (text.size() > limits::arguments_bytes_max)
    return false;
  const auto start = text.find_first_not_of(" \t\r\n");
  return start != std::string::npos && text[start] == '{' && json::accept(text);
}

std::string tool_signature(const std::string& secret, int64_t now_s, const std::string& body) {
  return "v1=" + hex(hmac_sha256(secret, std::to_string(now_s) + "." + body));
}

web_request tool_request(const actors::tool_order& order, int64_t now_s, bool allow_private) {
  web_request request;
  request.url = order.tool->url;
  request.body = tool_body(order);
  request.timeout_ms = order.tool->timeout_ms;
  request.tries = order.tool->idempotent ? limits::tries_max : 1;
  request.public_only = !allow_private;
  request.headers = {"Content-Type: application/json", "Accept: application/json, text/plain",
                     "User-Agent: Switchboard/" + std::string(conf::version()),
                     "Idempotency-Key: " + order.call_id + ":" + header_safe(order.tool_call_id),
                     "X-Switchboard-Timestamp: " + std::to_string(now_s)};
  if (!order.tool->secret.empty())
    request.headers.push_back("X-Switchboard-Signature: " +
                              tool_signature(order.tool->secret, now_s, request.body));
  return request;
}

actors::tool_outcome tool_outcome_of(const web_answer& answer) {
  if (answer.failure != web_failure::none)
    return {false,
            error_output("the tool did not answer: " + std::string(to_string(answer.failure)))};
  if (answer.status < 200 || answer.status > 299)
    return {false, error_output("the tool answered with status " + std::to_string(answer.status))};
  return {true, answer.body.empty() ? R"({"ok":true})" : answer.body};
}

web_request hang_up_request(const conf::config& config, const std::string& call_sid) {
  web_request request;
  if (!is_sid(call_sid))
    return request;
  request.url = config.twilio_api_url + "/2010-04-01/Accounts/" + config.twilio_account_sid +
                "/Calls/" + call_sid + ".json";
  request.body = "Status=completed";
  request.headers = {"Content-Type: application/x-www-form-urlencoded"};
  request.user = config.twilio_account_sid;
  request.password = config.twilio_auth_token;
  request.timeout_ms = limits::rest_timeout_ms;
  request.tries = limits::tries_max;
  request.public_only = false; // the operator names it, nobody else
  return request;
}

bool is_hung_up(const web_answer& answer) {
  constexpr int call_not_in_progress = 21220;
  if ((answer.status >= 200 && answer.status <= 299) || answer.status == 404)
    return true;
  if (answer.status != 400)
    return false;
  const auto problem = json::parse(answer.body, nullptr, false);
  return problem.is_object() && problem.value("code", json()) == call_not_in_progress;
}

} // namespace switchboard::http
