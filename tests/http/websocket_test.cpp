#define CAF_SUITE websocket
#define FAIL CAF_FAIL
#include "http/websocket.hpp"
#include "tests/http/websocket_fixture.hpp"

#include <thread>

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

constexpr auto no_limit = 0ms;

/// Limits without pings, so that a test sees only what it asks for.
websocket_limits quiet() {
  websocket_limits limits;
  limits.ping_interval = no_limit;
  return limits;
}

struct fixture {
  testing::event_loop loop;
  recorder events;
  raw_socket peer;
  websocket_limits limits = quiet();
  std::unique_ptr<websocket> socket;
  uint64_t violations_before = websocket_thread_violations();

  ~fixture() { CAF_CHECK_EQUAL(websocket_thread_violations(), violations_before); }

  /// A server-role websocket with a raw socket as its client, open.
  void open(std::shared_ptr<void> keep_alive = nullptr) {
    auto [near, far] = testing::connected_pair();
    peer = std::move(near);
    socket = websocket::accept(loop.io, loop.ticker, far.release(), testing::upgrade_request(), {},
                               limits, &events, std::move(keep_alive));
    CAF_REQUIRE(loop.until([&] { return events.opened == 1; }));
    CAF_REQUIRE(until_peer([&] { return peer.received.find("\r\n\r\n") != std::string::npos; }));
    CAF_REQUIRE_EQUAL(peer.received.rfind("HTTP/1.1 101", 0), 0u);
    peer.received.clear();
  }

  bool until_peer(const std::function<bool()>& done) {
    return loop.until([&] {
      peer.pump();
      return done();
    });
  }

  /// The peer's next frame.
  frame next_frame() {
    frame f;
    if (!until_peer([&] { return take_frame(peer.received, f); }))
      CAF_FAIL("no frame came");
    return f;
  }

  bool until_closed() {
    return until_peer([&] { return events.closings > 0; });
  }

  void check_closed(link_end end, uint16_t code = 0) {
    CAF_REQUIRE(until_closed());
    CAF_CHECK_EQUAL(actors::to_string(events.closed.end), actors::to_string(end));
    CAF_CHECK_EQUAL(events.closed.close_code, code);
    CAF_CHECK(!socket->is_open());
    CAF_CHECK(!socket->send_text("late"));
    loop.settle();
    CAF_CHECK_EQUAL(events.closings, 1);
    CAF_CHECK_EQUAL(loop.ticker.size(), 0u);
  }

