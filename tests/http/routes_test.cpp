#define CAF_SUITE routes
#define FAIL CAF_FAIL

#include "http/access.hpp"
#include "http/policy.hpp"
#include "http/public_base.hpp"
#include "http/routing.hpp"
#include "http/site.hpp"
#include "http/url_signature.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;

namespace {

struct kept_answer {
  int count = 0;
  http_response last;
};

class keeping_sink : public exchange_sink {
public:
  explicit keeping_sink(std::shared_ptr<kept_answer> to) : to_(std::move(to)) {}
  void answer(const http_request&, http_response&& given) override {
    ++to_->count;
    to_->last = std::move(given);
  }
  std::shared_ptr<response_stream> stream(const http_request&, http_response&&) override {
    return nullptr;
  }
  std::optional<taken_socket> take_socket() override { return std::nullopt; }

private:
  std::shared_ptr<kept_answer> to_;
};

struct fixture {
  conf::config config;
  actors::node_state_ptr state = std::make_shared<actors::node_state>();
  std::unique_ptr<site> routes;

  fixture() {
    site_context context;
    context.services.config = &config;
    context.services.state = state;
    routes = std::make_unique<site>(std::move(context));
  }

  http_response ask(std::string method, std::string target, header_list headers = {},
                    std::string body = {}) {
    http_request request;
    request.method = std::move(method);
    request.set_target(std::move(target));
    request.headers = std::move(headers);
    request.body = std::move(body);
    request.id = request_id(request);
    auto kept = std::make_shared<kept_answer>();
    {
      auto x = std::make_shared<exchange>(std::move(request), std::make_unique<keeping_sink>(kept),
                                          [this](const exchange& done, http_response& given) {
                                            site::finish(config, done, given);
                                          });
      routes->handle(x);
    }
    CAF_CHECK_EQUAL(kept->count, 1);
    return kept->last;
  }
};

std::string header(const http_response& answer, std::string_view name) {
  auto* value = find_header(answer.headers, name);
  return value != nullptr ? *value : "";
}

std::string code_of(const http_response& answer) {
  auto at = answer.body.find("\"code\":\"");
  return at == std::string::npos
             ? ""
             : answer.body.substr(at + 8, answer.body.find('"', at + 8) - at - 8);
}

conf::config with_tokens() {
  conf::config config;
  config.api_tokens = {{"dash", "read-token-000001", true}, {"ops", "write-token-00001", false}};
  config.url_signing_key = "signing key of the test";
  return config;
}

int status_for(const conf::config& config, access_need need, header_list headers,
               std::string target = "/api/calls") {
  http_request request;
  request.set_target(std::move(target));
  request.headers = std::move(headers);
  return check_access(config, request, need, "c1", 1'000'000).status;
}

} // namespace

CAF_TEST(patterns match segment by segment) {
  CAF_CHECK_EQUAL(match_path("/api/calls/:id", "/api/calls/a%20b").value_or("-"), "a b");
  CAF_CHECK_EQUAL(match_path("/api/calls/:id", "/api/calls/a+b/").value_or("-"), "a+b");
  CAF_CHECK_EQUAL(match_path("/health", "/health/").value_or("-"), "");
  CAF_CHECK(!match_path("/health", "/health//"));
  CAF_CHECK(!match_path("/health", "/healthy"));
  CAF_CHECK(!match_path("/health", "health"));
  CAF_CHECK(!match_path("/api/calls/:id", "/api/calls/"));
  CAF_CHECK(!match_path("/api/calls/:id", "/api/calls/a/b"));
  CAF_CHECK(!match_path("/api/calls/:id/notes", "/api/calls//notes"));
  CAF_CHECK(!match_path("/health", ""));
  CAF_CHECK(!match_path("/health", "*"));
}

CAF_TEST_FIXTURE_SCOPE(routes_tests, fixture)

CAF_TEST(health tells uptime version calls and draining) {
  state->active_calls = 3;
  auto answer = ask("GET", "/health");
  CAF_CHECK_EQUAL(answer.status, 200);
  CAF_CHECK(answer.body.find(R"({"status":"ok","uptime":)") == 0);
  CAF_CHECK(answer.body.find(R"("activeCalls":3,"draining":false})") != std::string::npos);
  CAF_CHECK_EQUAL(header(answer, "Content-Type"), "application/json; charset=utf-8");
}

