// What a websocket sends in its turn goes out with the round, and may come back.
#define CAF_SUITE websocket_rounds
#define FAIL CAF_FAIL
#include "http/websocket.hpp"
#include "tests/http/websocket_fixture.hpp"

#include <sys/socket.h>

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
  recorder events;
  raw_socket peer;
  websocket_limits limits;
  std::unique_ptr<websocket> socket;

  fixture() {
    limits.ping_interval = 0ms;
    limits.write_queue_bytes_max = 64 * 1024 * 1024;
    auto [near, far] = testing::connected_pair();
    peer = std::move(near);
    const int handle = far.release(), little = 16 * 1024; // full in the middle of a turn
    CAF_REQUIRE_EQUAL(setsockopt(handle, SOL_SOCKET, SO_SNDBUF, &little, sizeof little), 0);
    socket = websocket::accept(loop.io, loop.ticker, handle, testing::upgrade_request(), {}, limits,
                               &events);
    CAF_REQUIRE(loop.until([&] { return events.opened == 1; }));
    CAF_REQUIRE(until([&] { return peer.received.find("\r\n\r\n") != std::string::npos; }));
    peer.received.clear();
  }

  bool until(const std::function<bool()>& done) {
    return loop.until([&] {
      peer.pump();
      return done();
    });
  }

  void say(const std::string& text) { CAF_REQUIRE(peer.send(frame{testing::text, text}.bytes())); }

  /// The payloads of so many frames.
  std::vector<std::string> take(size_t count) {
    std::vector<std::string> all;
    frame f;
    until([&] {
      while (all.size() < count && take_frame(peer.received, f))
        all.push_back(f.payload);
      return all.size() >= count;
    });
    return all;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(websocket_rounds_tests, fixture)

CAF_TEST(answers given in turns arrive in order also when there are two in one) {
  events.text_hook = [&](std::string_view text) {
    socket->send_text("1 " + std::string{text});
    socket->flush();
    socket->send_text("2 " + std::string{text});
    socket->flush();
  };
  say("a");
  say("b");
  CAF_CHECK_EQUAL(take(4), (std::vector<std::string>{"1 a", "2 a", "1 b", "2 b"}));
}

CAF_TEST(what the socket of a peer that does not read has no room for is queued and kept in order) {
  constexpr size_t piece = 1000, pieces_a_turn = 100;
  size_t sent = 0;
  events.text_hook = [&](std::string_view) {
    for (size_t i = 0; i < pieces_a_turn; ++i) { // each flush settles the one before it
      auto text = std::to_string(sent++);
      text.resize(piece, '.');
      CAF_REQUIRE(socket->send_text(text));
      socket->flush();
    }
  };
  while (sent < 100'000 && socket->queued_bytes() < 200 * piece) {
    const size_t before = sent;
    say("more");
    CAF_REQUIRE(loop.until([&] { return sent > before; })); // the peer reads nothing
  }
  CAF_CHECK(socket->queued_bytes() >= 200 * piece);
  const auto all = take(sent);
  CAF_REQUIRE_EQUAL(all.size(), sent);
  for (size_t i = 0; i < sent; ++i)
    CAF_CHECK_EQUAL(all[i].substr(0, all[i].find('.')), std::to_string(i));
  CAF_CHECK(loop.until([&] { return socket->queued_bytes() == 0; })); // of the last it hears later
  CAF_CHECK(socket->is_open());
  CAF_CHECK(peer.received.empty());
}

CAF_TEST(a close in a turn is sent behind what was said before it) {
  events.text_hook = [&](std::string_view) {
    socket->send_text("farewell");
    socket->flush();
    socket->close(1000, "done");
  };
  say("a");
  CAF_CHECK_EQUAL(take(2),
                  (std::vector<std::string>{"farewell", testing::close_payload(1000) + "done"}));
}

CAF_TEST(a close is not lost where the socket is full) {
  const std::string block(32 * 1024, 'x');
  size_t sent = 0;
  for (; socket->queued_bytes() == 0 && sent < 10'000; ++sent) {
    socket->send_text(block);
    socket->flush();
  }
  events.text_hook = [&](std::string_view) { socket->close(1001, "bye"); };
  say("a");
  CAF_REQUIRE(loop.until([&] { return !socket->is_open(); }));
  const auto all = take(sent + 1);
  CAF_REQUIRE_EQUAL(all.size(), sent + 1);
  CAF_CHECK_EQUAL(all.back(), testing::close_payload(1001) + "bye");
}

CAF_TEST(what is said in a turn before the socket is destroyed arrives) {
  events.text_hook = [&](std::string_view) {
    socket->send_text("last words");
    socket->flush();
    socket.reset();
  };
  say("a");
  CAF_CHECK_EQUAL(take(1), (std::vector<std::string>{"last words"}));
  CAF_CHECK(until([&] { return peer.ended; }));
}

CAF_TEST(a peer that is gone is noticed by what is sent in another turn) {
  auto [near, far] = testing::connected_pair();
  recorder other_events;
  auto other = websocket::accept(loop.io, loop.ticker, far.release(), testing::upgrade_request(),
                                 {}, limits, &other_events);
  CAF_REQUIRE(loop.until([&] { return other_events.opened == 1; }));
  other->pause(); // reads nothing: only its sends can find out
  near.reset();
  loop.settle();
  events.text_hook = [&](std::string_view) {
    other->send_text("anybody there?");
    other->flush();
  };
  for (int turn = 0; turn < 10 && other_events.closings == 0; ++turn) {
    say("ask");
    CAF_REQUIRE(loop.until([&] { return events.texts.size() > static_cast<size_t>(turn); }));
    loop.settle();
  }
  CAF_REQUIRE_EQUAL(other_events.closings, 1);
  CAF_CHECK_EQUAL(actors::to_string(other_events.closed.end), actors::to_string(link_end::lost));
  CAF_CHECK(socket->is_open());
}

CAF_TEST(a socket handed over in a turn has sent what it said and keeps what was received) {
  detached_websocket_ptr given;
  events.text_hook = [&](std::string_view) {
    socket->send_text("before");
    socket->flush();
    socket->detach([&](detached_websocket_ptr out) { given = std::move(out); });
  };
  say("a");
  say("b");
  CAF_REQUIRE(until([&] { return given != nullptr; }));
  CAF_CHECK_EQUAL(take(1), (std::vector<std::string>{"before"}));
  recorder next;
  const auto taken = websocket::attach(loop.io, loop.ticker, std::move(given), limits, &next);
  CAF_CHECK(loop.until([&] { return next.texts.size() == 1; }));
  CAF_CHECK_EQUAL(events.texts, (std::vector<std::string>{"a"}));
  CAF_CHECK_EQUAL(next.texts, (std::vector<std::string>{"b"}));
}

CAF_TEST_FIXTURE_SCOPE_END()