  /// Sends hand-made bytes and checks the close frame that answers, on the wire, then the end.
  void check_refused(const std::string& bytes, uint16_t code) {
    open();
    CAF_REQUIRE(peer.send(bytes));
    frame f = next_frame();
    CAF_CHECK_EQUAL(static_cast<int>(f.opcode), static_cast<int>(testing::close));
    CAF_CHECK_EQUAL(f.payload.substr(0, 2), testing::close_payload(code));
    CAF_CHECK(until_peer([&] { return peer.ended; }));
    CAF_CHECK_EQUAL(peer.error, 0); // FIN, not RST
    peer.close();
    check_closed(link_end::protocol_error);
    CAF_CHECK(events.texts.empty());
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(with_a_raw_client, fixture)

CAF_TEST(text goes both ways and a read ends after its messages) {
  open();
  CAF_CHECK(socket->is_open());
  CAF_CHECK_EQUAL(socket->peer().rfind("127.0.0.1:", 0), 0u);
  CAF_REQUIRE(peer.send(frame{testing::text, "one"}.bytes() + frame{testing::text, "two"}.bytes() +
                        frame{testing::binary, "123"}.bytes()));
  CAF_REQUIRE(loop.until([&] { return events.read_ends > 0; }));
  CAF_CHECK(events.texts == (std::vector<std::string>{"one", "two"}));
  CAF_CHECK(events.binaries == std::vector<size_t>{3});
  CAF_CHECK_EQUAL(events.read_ends, 1);
  CAF_CHECK(socket->send_text("back"));
  CAF_CHECK(socket->queued_bytes() > 0);
  loop.settle();
  peer.pump();
  CAF_CHECK(peer.received.empty()); // nothing leaves before flush()
  socket->flush();
  CAF_CHECK_EQUAL(socket->queued_bytes(), 0u); // one direct write took it
  CAF_CHECK_EQUAL(next_frame().payload, "back");
}

CAF_TEST(fragments with a ping between them arrive whole and the ping is answered) {
  open();
  CAF_REQUIRE(peer.send(frame{testing::text, "Hel", false}.bytes() +
                        frame{testing::ping, "now"}.bytes() +
                        frame{testing::continuation, "lo"}.bytes()));
  frame f = next_frame();
  CAF_CHECK_EQUAL(static_cast<int>(f.opcode), static_cast<int>(testing::pong));
  CAF_CHECK_EQUAL(f.payload, "now");
  CAF_REQUIRE_EQUAL(events.texts.size(), 1u);
  CAF_CHECK_EQUAL(events.texts[0], "Hello");
}

CAF_TEST(a message that arrives byte by byte is one message) {
  open();
  for (char c : frame{testing::text, "slowly"}.bytes()) {
    CAF_REQUIRE(peer.send(std::string(1, c)));
    loop.settle();
  }
  CAF_REQUIRE(loop.until([&] { return !events.texts.empty(); }));
  CAF_CHECK_EQUAL(events.texts[0], "slowly");
  CAF_CHECK_EQUAL(events.read_ends, 1);
}

CAF_TEST(a large message comes through in many reads) {
  open();
  const std::string large(limits.message_bytes_max, 'x');
  CAF_REQUIRE(peer.send(frame{testing::text, large}.bytes()));
  CAF_REQUIRE(loop.until([&] { return !events.texts.empty(); }));
  CAF_CHECK(events.texts[0] == large);
}

CAF_TEST(an over long message is closed with 1009) {
  check_refused(frame{testing::text, std::string(limits.message_bytes_max + 1, 'x')}.bytes(), 1009);
}

CAF_TEST(bad text is closed with 1007) {
  check_refused(frame{testing::text, "\xc3\x28"}.bytes(), 1007);
}

CAF_TEST(an unmasked frame is closed with 1002) {
  check_refused(frame{testing::text, "x", true, false}.bytes(), 1002);
}

CAF_TEST(reserved bits are closed with 1002) {
  check_refused(frame{testing::text, "x", true, true, 2}.bytes(), 1002);
}

CAF_TEST(a claim of two gigabytes costs no memory) {
  limits.message_bytes_max = 16 * 1024 * 1024;
  const size_t before = testing::resident_bytes();
  frame f{testing::text, ""};
  f.claim = 2ull << 30;
  check_refused(f.bytes(), 1009);
  CAF_CHECK(testing::resident_bytes() < before + 4 * 1024 * 1024);
}

CAF_TEST(a claim within the bound costs no memory before the bytes come) {
  limits.message_bytes_max = 512 * 1024 * 1024;
  open();
  const size_t before = testing::resident_bytes();
  frame f{testing::text, "only this"};
  f.claim = 500u * 1024 * 1024;
  CAF_REQUIRE(peer.send(f.bytes()));
  loop.settle();
  CAF_CHECK(testing::resident_bytes() < before + 4 * 1024 * 1024);
}

CAF_TEST(frames before the 101 are refused without a 101) {
  auto [near, far] = testing::connected_pair();
  peer = std::move(near);
  socket = websocket::accept(loop.io, loop.ticker, far.release(), testing::upgrade_request(),
                             frame{}.bytes(), limits, &events);
  CAF_REQUIRE(until_peer([&] { return peer.ended; }));
  CAF_CHECK_EQUAL(peer.received.rfind("HTTP/1.1 400", 0), 0u);
  CAF_CHECK_EQUAL(events.opened, 0);
  peer.close();
  check_closed(link_end::protocol_error);
}

CAF_TEST(a peer that sends on after its mistake still gets the close frame) {
  open();
  CAF_REQUIRE(peer.send(frame{testing::text, "x", true, false}.bytes()));
  frame f = next_frame();
  CAF_CHECK_EQUAL(f.payload.substr(0, 2), testing::close_payload(1002));
  CAF_CHECK(peer.send(std::string(200'000, 'z')));
  loop.settle();
  CAF_CHECK_EQUAL(events.closings, 0);
  loop.tick(0ms);
  loop.tick(limits.close_timeout + 1s); // it never ends: dropped all the same
  check_closed(link_end::protocol_error);
}

CAF_TEST(a peer that pours on after its mistake is dropped at a bound) {
  open();
  CAF_REQUIRE(peer.send(frame{testing::text, "x", true, false}.bytes()));
  next_frame();
  const std::string block(64 * 1024, 'z');
  CAF_REQUIRE(loop.until([&] {
    peer.send_some(block);
    return events.closings > 0;
  }));
  check_closed(link_end::protocol_error);
}

CAF_TEST(the close of the peer is echoed and reported once) {
  open();
  CAF_REQUIRE(peer.send(frame{testing::close, testing::close_payload(1001, "leaving")}.bytes()));
  frame f = next_frame();
  CAF_CHECK_EQUAL(f.payload, testing::close_payload(1001));
  check_closed(link_end::closed_by_peer, 1001);
  CAF_CHECK_EQUAL(events.closed.detail, "leaving");
  CAF_CHECK(until_peer([&] { return peer.ended; }));
  CAF_CHECK_EQUAL(peer.error, 0);
}

CAF_TEST(our close waits for the close of the peer) {
  open();
  CAF_CHECK(socket->send_text("last words"));
  socket->close(1000, "done");
  CAF_CHECK(!socket->is_open());
  CAF_CHECK_EQUAL(events.closings, 0);
  CAF_CHECK_EQUAL(next_frame().payload, "last words");
  CAF_CHECK_EQUAL(next_frame().payload, testing::close_payload(1000, "done"));
  CAF_REQUIRE(peer.send(frame{testing::text, "too late"}.bytes()));
  CAF_REQUIRE(peer.send(frame{testing::close, testing::close_payload(1000)}.bytes()));
  check_closed(link_end::closed_by_us, 1000);
  CAF_CHECK(events.texts.empty());
}

CAF_TEST(a peer that never answers the close is dropped at its deadline) {
  open();
  loop.tick(0ms);
  socket->close(1000, "done");
  loop.tick(limits.close_timeout - 1ms);
  CAF_CHECK_EQUAL(events.closings, 0);
  loop.tick(limits.close_timeout);
  check_closed(link_end::timed_out);
  CAF_CHECK_EQUAL(events.closed.detail, "close");
}

CAF_TEST(a peer that answers the close with FIN alone has closed) {
  open();
  socket->close(1000, "done");
  peer.finish_sending();
  check_closed(link_end::closed_by_us);
}

CAF_TEST(a peer that vanishes with FIN is lost) {
  open();
  peer.close();
  check_closed(link_end::lost);
}

CAF_TEST(a peer that vanishes with RST is lost) {
  open();
  peer.reset();
  check_closed(link_end::lost);
}

CAF_TEST(a close frame is seen though our write finds the peer gone) {
  open();
  CAF_REQUIRE(peer.send(frame{testing::close, testing::close_payload(1011)}.bytes()));
  peer.close();
  for (int i = 0; i < 3; ++i) { // the first write provokes the reset, the next one fails
    socket->send_text("into the void");
    socket->flush();
  }
  check_closed(link_end::closed_by_peer, 1011);
}

CAF_TEST(a peer that stops reading overflows by bytes) {
  limits.write_queue_bytes_max = 256 * 1024;
  open();
  const std::string block(32 * 1024, 'x');
  int sent = 0;
  bool taken = true;
  for (; taken && sent < 10'000; ++sent) {
    taken = socket->send_text(block);
    socket->flush();
    CAF_CHECK(socket->queued_bytes() <= limits.write_queue_bytes_max + 32);
  }
  CAF_CHECK(!taken);
  CAF_CHECK_EQUAL(events.closings, 0); // never from inside our call
  check_closed(link_end::overflow);
}

CAF_TEST(a peer that stops reading overflows by age) {
  limits.write_queue_bytes_max = 64 * 1024 * 1024;
  open();
  loop.tick(0ms);
  const std::string block(32 * 1024, 'x');
  while (socket->queued_bytes() == 0 && socket->send_text(block))
    socket->flush();
  loop.settle();
  loop.tick(limits.write_age_max - 1ms);
  CAF_CHECK_EQUAL(events.closings, 0);
  loop.tick(limits.write_age_max + 1ms);
  check_closed(link_end::overflow);
}

CAF_TEST(a slow reader gets everything and the age starts anew with each progress) {
  limits.write_queue_bytes_max = 64 * 1024 * 1024;
  open();
  loop.tick(0ms);
  std::string block(32 * 1024, 'x');
  size_t messages = 0;
  while (socket->queued_bytes() < 1024 * 1024 && messages < 10'000) {
    CAF_REQUIRE(socket->send_text(block));
    socket->flush();
    ++messages;
  }
  size_t got = 0;
  frame f;
  for (int round = 1; got < messages && round < 10'000; ++round) {
    loop.ticker.run(loop.start + round * (limits.write_age_max / 2));
    peer.pump();
    while (take_frame(peer.received, f))
      ++got;
    loop.settle();
  }
  CAF_CHECK_EQUAL(got, messages);
  CAF_CHECK_EQUAL(socket->queued_bytes(), 0u);
  CAF_CHECK(socket->is_open());
}

CAF_TEST(a flood of pings by a peer that does not read is bounded) {
  limits.write_queue_bytes_max = 64 * 1024;
  open();
  std::string pings;
  for (int i = 0; i < 500; ++i)
    pings += frame{testing::ping, std::string(125, 'p')}.bytes();
  CAF_REQUIRE(loop.until([&] {
    peer.send_some(pings.substr(0, pings.size()));
    return events.closings > 0;
  }));
  CAF_CHECK_EQUAL(actors::to_string(events.closed.end), actors::to_string(link_end::overflow));
}

CAF_TEST(silence after opening ends at the first message deadline with 1008) {
  limits.first_message_timeout = 5s;
  open();
  loop.tick(4s);
  CAF_CHECK(socket->is_open());
  loop.tick(6s);
  CAF_CHECK_EQUAL(next_frame().payload.substr(0, 2), testing::close_payload(1008));
  check_closed(link_end::timed_out);
  CAF_CHECK_EQUAL(events.closed.detail, "first message");
}

CAF_TEST(a message in time ends the first message deadline and starts the idle one) {
  limits.first_message_timeout = 5s;
  limits.idle_timeout = 60s;
  open();
  loop.tick(4s);
  CAF_REQUIRE(peer.send(frame{testing::text, "start"}.bytes()));
  CAF_REQUIRE(loop.until([&] { return !events.texts.empty(); }));
  loop.tick(63s);
  CAF_CHECK(socket->is_open());
  loop.tick(65s);
  CAF_CHECK_EQUAL(next_frame().payload.substr(0, 2), testing::close_payload(1001));
  check_closed(link_end::timed_out);
  CAF_CHECK_EQUAL(events.closed.detail, "idle");
}

CAF_TEST(pings go out at their interval and an answer keeps the socket) {
  limits.ping_interval = 20s;
  limits.pong_timeout = 10s;
  open();
  loop.tick(0ms);
  for (int i = 1; i <= 3; ++i) {
    loop.tick(i * 21s);
    frame f = next_frame();
    CAF_CHECK_EQUAL(static_cast<int>(f.opcode), static_cast<int>(testing::ping));
    CAF_REQUIRE(peer.send(frame{testing::pong, f.payload}.bytes()));
    for (int spin = 0; spin < 3; ++spin)
      loop.io.restart(), loop.io.run_one_for(20ms);
    loop.tick(i * 21s + 10s);
    CAF_CHECK(socket->is_open());
  }
}

CAF_TEST(an unanswered ping ends the socket) {
  limits.ping_interval = 20s;
  limits.pong_timeout = 10s;
  open();
  loop.tick(0ms);
  loop.tick(21s);
  loop.tick(30s);
  CAF_CHECK(socket->is_open());
  loop.tick(32s);
  check_closed(link_end::timed_out);
  CAF_CHECK_EQUAL(events.closed.detail, "pong");
}

CAF_TEST(the socket may be destroyed in each callback) {
  for (int where = 0; where < 4; ++where) {
    events = recorder();
    socket.reset();
    auto die = [&] { socket.reset(); };
    open();
    if (where == 0)
      events.text_hook = [&](std::string_view) { die(); };
    if (where == 1)
      events.read_end_hook = die;
    if (where == 2)
      events.closed_hook = die;
    peer.send(frame{testing::text, "1"}.bytes() + frame{testing::text, "2"}.bytes());
    if (where == 2)
      peer.close();
    if (where == 3)
      die();
    CAF_CHECK(loop.until([&] {
      peer.pump();
      return socket == nullptr && (peer.ended || where == 2);
    }));
    CAF_CHECK_EQUAL(events.closings, where == 2 ? 1 : 0);
    CAF_CHECK_EQUAL(events.texts.size(), where == 0 ? 1u : where == 3 ? 0u : 2u);
    loop.settle();
    CAF_CHECK_EQUAL(loop.ticker.size(), 0u);
  }
}

CAF_TEST(the socket may be destroyed while it opens) {
  auto [near, far] = testing::connected_pair();
  peer = std::move(near);
  events.open_hook = [&] { socket.reset(); };
  socket = websocket::accept(loop.io, loop.ticker, far.release(), testing::upgrade_request(), {},
                             limits, &events);
  CAF_CHECK_EQUAL(events.opened, 0); // not from inside accept()
  CAF_CHECK(until_peer([&] { return peer.ended; }));
  CAF_CHECK_EQUAL(events.closings, 0);
}

CAF_TEST(what keeps the server socket alive is released when it is closed) {
  auto guard = std::make_shared<int>(1);
  open(guard);
  CAF_CHECK_EQUAL(guard.use_count(), 2);
  peer.close();
  check_closed(link_end::lost);
  CAF_CHECK_EQUAL(guard.use_count(), 1);
}

CAF_TEST(no event comes after set events to null) {
  open();
  socket->set_events(nullptr);
  CAF_REQUIRE(peer.send(frame{testing::text, "x"}.bytes()));
  peer.finish_sending();
  CAF_CHECK(loop.until([&] { return !socket->is_open(); }));
  CAF_CHECK(events.texts.empty());
  CAF_CHECK_EQUAL(events.closings, 0);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(use on another thread is counted) {
  fixture f;
  f.open();
  std::thread([&] { f.socket->flush(); }).join();
  CAF_CHECK_EQUAL(websocket_thread_violations(), f.violations_before + 1);
  ++f.violations_before;
}