CAF_TEST(ready tells the truth) {
  state->listening = true;
  CAF_CHECK_EQUAL(ask("GET", "/ready").status, 200);
  state->database_ok = false;
  auto answer = ask("GET", "/ready");
  CAF_CHECK_EQUAL(answer.status, 503);
  CAF_CHECK_EQUAL(code_of(answer), "NOT_READY");
  CAF_CHECK(!header(answer, "Retry-After").empty());
  state->database_ok = true;
  CAF_CHECK_EQUAL(ask("GET", "/ready").status, 200);
  const auto refuses = [&](auto& flag, auto bad, const std::string& reason) {
    const auto good = flag.exchange(bad);
    auto refused = ask("GET", "/ready");
    CAF_CHECK_EQUAL(refused.status, 503);
    CAF_CHECK(refused.body.find(reason) != std::string::npos);
    flag = good;
    CAF_CHECK_EQUAL(ask("GET", "/ready").status, 200);
  };
  refuses(state->draining, true, "going down");
  refuses(state->recorders_failing, 1u, "recordings cannot be written");
  refuses(state->storage.recording_writable, false, "recordings cannot be written");
  refuses(state->storage.database_writable, false, "the database does not work");
  refuses(state->storage.refusing, true, "the disk is nearly full");
  state->listening = false;
  CAF_CHECK_EQUAL(ask("GET", "/ready").status, 503);
}

CAF_TEST(unknown paths and other methods have one error shape) {
  auto answer = ask("GET", "/nope");
  CAF_CHECK_EQUAL(answer.status, 404);
  CAF_CHECK_EQUAL(answer.body, R"({"message":"Not found","code":"NOT_FOUND"})");
  answer = ask("DELETE", "/health");
  CAF_CHECK_EQUAL(answer.status, 405);
  CAF_CHECK_EQUAL(code_of(answer), "METHOD_NOT_ALLOWED");
  CAF_CHECK_EQUAL(header(answer, "Allow"), "GET, HEAD, OPTIONS");
  CAF_CHECK_EQUAL(header(ask("GET", "/twilio/incoming-call"), "Allow"), "POST, OPTIONS");
  CAF_CHECK_EQUAL(header(ask("PATCH", "/api/calls/x/notes/"), "Allow"), "POST, OPTIONS");
}

