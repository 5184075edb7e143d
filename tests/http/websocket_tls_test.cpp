#define CAF_SUITE websocket_tls
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

using foreign_tls_server = testing::foreign_server<websocketpp::config::asio_tls>;

struct fixture {
  testing::event_loop loop;
  recorder events;
  websocket_limits limits;
  testing::certificate authority = testing::make_authority("test authority");
  testing::temporary_file ca_file{authority.certificate_pem};
  std::shared_ptr<tls_client_context> tls = tls_client_context::create(ca_file.path());
  std::unique_ptr<foreign_tls_server> server;
  std::unique_ptr<websocket> client;

  void serve(const testing::certificate& own) {
    server = std::make_unique<foreign_tls_server>(loop.io, own);
  }
  void connect(uint16_t port, const std::string& host = "localhost") {
    websocket_target t;
    CAF_REQUIRE(websocket_target::parse("wss://" + host + ":" + std::to_string(port) + "/v1", t));
    t.headers = {{"Authorization", "Bearer k"}};
    client = websocket::connect(loop.io, loop.ticker, t, tls, limits, &events);
  }
  void check_closed(link_end end) {
    CAF_REQUIRE(loop.until([&] { return events.closings > 0; }));
    CAF_CHECK_EQUAL(actors::to_string(events.closed.end), actors::to_string(end));
    if (end == link_end::tls_failed)
      CAF_CHECK_EQUAL(events.opened, 0);
  }
  void check_fails(const testing::certificate& own, const std::string& detail) {
    serve(own);
    connect(server->port);
    check_closed(link_end::tls_failed);
    CAF_CHECK_NOT_EQUAL(events.closed.detail.find(detail), std::string::npos);
    CAF_MESSAGE("detail: " << events.closed.detail);
    CAF_CHECK(server->authorization.empty());
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(tls_client, fixture)

CAF_TEST(a right certificate opens and messages of all sizes pass) {
  serve(testing::make_certificate(authority, "DNS:localhost"));
  connect(server->port);
  std::vector<std::string> messages;
  for (size_t size : {1u, 300u, 16'384u, 16'385u, 60'000u})
    messages.push_back(std::string(size, 'm'));
  events.open_hook = [&] {
    for (const auto& message : messages)
      CAF_CHECK(client->send_text(message));
    client->flush();
  };
  CAF_REQUIRE(loop.until([&] { return events.texts.size() == messages.size(); }));
  CAF_CHECK(events.texts == messages);
  CAF_CHECK_EQUAL(server->authorization, "Bearer k");
  CAF_CHECK_EQUAL(client->queued_bytes(), 0u);
  client->close(1000, "done");
  check_closed(link_end::closed_by_us);
  CAF_CHECK_EQUAL(events.closed.close_code, 1000);
}

CAF_TEST(an address is checked as an address) {
  serve(testing::make_certificate(authority, "IP:127.0.0.1"));
  connect(server->port, "127.0.0.1");
  CAF_CHECK(loop.until([&] { return events.opened == 1; }));
}

CAF_TEST(an address that the certificate lacks fails) {
  serve(testing::make_certificate(authority, "DNS:localhost"));
  connect(server->port, "127.0.0.1");
  check_closed(link_end::tls_failed);
}

CAF_TEST(another authority fails) {
  auto other = testing::make_authority("somebody else");
  check_fails(testing::make_certificate(other, "DNS:localhost"), "issuer");
}

CAF_TEST(another host name fails) {
  check_fails(testing::make_certificate(authority, "DNS:api.example.com"), "ostname mismatch");
}

CAF_TEST(an expired certificate fails) {
  check_fails(testing::make_certificate(authority, "DNS:localhost", -10, -1), "expired");
}

CAF_TEST(a certificate of the future fails) {
  check_fails(testing::make_certificate(authority, "DNS:localhost", 5, 10), "not yet valid");
}

CAF_TEST(the authorities of the system do not vouch for ours) {
  tls = tls_client_context::create("");
  check_fails(testing::make_certificate(authority, "DNS:localhost"), "");
}

CAF_TEST(a missing authority file is told in words) {
  try {
    tls_client_context::create("/nonexistent/ca.pem");
    CAF_FAIL("no exception");
  } catch (const std::runtime_error& error) {
    CAF_CHECK_NOT_EQUAL(std::string(error.what()).find("/nonexistent/ca.pem"), std::string::npos);
  }
}

CAF_TEST(a peer silent at the TLS stage ends at the tls deadline) {
  testing::raw_listener listener;
  connect(listener.port(), "127.0.0.1");
  loop.tick(0ms);
  auto silent = listener.accept();
  CAF_REQUIRE(loop.until([&] {
    silent.pump();
    return !silent.received.empty(); // the ClientHello
  }));
  loop.tick(limits.tls_timeout - 1s);
  CAF_CHECK_EQUAL(events.closings, 0);
  loop.tick(limits.tls_timeout + 1s);
  check_closed(link_end::timed_out);
  CAF_CHECK_EQUAL(events.closed.detail, "tls");
}

CAF_TEST(a peer that speaks no TLS fails) {
  testing::raw_listener listener;
  connect(listener.port(), "127.0.0.1");
  loop.settle();
  auto plain = listener.accept();
  CAF_REQUIRE(plain.send("HTTP/1.1 400 Bad Request\r\n\r\n"));
  check_closed(link_end::tls_failed);
}

CAF_TEST(a peer that vanishes at the TLS stage fails) {
  testing::raw_listener listener;
  connect(listener.port(), "127.0.0.1");
  loop.settle();
  listener.accept().close();
  check_closed(link_end::tls_failed);
}

CAF_TEST(a 401 behind TLS tells its status) {
  serve(testing::make_certificate(authority, "DNS:localhost"));
  server->refuse_with = 401;
  connect(server->port);
  check_closed(link_end::upgrade_refused);
  CAF_CHECK_EQUAL(events.closed.http_status, 401);
}

CAF_TEST(the close of a TLS peer is seen) {
  serve(testing::make_certificate(authority, "DNS:localhost"));
  connect(server->port);
  CAF_REQUIRE(loop.until([&] { return events.opened == 1 && !server->last.expired(); }));
  server->close(1011, "oops");
  check_closed(link_end::closed_by_peer);
  CAF_CHECK_EQUAL(events.closed.close_code, 1011);
}

CAF_TEST(a TLS client may be destroyed at any moment) {
  serve(testing::make_certificate(authority, "DNS:localhost"));
  for (int rounds = 0; rounds < 12; ++rounds) {
    events = recorder();
    connect(server->port);
    for (int i = 0; i < rounds; ++i) {
      loop.io.restart();
      loop.io.run_one_for(20ms);
    }
    client.reset();
    loop.settle();
    CAF_CHECK_EQUAL(events.closings, 0);
    CAF_CHECK_EQUAL(loop.ticker.size(), 0u);
  }
  connect(server->port);
  events.text_hook = [&](std::string_view) { client.reset(); };
  CAF_REQUIRE(loop.until([&] { return events.opened == 1; }));
  client->send_text("x");
  client->flush();
  CAF_CHECK(loop.until([&] { return client == nullptr; }));
}

CAF_TEST(a TLS peer that stops reading overflows by bytes) {
  limits.write_queue_bytes_max = 256 * 1024;
  serve(testing::make_certificate(authority, "DNS:localhost"));
  connect(server->port);
  CAF_REQUIRE(loop.until([&] { return events.opened == 1; }));
  const std::string block(32 * 1024, 'x');
  bool taken = true;
  for (int sent = 0; taken && sent < 10'000; ++sent) {
    taken = client->send_text(block);
    client->flush(); // the io_context does not run: the server reads nothing
    CAF_CHECK(client->queued_bytes() <= limits.write_queue_bytes_max + 32);
  }
  CAF_CHECK(!taken);
  CAF_CHECK_EQUAL(events.closings, 0); // never from inside our call
  check_closed(link_end::overflow);
}

CAF_TEST(a TLS peer that reads again gets all in order) {
  limits.write_queue_bytes_max = 64 * 1024 * 1024;
  serve(testing::make_certificate(authority, "DNS:localhost"));
  server->echo = false;
  connect(server->port);
  CAF_REQUIRE(loop.until([&] { return events.opened == 1; }));
  std::vector<std::string> messages;
  while (client->queued_bytes() < 1024 * 1024) { // the io_context does not run
    messages.push_back(std::to_string(messages.size()) + std::string(20'000, 'x'));
    CAF_REQUIRE(client->send_text(messages.back()));
    client->flush();
  }
  CAF_REQUIRE(loop.until([&] { return server->texts.size() == messages.size(); }));
  CAF_CHECK(server->texts == messages);
  CAF_CHECK_EQUAL(client->queued_bytes(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
