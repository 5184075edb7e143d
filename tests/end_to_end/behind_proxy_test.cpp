#define CAF_SUITE behind_proxy
#define FAIL CAF_FAIL
#include "tests/end_to_end/proxies.hpp"

#include <sstream>

#include <caf/test/dsl.hpp>

using namespace e2e;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct proxy_tests_fixture : proxied_world {
  /// A call of three turns by https and wss, watched live, and all of what is kept of it.
  void check_a_call() {
    auto listener = listen_to_events("events.txt");
    CAF_REQUIRE(wait_until([&] { return has(read_file(path("events.txt")), "Connected to"); }));
    start_calls("caller", carrier_options(three_turns()));
    // Nothing on the way keeps events back: they are here while the call lives.
    CAF_REQUIRE(wait_until([&] { return has(read_file(path("events.txt")), "\"transcript\""); }));
    CAF_CHECK_EQUAL(json::parse(ask("/health").body)["activeCalls"].get<int>(), 1);
    CAF_CHECK_EQUAL(finish_calls("caller"), 0);
    CAF_REQUIRE(wait_until([&] {
      const auto events = read_file(path("events.txt"));
      return has(events, "call_ended") && has(events, "recording_saved");
    }));
    const auto rows = json::parse(ask("/api/calls").body)["data"];
    CAF_REQUIRE_EQUAL(rows.size(), 1u);
    CAF_CHECK_EQUAL(rows[0]["status"].get<std::string>(), "completed");
    CAF_CHECK_EQUAL(rows[0]["transcripts"].size(), 7u);
    const auto metrics = json::parse(rows[0]["analytics"][0]["metrics"].get<std::string>());
    const auto sent = report("caller")["calls"][0]["totals"]["framesSent"].get<int>();
    CAF_CHECK_EQUAL(metrics["framesIn"].get<int>(), sent);
    check_download(rows[0]);
  }

  void check_download(const json& call) {
    const auto target = "/api/calls/" + call["id"].get<std::string>() + "/recording";
    const auto whole = ask(target);
    CAF_CHECK_EQUAL(whole.status, 200);
    CAF_CHECK_EQUAL(whole.body.size(), call["recordings"][0]["sizeBytes"].get<size_t>());
    CAF_CHECK_EQUAL(whole.headers.at("content-length"), std::to_string(whole.body.size()));
    const auto part = ask(target, {"Range: bytes=300000-300099"});
    CAF_CHECK_EQUAL(part.status, 206);
    CAF_CHECK(part.body == whole.body.substr(300'000, 100));
    CAF_CHECK_EQUAL(part.headers.at("content-range"),
                    "bytes 300000-300099/" + std::to_string(whole.body.size()));
    CAF_CHECK_EQUAL(ask(target, {"Range: bytes=999999999-"}).status, 416);
    CAF_CHECK_EQUAL(ask(target, {"If-None-Match: " + whole.headers.at("etag")}).status, 304);
    // The link that a page gives to <audio>: public, and without a token.
    const auto link = call["recordings"][0]["fileUrl"].get<std::string>();
    CAF_CHECK_EQUAL(link.rfind(public_url("/api/calls/"), 0), 0u);
    CAF_CHECK(get(link).body == whole.body);
    CAF_CHECK_EQUAL(get(public_url(target)).status, 401);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(behind_proxy_tests, proxy_tests_fixture)

CAF_TEST(a call and events and a download through nginx and TLS) {
  start_behind_proxy();
  start_nginx();
  check_a_call();
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST(what is forged is refused through nginx as well and nobody is believed about himself) {
  start_behind_proxy();
  start_nginx();
  auto refused = [&](const std::string& fault) {
    return place_calls(fault.substr(2),
                       carrier_options({fault, "--hangup-after", "3", "--expect-refused"}));
  };
  CAF_CHECK_EQUAL(refused("--bad-signature"), 0);
  CAF_CHECK_EQUAL(refused("--bad-stream-signature"), 0);
  CAF_CHECK_EQUAL(refused("--bad-ticket"), 0);
  const auto answer = ask("/health", {"X-Forwarded-For: 203.0.113.66", "X-Forwarded-Proto: http"});
  CAF_CHECK_EQUAL(answer.headers.count("strict-transport-security"), 1u);
  CAF_CHECK_EQUAL(get(public_url("/api/calls")).status, 401);
  CAF_CHECK_EQUAL(get(public_url(std::string{"/api/calls?access_token="} + ops_token)).status, 401);
  CAF_CHECK_EQUAL(ask("/api/calls?" + std::string(17'000, 'a')).status, 414);
  const std::string note(102'401, 'n');
  CAF_CHECK_EQUAL(post(public_url("/api/calls/x/notes"), note, {"Content-Type: text/plain"}).status,
                  413);
  CAF_CHECK(
      wait_until([&] { return has(read_file(path("access.log")), "POST /api/calls/x/notes"); }));
  CAF_CHECK(!has(server_log(), "203.0.113.66"));
  CAF_CHECK(!has(server_log(), ops_token));
  CAF_CHECK(!has(read_file(path("access.log")), ops_token));
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST(the audit log names the token of whoever changes something) {
  start_behind_proxy();
  start_nginx();
  const std::string note = R"({"notes":"audited"})";
  const texts headers{"Content-Type: application/json", "X-Request-Id: audit-1",
                      std::string{"Authorization: Bearer "} + ops_token};
  CAF_CHECK_EQUAL(post(public_url("/api/calls/none/notes"), note, headers).status, 404);
  CAF_CHECK_EQUAL(post(public_url("/api/calls/none/notes"), note).status, 401);
  // The log is written by a thread of its own, a line after the other.
  CAF_CHECK(wait_until([&] {
    bool named = false, refused = false;
    std::istringstream lines{server_log()};
    for (std::string line; std::getline(lines, line);) {
      const auto entry = json::parse(line, nullptr, false);
      if (!entry.is_object() || entry.value("component", "") != "audit")
        continue;
      named |= entry.value("user", "") == "ops" && entry.value("request_id", "") == "audit-1" &&
               entry.value("peer", "") == "127.0.0.1";
      refused |= entry.value("status", 0) == 401 && entry.value("user", "") == "-";
    }
    return named && refused;
  }));
  CAF_CHECK(!has(server_log(), "audited"));
}

CAF_TEST(a call and events and a download through caddy and TLS) {
  start_behind_proxy();
  start_caddy();
  check_a_call();
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
