#define CAF_SUITE websocket_foreign
#define FAIL CAF_FAIL
#include "http/websocket.hpp"
#include "tests/http/websocket_fixture.hpp"
#include "tests/http/websocket_fixture_foreign.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;
using namespace std::chrono_literals;
using actors::link_end;
using testing::recorder;

namespace {

using foreign_plain_server = testing::foreign_server<websocketpp::config::asio>;

struct fixture {
  testing::event_loop loop;
  recorder events;
  websocket_limits limits;
  std::unique_ptr<websocket> socket;

  /// Our client at a foreign server.
  void connect(uint16_t port) {
    websocket_target t;
    CAF_REQUIRE(websocket_target::parse(
        "ws://127.0.0.1:" + std::to_string(port) + "/v1/realtime?model=x", t));
    t.headers = {{"Authorization", "Bearer k"}};
    socket = websocket::connect(loop.io, loop.ticker, t, nullptr, limits, &events);
  }

  /// A foreign client at our server.
  std::unique_ptr<testing::foreign_client> accept() {
    testing::raw_listener listener;
    auto client = std::make_unique<testing::foreign_client>(loop.io, listener.port());
    CAF_REQUIRE(loop.until([&] { return listener.pending(); }));
    testing::raw_socket raw = listener.accept();
    CAF_REQUIRE(raw.valid());
    CAF_REQUIRE(loop.until([&] {
      raw.pump();
      return raw.received.find("\r\n\r\n") != std::string::npos;
    }));
    const std::string head = raw.received;
    socket = websocket::accept(loop.io, loop.ticker, raw.release(), head, {}, limits, &events);
    CAF_REQUIRE(loop.until([&] { return client->opened == 1 && events.opened == 1; }));
    return client;
  }

  void check_closed(link_end end, uint16_t code) {
    CAF_REQUIRE(loop.until([&] { return events.closings > 0; }));
    CAF_CHECK_EQUAL(actors::to_string(events.closed.end), actors::to_string(end));
    CAF_CHECK_EQUAL(events.closed.close_code, code);
  }
};

std::vector<std::string> sample_messages() {
  std::vector<std::string> out;
  for (size_t size : {1u, 125u, 126u, 300u, 16'384u, 65'535u, 65'536u})
    out.push_back(std::string(size, static_cast<char>('a' + out.size())));
  out.push_back("\xf0\x9f\x93\x9e \xe2\x82\xac");
  return out;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(foreign_peers, fixture)

CAF_TEST(a foreign server echoes all sizes and sees our headers) {
  foreign_plain_server server(loop.io);
  connect(server.port);
  const auto messages = sample_messages();
  events.open_hook = [&] {
    for (const auto& message : messages)
      CAF_CHECK(socket->send_text(message));
    socket->flush();
  };
  CAF_REQUIRE(loop.until([&] { return events.texts.size() == messages.size(); }));
  CAF_CHECK(events.texts == messages);
  CAF_CHECK(server.texts == messages);
  CAF_CHECK_EQUAL(server.authorization, "Bearer k");
  CAF_CHECK_EQUAL(server.resource, "/v1/realtime?model=x");
  socket->close(1000, "done");
  check_closed(link_end::closed_by_us, 1000);
  CAF_CHECK(loop.until([&] { return server.closings == 1; }));
  CAF_CHECK_EQUAL(server.close_code, 1000);
}

CAF_TEST(a foreign server closes with 1011) {
  foreign_plain_server server(loop.io);
  connect(server.port);
  CAF_REQUIRE(loop.until([&] { return events.opened == 1 && !server.last.expired(); }));
  server.close(1011, "internal");
  check_closed(link_end::closed_by_peer, 1011);
  CAF_CHECK_EQUAL(events.closed.detail, "internal"); // it does not wait for our answer after 1011
}

CAF_TEST(a foreign server closes with 1000 and reads our answer) {
  foreign_plain_server server(loop.io);
  connect(server.port);
  CAF_REQUIRE(loop.until([&] { return events.opened == 1 && !server.last.expired(); }));
  server.close(1000, "over");
  check_closed(link_end::closed_by_peer, 1000);
  CAF_CHECK(loop.until([&] { return server.closings == 1; }));
  CAF_CHECK_EQUAL(server.close_code, 1000);
}

CAF_TEST(a foreign server refuses with 401) {
  foreign_plain_server server(loop.io);
  server.refuse_with = 401;
  connect(server.port);
  check_closed(link_end::upgrade_refused, 0);
  CAF_CHECK_EQUAL(events.closed.http_status, 401);
}

CAF_TEST(a foreign server answers our pings) {
  limits.ping_interval = 20s;
  limits.pong_timeout = 10s;
  foreign_plain_server server(loop.io);
  connect(server.port);
  CAF_REQUIRE(loop.until([&] { return events.opened == 1; }));
  loop.tick(21s);
  for (int i = 0; i < 10; ++i)
    loop.io.run_one_for(10ms);
  loop.tick(40s);
  CAF_CHECK(socket->is_open());
}

CAF_TEST(a foreign client talks to our server) {
  auto client = accept();
  const auto messages = sample_messages();
  events.text_hook = [&](std::string_view text) { CAF_CHECK(socket->send_text(text)); };
  events.read_end_hook = [&] { socket->flush(); };
  for (const auto& message : messages)
    if (message.size() <= limits.message_bytes_max)
      client->send(message);
  client->ping("are you there");
  CAF_REQUIRE(loop.until([&] { return client->texts.size() == messages.size(); }));
  CAF_CHECK(client->texts == messages);
  CAF_REQUIRE(loop.until([&] { return !client->pongs.empty(); }));
  CAF_CHECK_EQUAL(client->pongs[0], "are you there");
  client->close(1001, "away");
  check_closed(link_end::closed_by_peer, 1001);
  CAF_CHECK(loop.until([&] { return client->closings == 1; }));
  CAF_CHECK_EQUAL(client->close_code, 1001);
}

CAF_TEST(our server closes a foreign client) {
  auto client = accept();
  socket->send_text("good");
  socket->close(1000, "bye");
  check_closed(link_end::closed_by_us, 1000);
  CAF_CHECK(loop.until([&] { return client->closings == 1; }));
  CAF_CHECK_EQUAL(client->close_code, 1000);
  CAF_CHECK(client->texts == std::vector<std::string>{"good"});
}

CAF_TEST(a foreign client that sends too much reads 1009) {
  auto client = accept();
  client->send(std::string(limits.message_bytes_max + 1, 'x'));
  CAF_CHECK(loop.until([&] { return client->closings == 1; }));
  CAF_CHECK_EQUAL(client->close_code, 1009);
  check_closed(link_end::protocol_error, 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
