#define CAF_SUITE web_client
#define FAIL CAF_FAIL
#include "http/rest/web_client.hpp"
#include "tests/http/rest_server.hpp"

#include <future>

#include <caf/test/dsl.hpp>

using namespace switchboard::http;
using switchboard::test::rest_server;

namespace {

web_request to(const std::string& url) {
  web_request request;
  request.url = url;
  request.body = "hello";
  request.timeout_ms = 10'000;
  request.public_only = false;
  return request;
}

std::future<web_answer> submit(web_client& client, web_request request) {
  auto promise = std::make_shared<std::promise<web_answer>>();
  auto result = promise->get_future();
  client.submit(std::move(request),
                [promise](web_answer answer) { promise->set_value(std::move(answer)); });
  return result;
}

std::string failure(const web_answer& answer) {
  return to_string(answer.failure);
}

} // namespace

CAF_TEST(a request is sent as it is and its answer comes back) {
  rest_server server{{rest_server::answer("201 Created", "world")}};
  web_client client;
  auto request = to(server.url() + "/path?q=1");
  request.headers = {"X-Test: yes"};
  request.user = "name";
  request.password = "secret";
  const auto answer = submit(client, request).get();
  CAF_CHECK_EQUAL(answer.status, 201);
  CAF_CHECK_EQUAL(answer.body, "world");
  const auto sent = server.requests().at(0);
  CAF_CHECK_EQUAL(sent.substr(0, sent.find("\r\n")), "POST /path?q=1 HTTP/1.1");
  CAF_CHECK(sent.find("\r\nX-Test: yes\r\n") != std::string::npos);
  CAF_CHECK(sent.find("\r\nAuthorization: Basic bmFtZTpzZWNyZXQ=\r\n") != std::string::npos);
  CAF_CHECK_EQUAL(sent.substr(sent.size() - 9), "\r\n\r\nhello");
}

CAF_TEST(neither an address nor a spelling nor a name leads into this machine) {
  rest_server server{{}};
  web_client client;
  for (auto* host : {"127.0.0.1", "127.1", "0x7f000001", "2130706433", "localhost", "0.0.0.0",
                     "[::ffff:127.0.0.1]", "[::1]"}) {
    auto request = to(server.url(host));
    request.public_only = true;
    CAF_CHECK_EQUAL(failure(submit(client, request).get()), "refused address");
  }
  CAF_CHECK_EQUAL(server.requests().size(), 0u);
}

CAF_TEST(an unchecked connection is not handed to a request that must be checked) {
  const std::string kept =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"; // stays open, as far as it says
  rest_server server{{kept, kept}};
  web_client client;
  CAF_CHECK_EQUAL(submit(client, to(server.url())).get().status, 200);
  auto checked = to(server.url());
  checked.public_only = true;
  CAF_CHECK_EQUAL(failure(submit(client, checked).get()), "refused address");
  CAF_CHECK_EQUAL(server.requests().size(), 1u);
}

CAF_TEST(a redirect is not followed) {
  rest_server target{{rest_server::answer("200 OK", "inside")}};
  rest_server server{{rest_server::answer("302 Found", "", "Location: " + target.url() + "\r\n")}};
  web_client client;
  CAF_CHECK_EQUAL(submit(client, to(server.url())).get().status, 302);
  CAF_CHECK_EQUAL(target.requests().size(), 0u);
}

CAF_TEST(no other protocol is spoken) {
  web_client client;
  for (auto* url :
       {"file:///etc/passwd", "gopher://127.0.0.1:1/x", "ftp://127.0.0.1/", "not a url"})
    CAF_CHECK_EQUAL(failure(submit(client, to(url)).get()), "not connected");
}

CAF_TEST(an answer beyond the bound is given up) {
  web_client::settings bounds;
  bounds.answer_bytes_max = 10;
  rest_server server{
      {rest_server::answer("200 OK", "0123456789"), rest_server::answer("200 OK", "0123456789a")}};
  web_client client{bounds};
  CAF_CHECK_EQUAL(submit(client, to(server.url())).get().body, "0123456789");
  const auto answer = submit(client, to(server.url())).get();
  CAF_CHECK_EQUAL(failure(answer), "answer too large");
  CAF_CHECK_EQUAL(answer.body, "");
}

CAF_TEST(a server that does not answer costs the request its time and no more) {
  rest_server server{{}};
  web_client client;
  auto request = to(server.url());
  request.timeout_ms = 50;
  CAF_CHECK_EQUAL(failure(submit(client, request).get()), "timed out");
}

CAF_TEST(what may be repeated is tried again after failures that may pass) {
  rest_server server{
      {"", rest_server::answer("503 Busy", ""), rest_server::answer("200 OK", "ok")}};
  web_client client;
  auto request = to(server.url());
  request.tries = 3;
  CAF_CHECK_EQUAL(submit(client, request).get().body, "ok");
  CAF_CHECK_EQUAL(server.requests().size(), 3u);
}

CAF_TEST(what may not be repeated is tried once) {
  rest_server server{{"", rest_server::answer("200 OK", "ok")}};
  web_client client;
  CAF_CHECK_EQUAL(failure(submit(client, to(server.url())).get()), "connection lost");
  CAF_CHECK_EQUAL(server.requests().size(), 1u);
}

CAF_TEST(a refusal is not tried again) {
  rest_server server{
      {rest_server::answer("404 Not Found", ""), rest_server::answer("200 OK", "ok")}};
  web_client client;
  auto request = to(server.url());
  request.tries = 3;
  CAF_CHECK_EQUAL(submit(client, request).get().status, 404);
}

CAF_TEST(tries end at their bound) {
  rest_server server{{"", "", "", rest_server::answer("200 OK", "ok")}};
  web_client client;
  auto request = to(server.url());
  request.tries = 2;
  CAF_CHECK_EQUAL(failure(submit(client, request).get()), "connection lost");
  CAF_CHECK_EQUAL(server.requests().size(), 2u);
}

CAF_TEST(too many requests are refused and those that wait get their turn) {
  web_client::settings bounds;
  bounds.running_max = 1;
  bounds.waiting_max = 0;
  web_client none{bounds};
  CAF_CHECK_EQUAL(failure(submit(none, to("http://127.0.0.1:9")).get()), "too many requests");
  bounds.waiting_max = 8;
  rest_server server{{rest_server::answer("200 OK", "1"), rest_server::answer("200 OK", "2")}};
  web_client one{bounds};
  auto first = submit(one, to(server.url()));
  auto second = submit(one, to(server.url()));
  CAF_CHECK_EQUAL(first.get().body + second.get().body, "12");
}

CAF_TEST(a client that goes down answers what is under way) {
  rest_server server{{}};
  std::future<web_answer> running;
  {
    web_client client;
    running = submit(client, to(server.url()));
  }
  CAF_CHECK_EQUAL(failure(running.get()), "stopped");
}
