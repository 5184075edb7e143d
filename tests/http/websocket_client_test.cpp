#define CAF_SUITE websocket_client
#define FAIL CAF_FAIL
#include "http/websocket.hpp"
#include "tests/http/websocket_fixture.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;
using namespace std::chrono_literals;
using actors::link_end;
using testing::frame;
using testing::raw_socket;
using testing::recorder;
using testing::take_frame;

namespace {

struct fixture {
  testing::event_loop loop;
  testing::raw_listener listener;
  recorder events;
  recorder server_events;
  websocket_limits limits;
  std::unique_ptr<websocket> client;
  std::unique_ptr<websocket> server;
  raw_socket peer;
  uint64_t violations_before = websocket_thread_violations();

  ~fixture() { CAF_CHECK_EQUAL(websocket_thread_violations(), violations_before); }

  websocket_target target() {
    websocket_target t;
    CAF_REQUIRE(websocket_target::parse(
        "ws://127.0.0.1:" + std::to_string(listener.port()) + "/v1/realtime?model=x", t));
    return t;
  }
  void start(const websocket_target& t) {
    client = websocket::connect(loop.io, loop.ticker, t, nullptr, limits, &events);
  }
  /// Accepts the client and reads its request.
  std::string request() {
    loop.settle();
    peer = listener.accept();
    CAF_REQUIRE(peer.valid());
    CAF_REQUIRE(until_peer([&] { return peer.received.find("\r\n\r\n") != std::string::npos; }));
    return std::exchange(peer.received, {});
  }
  bool until_peer(const std::function<bool()>& done) {
    return loop.until([&] {
      peer.pump();
      return done();
    });
  }
  /// Both ends are ours.
  void open_both() {
    start(target());
    std::string head = request();
    server =
        websocket::accept(loop.io, loop.ticker, peer.release(), head, {}, limits, &server_events);
    CAF_REQUIRE(loop.until([&] { return events.opened == 1 && server_events.opened == 1; }));
  }
  void check_closed(link_end end) {
    CAF_REQUIRE(until_peer([&] { return events.closings > 0; }));
    CAF_CHECK_EQUAL(actors::to_string(events.closed.end), actors::to_string(end));
    loop.settle();
    CAF_CHECK_EQUAL(events.closings, 1);
    CAF_CHECK(!client->is_open());
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(client_role, fixture)

CAF_TEST(both roles of ours echo in order) {
  open_both();
  server_events.text_hook = [&](std::string_view text) { server->send_text(text); };
  server_events.read_end_hook = [&] { server->flush(); };
  std::vector<std::string> expected;
  for (int i = 0; i < 500; ++i) {
    expected.push_back("message " + std::to_string(i) + std::string(i % 300, '.'));
    CAF_REQUIRE(client->send_text(expected.back()));
    if (i % 7 == 0)
      client->flush();
  }
  client->flush();
  CAF_REQUIRE(loop.until([&] { return events.texts.size() == expected.size(); }));
  CAF_CHECK(events.texts == expected);
  CAF_CHECK(server_events.read_ends < 500); // many messages a read
  client->close(1000, "done");
  check_closed(link_end::closed_by_us);
  CAF_CHECK_EQUAL(events.closed.close_code, 1000);
  CAF_CHECK(loop.until([&] { return server_events.closings == 1; }));
  CAF_CHECK(server_events.closed.end == link_end::closed_by_peer);
  CAF_CHECK_EQUAL(server_events.closed.close_code, 1000);
}

CAF_TEST(both ends that close at once agree) {
  open_both();
  client->close(1000, "c");
  server->close(1000, "s");
  check_closed(link_end::closed_by_us);
  CAF_CHECK(loop.until([&] { return server_events.closings == 1; }));
  CAF_CHECK(server_events.closed.end == link_end::closed_by_us);
}

CAF_TEST(messages of 16 MiB pass where they are allowed) {
  limits.message_bytes_max = 16 * 1024 * 1024;
  limits.write_queue_bytes_max = 32 * 1024 * 1024;
  open_both();
  const std::string large(limits.message_bytes_max, 'x');
  CAF_REQUIRE(server->send_text(large));
  server->flush();
  CAF_REQUIRE(loop.until([&] { return events.texts.size() == 1; }));
  CAF_CHECK(events.texts[0] == large);
}

CAF_TEST(custom headers and the path reach the server) {
  websocket_target t = target();
  t.headers = {{"Authorization", "Bearer secret"}, {"X-Call", "CA1"}};
  start(t);
  const std::string head = request();
  CAF_CHECK_EQUAL(head.rfind("GET /v1/realtime?model=x HTTP/1.1\r\n", 0), 0u);
  CAF_CHECK_NOT_EQUAL(head.find("\r\nAuthorization: Bearer secret\r\n"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(head.find("\r\nX-Call: CA1\r\n"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(head.find("\r\nUser-Agent: switchboard/"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(head.find("\r\nHost: 127.0.0.1:" + std::to_string(listener.port()) + "\r\n"),
                      std::string::npos);
}

CAF_TEST(an injected header is refused before any connection) {
  websocket_target t = target();
  t.headers = {{"Authorization", "Bearer x\r\nX-Injected: 1"}};
  start(t);
  CAF_CHECK_EQUAL(events.closings, 0);
  check_closed(link_end::connect_failed);
  CAF_CHECK(!listener.pending());
  CAF_CHECK_EQUAL(events.closed.detail.find("Bearer"), std::string::npos);
}

CAF_TEST(wss without a TLS context fails and does not fall back) {
  websocket_target t = target();
  t.tls = true;
  start(t);
  check_closed(link_end::connect_failed);
  CAF_CHECK(!listener.pending());
}

CAF_TEST(a refused connection is connect failed) {
  websocket_target t = target();
  {
    testing::raw_listener closed_again;
    t.port = closed_again.port();
  }
  start(t);
  check_closed(link_end::connect_failed);
}

CAF_TEST(an unknown host is connect failed) {
  websocket_target t = target();
  t.host = "no-such-host.invalid";
  start(t);
  check_closed(link_end::connect_failed);
}

CAF_TEST(a 401 tells its status) {
  start(target());
  request();
  CAF_REQUIRE(peer.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 9\r\n\r\nforbidden"));
  check_closed(link_end::upgrade_refused);
  CAF_CHECK_EQUAL(events.closed.http_status, 401);
  CAF_CHECK_EQUAL(events.opened, 0);
}

CAF_TEST(an endless body of a refusal is not read) {
  start(target());
  request();
  CAF_REQUIRE(peer.send("HTTP/1.1 503 Busy\r\n\r\n" + std::string(100'000, 'x')));
  check_closed(link_end::upgrade_refused);
  CAF_CHECK_EQUAL(events.closed.http_status, 503);
}

CAF_TEST(a peer silent at the upgrade ends at the handshake deadline) {
  start(target());
  loop.tick(0ms);
  request();
  loop.tick(limits.handshake_timeout - 1s);
  CAF_CHECK_EQUAL(events.closings, 0);
  loop.tick(limits.handshake_timeout + 1s);
  check_closed(link_end::timed_out);
  CAF_CHECK_EQUAL(events.closed.detail, "handshake");
}

CAF_TEST(a host that does not answer ends at the connect deadline) {
  websocket_target t = target();
  t.host = "192.0.2.1"; // RFC 5737: nobody
  start(t);
  loop.tick(0ms);
  loop.tick(limits.connect_timeout + 1s);
  CAF_REQUIRE(until_peer([&] { return events.closings > 0; }));
  // Without a route it fails at once, with one it runs into the deadline.
  CAF_CHECK(events.closed.end == link_end::timed_out ||
            events.closed.end == link_end::connect_failed);
}

CAF_TEST(a peer that ends during the upgrade is lost) {
  start(target());
  request();
  CAF_REQUIRE(peer.send("HTTP/1.1 101 Switch"));
  peer.close();
  check_closed(link_end::lost);
}

CAF_TEST(closing before the connection is open ends it) {
  start(target());
  client->close(1000, "never mind");
  CAF_CHECK_EQUAL(events.closings, 0);
  check_closed(link_end::closed_by_us);
}

CAF_TEST(destroying a client in each phase leaves nothing behind) {
  for (int phase = 0; phase < 4; ++phase) {
    events = recorder();
    start(target());
    if (phase == 1)
      loop.settle();
    if (phase >= 2)
      request();
    if (phase == 3) {
      CAF_REQUIRE(peer.send("HTTP/1.1 101 "));
      loop.settle();
    }
    client.reset();
    loop.settle();
    CAF_CHECK_EQUAL(events.closings, 0);
    CAF_CHECK_EQUAL(loop.ticker.size(), 0u);
    if (phase < 2)
      peer = listener.accept(); // empty the backlog
  }
}

CAF_TEST(a masked frame of a server is closed with 1002) {
  start(target());
  std::string head = request();
  testing::event_loop other;
  recorder ignored;
  auto pair = testing::connected_pair();
  auto& near = pair.first;
  auto helper =
      websocket::accept(other.io, other.ticker, pair.second.release(), head, {}, limits, &ignored);
  CAF_REQUIRE(loop.until([&] {
    near.pump();
    return near.received.find("\r\n\r\n") != std::string::npos;
  }));
  CAF_REQUIRE(peer.send(near.received + frame{testing::text, "x"}.bytes()));
  frame f;
  CAF_REQUIRE(until_peer([&] { return take_frame(peer.received, f); }));
  CAF_CHECK(f.masked);
  CAF_CHECK_EQUAL(f.payload.substr(0, 2), testing::close_payload(1002));
  peer.close();
  check_closed(link_end::protocol_error);
}

CAF_TEST_FIXTURE_SCOPE_END()