CAF_TEST(limits have their own answers) {
  CAF_CHECK_EQUAL(ask("GET", "/health?" + std::string(20'000, 'a')).status, 414);
  CAF_CHECK_EQUAL(ask("GET", "/health?" + std::string(16'000, 'a')).status, 200);
  CAF_CHECK_EQUAL(ask("GET", "/health", {{"x", std::string(66'000, 'a')}}).status, 431);
  CAF_CHECK_EQUAL(ask("GET", "/health", {{"x", std::string(65'000, 'a')}}).status, 200);
  auto answer = ask("POST", "/api/calls/x/notes", {}, std::string(102'401, 'a'));
  CAF_CHECK_EQUAL(answer.status, 413);
  CAF_CHECK_EQUAL(code_of(answer), "BODY_TOO_LARGE");
  CAF_CHECK_EQUAL(ask("POST", "/api/calls/x/notes", {}, std::string(102'400, 'a')).status, 400);
}

CAF_TEST(a HEAD has the length and no body) {
  auto answer = ask("HEAD", "/ready");
  CAF_CHECK_EQUAL(answer.body, "");
  CAF_CHECK(answer.content_length.value_or(0) > 0);
}

CAF_TEST(what the client has already is not sent again) {
  state->listening = true;
  auto tag = header(ask("GET", "/ready"), "ETag");
  CAF_REQUIRE(tag.size() > 10);
  for (auto sent : {tag, "W/" + tag, "\"x\", " + tag, std::string{"*"}}) {
    auto answer = ask("GET", "/ready", {{"If-None-Match", sent}});
    CAF_CHECK_EQUAL(answer.status, 304);
    CAF_CHECK_EQUAL(answer.body, "");
    CAF_CHECK_EQUAL(header(answer, "ETag"), tag);
  }
  CAF_CHECK_EQUAL(ask("GET", "/ready", {{"If-None-Match", "\"x\""}}).status, 200);
  CAF_CHECK_EQUAL(ask("GET", "/nope", {{"If-None-Match", "*"}}).status, 404);
}

CAF_TEST(request ids go in and out unless they are dangerous) {
  CAF_CHECK_EQUAL(header(ask("GET", "/ready", {{"x-request-id", "abc-1"}}), "X-Request-Id"),
                  "abc-1");
  auto made = header(ask("GET", "/ready", {{"X-Request-Id", "a\r\nb"}}), "X-Request-Id");
  CAF_CHECK_EQUAL(made.size(), 16u);
  CAF_CHECK_EQUAL(
      header(ask("GET", "/ready", {{"X-Request-Id", std::string(200, 'a')}}), "X-Request-Id")
          .size(),
      16u);
}

CAF_TEST(CORS is as configured) {
  header_list origin{{"Origin", "https://dash.example"}};
  config.cors_origins = "*";
  auto answer = ask("GET", "/ready", origin);
  CAF_CHECK_EQUAL(header(answer, "Access-Control-Allow-Origin"), "*");
  CAF_CHECK_EQUAL(header(answer, "Access-Control-Expose-Headers"),
                  "Content-Disposition, ETag, X-Request-Id");
  CAF_CHECK_EQUAL(header(answer, "Cross-Origin-Resource-Policy"), "cross-origin");
  config.cors_origins = "https://other.example,https://dash.example";
  answer = ask("GET", "/ready", origin);
  CAF_CHECK_EQUAL(header(answer, "Access-Control-Allow-Origin"), "https://dash.example");
  CAF_CHECK_EQUAL(header(answer, "Vary"), "Origin");
  config.cors_origins = "https://other.example";
  answer = ask("GET", "/ready", origin);
  CAF_CHECK_EQUAL(header(answer, "Access-Control-Allow-Origin"), "");
  CAF_CHECK_EQUAL(header(answer, "Cross-Origin-Resource-Policy"), "same-origin");
  config.cors_origins = "";
  CAF_CHECK_EQUAL(header(ask("GET", "/ready", origin), "Access-Control-Allow-Origin"), "");
}

CAF_TEST(a preflight needs no token) {
  config = with_tokens();
  config.cors_origins = "*";
  auto answer = ask("OPTIONS", "/api/calls/x/notes",
                    {{"Origin", "https://d"},
                     {"Access-Control-Request-Method", "POST"},
                     {"Access-Control-Request-Headers", "authorization"}});
  CAF_CHECK_EQUAL(answer.status, 204);
  CAF_CHECK_EQUAL(header(answer, "Access-Control-Allow-Methods"), "POST, OPTIONS");
  CAF_CHECK(header(answer, "Access-Control-Allow-Headers").find("Authorization, Content-Type") ==
            0);
  CAF_CHECK_EQUAL(header(ask("OPTIONS", "/health"), "Allow"), "GET, HEAD, OPTIONS");
  CAF_CHECK_EQUAL(ask("OPTIONS", "/nope").status, 404);
}

CAF_TEST(security headers are on every answer) {
  for (auto target : {"/health", "/nope", "/streams"}) {
    auto answer = ask("GET", target);
    CAF_CHECK_EQUAL(header(answer, "X-Content-Type-Options"), "nosniff");
    CAF_CHECK_EQUAL(header(answer, "X-Frame-Options"), "DENY");
    CAF_CHECK_EQUAL(header(answer, "Referrer-Policy"), "no-referrer");
    CAF_CHECK_EQUAL(header(answer, "Strict-Transport-Security"), "");
  }
  config.public_url = "https://calls.example";
  CAF_CHECK(!header(ask("GET", "/health"), "Strict-Transport-Security").empty());
}

CAF_TEST(the streams path asks for an upgrade) {
  auto answer = ask("GET", "/streams");
  CAF_CHECK_EQUAL(answer.status, 426);
  CAF_CHECK_EQUAL(header(answer, "Upgrade"), "websocket");
  CAF_CHECK_EQUAL(ask("GET", "/streams/x").status, 404);
}

CAF_TEST(tokens are asked for before anything else) {
  config = with_tokens();
  auto answer = ask("GET", "/api/calls");
  CAF_CHECK_EQUAL(answer.status, 401);
  CAF_CHECK_EQUAL(code_of(answer), "UNAUTHORIZED");
  CAF_CHECK(header(answer, "WWW-Authenticate").find("Bearer") == 0);
  answer = ask("POST", "/api/calls/x/notes", {{"Authorization", "Bearer read-token-000001"}});
  CAF_CHECK_EQUAL(answer.status, 403);
  CAF_CHECK_EQUAL(code_of(answer), "FORBIDDEN");
  answer = ask("POST", "/api/calls/x/notes", {{"Authorization", "Bearer write-token-00001"}});
  CAF_CHECK_EQUAL(code_of(answer), "INVALID_NOTES");
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(tokens open what they are for) {
  auto config = with_tokens();
  const header_list none, reader{{"authorization", "bearer read-token-000001"}},
      writer{{"Authorization", "Bearer write-token-00001"}},
      wrong{{"Authorization", "Bearer nope"}}, basic{{"Authorization", "Basic cmVhZA=="}};
  for (auto need : {access_need::read, access_need::events, access_need::recording}) {
    CAF_CHECK_EQUAL(status_for(config, need, reader), 200);
    CAF_CHECK_EQUAL(status_for(config, need, writer), 200);
    CAF_CHECK_EQUAL(status_for(config, need, wrong), 401);
    CAF_CHECK_EQUAL(status_for(config, need, basic), 401);
    CAF_CHECK_EQUAL(status_for(config, need, none), 401);
  }
  CAF_CHECK_EQUAL(status_for(config, access_need::write, reader), 403);
  CAF_CHECK_EQUAL(status_for(config, access_need::write, writer), 200);
  CAF_CHECK_EQUAL(status_for(config, access_need::none, none), 200);
  const auto by_query = "/api/status?access_token=read-token-000001";
  CAF_CHECK_EQUAL(status_for(config, access_need::events, none, by_query), 200);
  CAF_CHECK_EQUAL(status_for(config, access_need::read, none, by_query), 401);
  auto link = recording_url(config.url_signing_key, "c1", 1'000'000);
  CAF_CHECK_EQUAL(status_for(config, access_need::recording, none, link), 200);
  CAF_CHECK_EQUAL(status_for(config, access_need::read, none, link), 401);
  link[link.size() - 3] = link[link.size() - 3] == 'A' ? 'B' : 'A';
  CAF_CHECK_EQUAL(status_for(config, access_need::recording, none, link), 401);
}

CAF_TEST(without tokens only a loopback host answers) {
  conf::config config;
  CAF_CHECK_EQUAL(status_for(config, access_need::write, {}), 200);
  config.host = "0.0.0.0";
  CAF_CHECK_EQUAL(status_for(config, access_need::read, {}), 401);
  CAF_CHECK_EQUAL(status_for(config, access_need::read, {{"Authorization", "Bearer "}}), 401);
}

CAF_TEST(hosts are hosts and nothing else) {
  for (auto good : {"example.com", "example.com:8443", "127.0.0.1:1", "[::1]", "[::1]:80", "a_b-c"})
    CAF_CHECK(is_host(good));
  for (auto bad : {"", "a b", "a\"b", "a/b", "<x>", "a:b", "a:", "a:123456", ":80", "[::1", "[]",
                   "[x]", "a@b", "a\r\nb", "a,b", "[::1]x"})
    CAF_CHECK(!is_host(bad));
  CAF_CHECK(!is_host(std::string(300, 'a')));
}

CAF_TEST(the public base comes from configuration host or a trusted proxy) {
  conf::config config;
  http_request request;
  request.headers = {{"Host", "10.0.0.1:3000"},
                     {"X-Forwarded-Host", "calls.example, inner"},
                     {"X-Forwarded-Proto", "https, http"}};
  CAF_CHECK_EQUAL(public_base(config, request).value_or("-"), "http://10.0.0.1:3000");
  config.trust_proxy = true;
  CAF_CHECK_EQUAL(public_base(config, request).value_or("-"), "https://calls.example");
  config.public_url = "https://fixed.example/base";
  CAF_CHECK_EQUAL(public_base(config, request).value_or("-"), "https://fixed.example/base");
  config.public_url.clear();
  request.headers = {{"Host", "x\"/><Say>hi</Say>"}};
  CAF_CHECK(!public_base(config, request));
  request.headers.clear();
  CAF_CHECK(!public_base(config, request));
  CAF_CHECK_EQUAL(websocket_base("https://h"), "wss://h");
  CAF_CHECK_EQUAL(websocket_base("http://h:1"), "ws://h:1");
}

CAF_TEST(absolute targets count by their path) {
  http_request request;
  request.set_target("http://other.example/api/calls?x=1#f");
  CAF_CHECK_EQUAL(request.path, "/api/calls");
  CAF_CHECK_EQUAL(request.query, "x=1");
  request.set_target("http://other.example");
  CAF_CHECK_EQUAL(request.path, "/");
}
