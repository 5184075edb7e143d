#define CAF_SUITE websocket_engine
#define FAIL CAF_FAIL
#include "conf/defaults/websocket.hpp"
#include "http/websocket_engine.hpp"
#include "http/websocket_target.hpp"
#include "tests/http/websocket_fixture.hpp"

#include <random>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;
using actors::link_end;
using testing::frame;
using testing::take_frame;

namespace {

constexpr size_t bound = 64 * 1024;

struct sink : engine_events {
  void on_engine_open() override { ++opened; }
  void on_engine_text(std::string_view message) override { texts.emplace_back(message); }
  void on_engine_binary(size_t bytes) override { binaries.push_back(bytes); }
  bool engine_should_stop() const override { return texts.size() >= stop_after; }
  int opened = 0;
  std::vector<std::string> texts;
  std::vector<size_t> binaries;
  size_t stop_after = SIZE_MAX;
};

struct fixture {
  std::unique_ptr<websocket_engine> server =
      make_server_engine(testing::upgrade_request(), {}, bound);
  sink events;

  fixture() { server->output().clear(); }
  size_t feed(std::string bytes) { return server->feed(bytes.data(), bytes.size(), events); }
  void feed(const frame& f) { feed(f.bytes()); }
  frame sent() {
    frame out;
    if (!take_frame(server->output(), out))
      CAF_FAIL("no frame was sent");
    return out;
  }
  /// Checks that the engine gave up with `code` on the wire.
  void check_failed(uint16_t code) {
    CAF_CHECK(server->state() == engine_state::failed);
    CAF_CHECK(server->outcome().end == link_end::protocol_error);
    frame f = sent();
    CAF_CHECK_EQUAL(static_cast<int>(f.opcode), static_cast<int>(testing::close));
    CAF_REQUIRE(f.payload.size() >= 2);
    CAF_CHECK_EQUAL(f.payload.substr(0, 2), testing::close_payload(code));
    CAF_CHECK(server->take_control_queued());
    CAF_CHECK(server->output().empty());
  }
};

websocket_target target() {
  websocket_target t;
  CAF_REQUIRE(websocket_target::parse("ws://127.0.0.1:9/v1/realtime?model=x", t));
  return t;
}

/// A client engine whose upgrade was answered with `extra` header lines in the 101.
std::unique_ptr<websocket_engine> open_client(sink& events, std::string_view answer = {}) {
  auto client = make_client_engine(target(), bound);
  auto server = make_server_engine(client->output(), {}, bound);
  client->output().clear();
  std::string bytes = server->output();
  bytes += answer;
  client->feed(bytes.data(), bytes.size(), events);
  return client;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(server_role, fixture)

CAF_TEST(the upgrade is answered with the accept value of RFC 6455) {
  auto engine = make_server_engine(testing::upgrade_request(), {}, bound);
  CAF_CHECK(engine->state() == engine_state::open);
  CAF_CHECK_EQUAL(engine->output().rfind("HTTP/1.1 101 ", 0), 0u);
  CAF_CHECK_NOT_EQUAL(engine->output().find(testing::sample_accept), std::string::npos);
  CAF_CHECK_EQUAL(engine->output().find("Sec-WebSocket-Extensions"), std::string::npos);
}

CAF_TEST(a bad upgrade request gets a 400 and no frame) {
  std::string head = testing::upgrade_request();
  std::vector<std::string> bad{"", "x", "GET / HTTP/1.1\r\n\r\n", head.substr(0, head.size() - 2)};
  for (auto [from, to] : {std::pair<const char*, const char*>{"GET", "POST"},
                          {"Key: dGhlIHNhbXBsZSBub25jZQ==", "Key: short"},
                          {"Version: 13", "Version: 8"},
                          {"Upgrade: websocket", "Upgrade: h2c"},
                          {"HTTP/1.1", "HTTP/1.0"}}) {
    std::string changed = head;
    changed.replace(changed.find(from), std::string(from).size(), to);
    bad.push_back(changed);
  }
  for (const std::string& request : bad) {
    auto engine = make_server_engine(request, {}, bound);
    CAF_CHECK(engine->state() == engine_state::failed);
    CAF_CHECK(engine->outcome().end == link_end::protocol_error);
    CAF_CHECK_EQUAL(engine->output().rfind("HTTP/1.1 400 ", 0), 0u);
    CAF_CHECK(!engine->send_text("x"));
  }
}

CAF_TEST(frames before the 101 are a protocol error) {
  auto engine = make_server_engine(testing::upgrade_request(), frame{}.bytes(), bound);
  CAF_CHECK(engine->state() == engine_state::failed);
  CAF_CHECK(engine->outcome().end == link_end::protocol_error);
}

CAF_TEST(fragments with a ping between them become one message) {
  feed(frame{testing::text, "Hel", false});
  feed(frame{testing::ping, "mid"});
  feed(frame{testing::continuation, "", false});
  feed(frame{testing::continuation, "lo"});
  CAF_REQUIRE_EQUAL(events.texts.size(), 1u);
  CAF_CHECK_EQUAL(events.texts[0], "Hello");
  frame answer = sent();
  CAF_CHECK_EQUAL(static_cast<int>(answer.opcode), static_cast<int>(testing::pong));
  CAF_CHECK_EQUAL(answer.payload, "mid");
  CAF_CHECK(!answer.masked);
  CAF_CHECK(server->take_control_queued());
  CAF_CHECK(!server->take_control_queued());
}

CAF_TEST(bytes that arrive one at a time mean the same) {
  std::string all = frame{testing::text, "first"}.bytes() +
                    frame{testing::binary, "12345"}.bytes() +
                    frame{testing::text, std::string(200, 'a'), false}.bytes() +
                    frame{testing::continuation, std::string(70'000 - 10'000, 'b')}.bytes();
  for (char c : all)
    feed(std::string(1, c));
  CAF_REQUIRE_EQUAL(events.texts.size(), 2u);
  CAF_CHECK_EQUAL(events.texts[0], "first");
  CAF_CHECK_EQUAL(events.texts[1], std::string(200, 'a') + std::string(60'000, 'b'));
  CAF_CHECK_EQUAL(events.binaries.size(), 1u);
  CAF_CHECK_EQUAL(events.binaries[0], 5u);
}

CAF_TEST(a character cut by a fragment border is still one character) {
  feed(frame{testing::text, "\xe2\x82", false});
  feed(frame{testing::continuation, "\xac"});
  CAF_REQUIRE_EQUAL(events.texts.size(), 1u);
  CAF_CHECK_EQUAL(events.texts[0], "\xe2\x82\xac");
}

CAF_TEST(bad text is closed with 1007) {
  feed(frame{testing::text, "a\xff"});
  CAF_CHECK(events.texts.empty());
  check_failed(1007);
}

CAF_TEST(text that ends inside a character is closed with 1007) {
  feed(frame{testing::text, "\xe2\x82"});
  check_failed(1007);
}

CAF_TEST(an unmasked frame is closed with 1002) {
  feed(frame{testing::text, "x", true, false});
  CAF_CHECK(events.texts.empty());
  check_failed(1002);
}

CAF_TEST(reserved bits are closed with 1002) {
  feed(frame{testing::text, "x", true, true, 4});
  check_failed(1002);
}

CAF_TEST(an unknown opcode is closed with 1002) {
  feed(frame{static_cast<testing::op>(3), "x"});
  check_failed(1002);
}

CAF_TEST(a continuation of nothing is closed with 1002) {
  feed(frame{testing::continuation, "x"});
  check_failed(1002);
}

CAF_TEST(a new message inside a message is closed with 1002) {
  feed(frame{testing::text, "x", false});
  feed(frame{testing::text, "y"});
  check_failed(1002);
}

CAF_TEST(a fragmented ping is closed with 1002) {
  feed(frame{testing::ping, "x", false});
  check_failed(1002);
}

CAF_TEST(a length that is not written the short way is closed with 1002) {
  feed(std::string("\x81\xfe\x00\x01\x00\x00\x00\x00x", 9));
  check_failed(1002);
}

CAF_TEST(a message at the bound passes and one byte more is closed with 1009) {
  feed(frame{testing::text, std::string(bound, 'x')});
  CAF_CHECK_EQUAL(events.texts.size(), 1u);
  feed(frame{testing::text, std::string(bound + 1, 'x')});
  CAF_CHECK_EQUAL(events.texts.size(), 1u);
  check_failed(1009);
}

CAF_TEST(fragments over the bound together are closed with 1009) {
  feed(frame{testing::text, std::string(bound, 'x'), false});
  feed(frame{testing::continuation, "y"});
  check_failed(1009);
}

CAF_TEST(a claim of two gigabytes is refused at its header) {
  frame f{testing::text, "only this much"};
  f.claim = 2ull << 30;
  feed(f);
  check_failed(1009);
}

CAF_TEST(a continuation whose claim wraps around is refused at its header) {
  feed(frame{testing::text, "xyz", false});
  frame f{testing::continuation, "only this much"};
  f.claim = UINT64_MAX - 1;
  feed(f);
  check_failed(1009);
}

CAF_TEST(stopping leaves the rest for the next feed) {
  std::string all = frame{testing::text, "1"}.bytes() + frame{testing::text, "2"}.bytes();
  const size_t one = all.size() / 2;
  events.stop_after = 1;
  CAF_CHECK_EQUAL(feed(all), one);
  CAF_CHECK_EQUAL(events.texts.size(), 1u);
  events.stop_after = SIZE_MAX;
  CAF_CHECK_EQUAL(feed(all.substr(one)), one);
  CAF_CHECK_EQUAL(events.texts.back(), "2");
}

CAF_TEST(a close frame is echoed and nothing after it counts) {
  std::string all = frame{testing::close, testing::close_payload(1001, "bye")}.bytes() +
                    frame{testing::text, "late"}.bytes();
  feed(all);
  CAF_CHECK(server->state() == engine_state::closed);
  CAF_CHECK(server->outcome().end == link_end::closed_by_peer);
  CAF_CHECK_EQUAL(server->outcome().close_code, 1001);
  CAF_CHECK_EQUAL(server->outcome().detail, "bye");
  CAF_CHECK(events.texts.empty());
  frame echo = sent();
  CAF_CHECK_EQUAL(echo.payload, testing::close_payload(1001));
  CAF_CHECK(!server->send_text("x"));
}

CAF_TEST(a close frame without a code is closed by the peer with code 0) {
  feed(frame{testing::close, ""});
  CAF_CHECK(server->outcome().end == link_end::closed_by_peer);
  CAF_CHECK_EQUAL(server->outcome().close_code, 0);
  CAF_CHECK_EQUAL(sent().payload, testing::close_payload(1000));
}

CAF_TEST(a close code that must not be on the wire is closed with 1002) {
  feed(frame{testing::close, testing::close_payload(1005)});
  check_failed(1002);
}

CAF_TEST(our close waits for theirs and drops text meanwhile) {
  server->close(1000, "done");
  CAF_CHECK(server->state() == engine_state::closing);
  CAF_CHECK_EQUAL(sent().payload, testing::close_payload(1000, "done"));
  server->close(1001, "again");
  CAF_CHECK(server->output().empty());
  feed(frame{testing::text, "late"});
  feed(frame{testing::ping, "late"});
  CAF_CHECK(events.texts.empty());
  CAF_CHECK(server->output().empty());
  feed(frame{testing::close, testing::close_payload(1000)});
  CAF_CHECK(server->state() == engine_state::closed);
  CAF_CHECK(server->outcome().end == link_end::closed_by_us);
}

CAF_TEST(a close reason is cut between characters and a bad code becomes 1000) {
  std::string reason;
  for (int i = 0; i < 50; ++i)
    reason += "\xe2\x82\xac"; // 3 bytes each: 123 is a border, so shift it by one
  server->close(1005, "x" + reason);
  frame f = sent();
  CAF_CHECK_EQUAL(f.payload.size(), 2u + 121u);
  CAF_CHECK_EQUAL(f.payload.substr(0, 2), testing::close_payload(1000));
}

CAF_TEST(text that is no UTF 8 is not sent) {
  CAF_CHECK(!server->send_text("\xff"));
  CAF_CHECK(server->output().empty());
  CAF_CHECK(server->send_text("\xe2\x82\xac"));
}

CAF_TEST(engines of one thread that write by turns keep their bytes apart) {
  fixture other;
  for (int round = 0; round < 3; ++round) { // the thread's shared buffer goes round, too
    CAF_CHECK(server->send_text("one"));
    CAF_CHECK(other.server->send_text("another"));
    CAF_CHECK(server->send_text("one more"));
    CAF_CHECK_EQUAL(sent().payload, "one");
    CAF_CHECK_EQUAL(sent().payload, "one more");
    server->output_written();
    CAF_CHECK(server->output().empty());
    CAF_CHECK(server->send_text("later"));
    CAF_CHECK_EQUAL(other.sent().payload, "another");
    other.server->output_written();
    CAF_CHECK(other.server->output().empty());
    CAF_CHECK_EQUAL(sent().payload, "later");
    server->output_written();
  }
}

CAF_TEST(a large message leaves no large buffer behind) {
  CAF_CHECK(server->send_text(std::string(bound * 4, 'x')));
  server->output_written();
  CAF_CHECK(server->output().capacity() <= defaults::websocket::buffer_kept_bytes);
  CAF_CHECK(server->send_text("x"));
  CAF_CHECK(server->output().capacity() <= defaults::websocket::buffer_kept_bytes);
}

CAF_TEST(random bytes neither crash nor grow the engine) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    server = make_server_engine(testing::upgrade_request(), {}, bound);
    std::string bytes(random() % 300, '\0');
    for (char& c : bytes)
      c = static_cast<char>(random());
    if (round % 2 == 0 && bytes.size() > 1) // let half of them pass the first checks
      bytes[0] = '\x81', bytes[1] = static_cast<char>(bytes[1] | 0x80);
    feed(bytes);
    CAF_CHECK(server->output().size() < 1024);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(a client sends its headers and opens on the right answer) {
  websocket_target t = target();
  t.headers = {{"Authorization", "Bearer k"}, {"OpenAI-Beta", "realtime=v1"}};
  auto client = make_client_engine(t, bound);
  const std::string& request = client->output();
  CAF_CHECK_EQUAL(request.rfind("GET /v1/realtime?model=x HTTP/1.1\r\n", 0), 0u);
  for (const char* line : {"Authorization: Bearer k\r\n", "OpenAI-Beta: realtime=v1\r\n",
                           "Host: 127.0.0.1:9\r\n", "User-Agent: switchboard/"})
    CAF_CHECK_NOT_EQUAL(request.find(line), std::string::npos);
  sink events;
  auto opened = open_client(events);
  CAF_CHECK(opened->state() == engine_state::open);
  CAF_CHECK_EQUAL(events.opened, 1);
}

CAF_TEST(frames that arrive with the 101 are delivered) {
  sink events;
  frame hello{testing::text, "hello", true, false};
  auto client = open_client(events, hello.bytes());
  CAF_REQUIRE_EQUAL(events.texts.size(), 1u);
  CAF_CHECK_EQUAL(events.texts[0], "hello");
}

CAF_TEST(every frame of a client is masked and no key comes twice in a row) {
  sink events;
  auto client = open_client(events);
  CAF_CHECK(client->send_text("same"));
  std::string first = std::move(client->output());
  client->output().clear();
  CAF_CHECK(client->send_text("same"));
  CAF_CHECK_NOT_EQUAL(first, client->output());
  frame f;
  CAF_REQUIRE(take_frame(first, f));
  CAF_CHECK(f.masked);
  CAF_CHECK_EQUAL(f.payload, "same");
}

CAF_TEST(all payload lengths around the borders survive both directions) {
  for (size_t size : {0u, 1u, 7u, 8u, 9u, 125u, 126u, 127u, 65535u, 65536u}) {
    sink at_server;
    sink at_client;
    auto client = open_client(at_client);
    auto server = make_server_engine(testing::upgrade_request(), {}, bound);
    server->output().clear();
    const std::string message(size, 'm');
    CAF_CHECK(client->send_text(message));
    CAF_CHECK(server->send_text(message));
    std::string up = client->output();
    std::string down = server->output();
    server->feed(up.data(), up.size(), at_server);
    client->feed(down.data(), down.size(), at_client);
    CAF_CHECK(at_server.texts == std::vector<std::string>{message});
    CAF_CHECK(at_client.texts == std::vector<std::string>{message});
  }
}

CAF_TEST(a refused upgrade tells its status) {
  sink events;
  auto client = make_client_engine(target(), bound);
  std::string answer = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 20\r\n\r\n{\"error\":";
  client->feed(answer.data(), answer.size(), events);
  CAF_CHECK(client->state() == engine_state::failed);
  CAF_CHECK(client->outcome().end == link_end::upgrade_refused);
  CAF_CHECK_EQUAL(client->outcome().http_status, 401);
  CAF_CHECK_EQUAL(client->outcome().detail, "HTTP 401 Unauthorized");
}

CAF_TEST(a wrong 101 is a protocol error) {
  const std::string right = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                            "Connection: Upgrade\r\n";
  for (const std::string& answer :
       {right + "Sec-WebSocket-Accept: wrong\r\n\r\n", right + "\r\n",
        std::string("SSH-2.0-OpenSSH_9.2\r\n\r\n"), std::string("HTTP/1.1 abc x\r\n\r\n")}) {
    sink events;
    auto client = make_client_engine(target(), bound);
    std::string bytes = answer;
    client->feed(bytes.data(), bytes.size(), events);
    CAF_CHECK(client->state() == engine_state::failed);
    CAF_CHECK(client->outcome().end == link_end::protocol_error);
    CAF_CHECK_EQUAL(events.opened, 0);
  }
}

CAF_TEST(a 101 that takes an extension or a subprotocol or a body is a protocol error) {
  for (const char* line : {"Sec-WebSocket-Extensions: permessage-deflate\r\n",
                           "Sec-WebSocket-Protocol: realtime\r\n", "Content-Length: 5\r\n"}) {
    sink events;
    auto client = make_client_engine(target(), bound);
    auto server = make_server_engine(client->output(), {}, bound);
    std::string bytes = server->output();
    bytes.insert(bytes.size() - 2, line);
    client->feed(bytes.data(), bytes.size(), events);
    CAF_CHECK(client->state() == engine_state::failed);
    CAF_CHECK_EQUAL(events.opened, 0);
  }
}

CAF_TEST(an endless answer is given up) {
  sink events;
  auto client = make_client_engine(target(), bound);
  std::string line = "HTTP/1.1 101 Switching Protocols\r\n";
  client->feed(line.data(), line.size(), events);
  for (int i = 0; i < 40 && client->state() == engine_state::handshaking; ++i) {
    std::string filler = "X-Filler" + std::to_string(i) + ": " + std::string(1000, 'x') + "\r\n";
    client->feed(filler.data(), filler.size(), events);
  }
  CAF_CHECK(client->state() == engine_state::failed);
}

CAF_TEST(URLs are taken apart as written) {
  struct {
    const char* url;
    bool tls;
    const char* host;
    int port;
    const char* resource;
  } good[] = {
      {"ws://a", false, "a", 80, "/"},
      {"WSS://api.example.com/v1/realtime?model=x", true, "api.example.com", 443,
       "/v1/realtime?model=x"},
      {"ws://127.0.0.1:8080?x=1", false, "127.0.0.1", 8080, "/?x=1"},
      {"wss://[::1]:444/a", true, "::1", 444, "/a"},
  };
  for (const auto& expected : good) {
    websocket_target out;
    CAF_REQUIRE(websocket_target::parse(expected.url, out));
    CAF_CHECK_EQUAL(out.tls, expected.tls);
    CAF_CHECK_EQUAL(out.host, expected.host);
    CAF_CHECK_EQUAL(static_cast<int>(out.port), expected.port);
    CAF_CHECK_EQUAL(out.resource, expected.resource);
  }
  for (const char* url :
       {"", "http://a", "ws:/a", "ws://", "ws://:80", "ws://a:0", "ws://a:65536", "ws://a:8x",
        "ws://[::1", "ws://u:p@a", "ws://a/\r\nX: y", "ws://a/ b", "ws://a/#f", "ws://[::1]x"}) {
    websocket_target out;
    CAF_CHECK(!websocket_target::parse(url, out));
  }
}

CAF_TEST(headers that would be injected are refused) {
  CAF_CHECK_EQUAL(target_problem(target()), "");
  for (auto [name, value] : {std::pair<const char*, const char*>{"Authorization", "k\r\nX: y"},
                             {"Authorization", "k\n"},
                             {"Bad Name", "v"},
                             {"Bad\r\nName", "v"},
                             {"", "v"},
                             {"Host", "other"},
                             {"sec-websocket-key", "k"}}) {
    websocket_target t = target();
    t.headers = {{name, value}};
    CAF_CHECK_NOT_EQUAL(target_problem(t), "");
  }
  websocket_target t = target();
  t.resource = "/a\r\nX: y";
  CAF_CHECK_NOT_EQUAL(target_problem(t), "");
}
