#define CAF_SUITE websocket_handover
#define FAIL CAF_FAIL
#include "http/websocket.hpp"
#include "tests/http/websocket_fixture.hpp"

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>

#include <atomic>
#include <future>
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

websocket_limits quiet() {
  websocket_limits limits;
  limits.ping_interval = 0ms;
  return limits;
}

std::string numbered(int i) {
  return frame{testing::text, std::to_string(i)}.bytes();
}

/// A thread with an io_context and a ticker, as a line is.
struct line {
  asio::io_context io;
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::unique_ptr<actors::ticker> ticker = std::make_unique<actors::ticker>();
  std::thread thread{[this] { io.run(); }};

  ~line() {
    work.reset();
    thread.join();
  }
  /// Runs `f` on the line and waits for it.
  template <class F>
  void run(F f) {
    std::promise<void> done;
    asio::post(io, [&] {
      f();
      done.set_value();
    });
    done.get_future().wait();
  }
};

struct fixture {
  testing::event_loop loop;
  recorder events;
  raw_socket peer;
  std::unique_ptr<websocket> socket;
  uint64_t violations_before = websocket_thread_violations();

  ~fixture() { CAF_CHECK_EQUAL(websocket_thread_violations(), violations_before); }

  void open(std::shared_ptr<void> keep_alive = nullptr) {
    auto [near, far] = testing::connected_pair();
    peer = std::move(near);
    socket = websocket::accept(loop.io, loop.ticker, far.release(), testing::upgrade_request(), {},
                               quiet(), &events, std::move(keep_alive));
    CAF_REQUIRE(loop.until([&] {
      peer.pump();
      return events.opened == 1 && peer.received.find("\r\n\r\n") != std::string::npos;
    }));
    peer.received.clear();
  }

  detached_websocket_ptr detach() {
    detached_websocket_ptr out;
    socket->detach([&](detached_websocket_ptr given) { out = std::move(given); });
    CAF_CHECK(out == nullptr); // never from inside the call
    CAF_REQUIRE(loop.until([&] {
      peer.pump();
      return out != nullptr;
    }));
    CAF_CHECK(!socket->is_open());
    return out;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(hand_over, fixture)

CAF_TEST(messages after the pause are delivered by the next owner in order) {
  open();
  events.text_hook = [&](std::string_view text) {
    if (text == "2")
      socket->pause();
  };
  std::string all;
  for (int i = 0; i < 10; ++i)
    all += numbered(i);
  CAF_REQUIRE(peer.send(all));
  CAF_REQUIRE(loop.until([&] { return events.texts.size() == 3; }));
  auto detached = detach();
  CAF_CHECK_EQUAL(events.texts.size(), 3u);
  recorder next;
  auto second = websocket::attach(loop.io, loop.ticker, std::move(detached), quiet(), &next);
  CAF_CHECK(next.texts.empty()); // not from inside attach()
  CAF_CHECK(second->is_open());
  CAF_REQUIRE(loop.until([&] { return next.texts.size() == 7; }));
  CAF_CHECK_EQUAL(next.texts.front(), "3");
  CAF_CHECK_EQUAL(next.texts.back(), "9");
  CAF_CHECK_EQUAL(next.opened, 0);
  CAF_CHECK_EQUAL(next.read_ends, 1);
  CAF_CHECK_EQUAL(events.closings, 0);
  socket.reset(); // the old one has nothing to do with it any more
  CAF_REQUIRE(peer.send(numbered(10)));
  CAF_REQUIRE(loop.until([&] { return next.texts.size() == 8; }));
}

CAF_TEST(a message cut by the hand over is put together) {
  open();
  const std::string bytes = frame{testing::text, "in two halves"}.bytes();
  CAF_REQUIRE(peer.send(numbered(1) + bytes.substr(0, 7)));
  CAF_REQUIRE(loop.until([&] { return events.texts.size() == 1; }));
  socket->pause();
  auto detached = detach();
  CAF_REQUIRE(peer.send(bytes.substr(7)));
  recorder next;
  auto second = websocket::attach(loop.io, loop.ticker, std::move(detached), quiet(), &next);
  CAF_REQUIRE(loop.until([&] { return next.texts.size() == 1; }));
  CAF_CHECK_EQUAL(next.texts[0], "in two halves");
}

CAF_TEST(what is queued is written before the socket is given out) {
  open();
  const std::string block(60'000, 'x');
  int sent = 0;
  while (socket->queued_bytes() == 0 && sent < 1000) {
    CAF_REQUIRE(socket->send_text(block));
    socket->flush();
    ++sent;
  }
  CAF_REQUIRE(socket->queued_bytes() > 0);
  socket->pause();
  bool given = false;
  detached_websocket_ptr out;
  socket->detach([&](detached_websocket_ptr d) {
    out = std::move(d);
    given = true;
  });
  loop.settle();
  CAF_CHECK(!given); // the peer has not taken it yet
  CAF_REQUIRE(loop.until([&] {
    peer.pump();
    return given;
  }));
  recorder next;
  auto second = websocket::attach(loop.io, loop.ticker, std::move(out), quiet(), &next);
  second->send_text("after");
  second->flush();
  frame f;
  int got = 0;
  CAF_REQUIRE(loop.until([&] {
    peer.pump();
    while (take_frame(peer.received, f))
      ++got;
    return got == sent + 1;
  }));
  CAF_CHECK_EQUAL(f.payload, "after");
}

CAF_TEST(a peer lost before the hand over is reported instead) {
  open();
  const std::string block(60'000, 'x');
  while (socket->queued_bytes() == 0 && socket->send_text(block))
    socket->flush();
  bool given = false;
  socket->detach([&](detached_websocket_ptr) { given = true; });
  peer.reset();
  CAF_REQUIRE(loop.until([&] { return events.closings == 1; }));
  CAF_CHECK(events.closed.end == link_end::lost);
  CAF_CHECK(!given);
}

CAF_TEST(a detached socket that nobody takes is closed and releases what it kept) {
  auto guard = std::make_shared<int>(1);
  open(guard);
  socket->pause();
  auto detached = detach();
  socket.reset();
  CAF_CHECK_EQUAL(guard.use_count(), 2);
  detached.reset();
  CAF_CHECK_EQUAL(guard.use_count(), 1);
  CAF_CHECK(loop.until([&] {
    peer.pump();
    return peer.ended;
  }));
}

CAF_TEST(closing a paused socket still does the closing handshake) {
  open();
  events.text_hook = [&](std::string_view) { socket->pause(); };
  CAF_REQUIRE(peer.send(numbered(1) + numbered(2)));
  CAF_REQUIRE(loop.until([&] { return events.texts.size() == 1; }));
  loop.settle();
  socket->close(1000, "no line for you");
  frame f;
  CAF_REQUIRE(loop.until([&] {
    peer.pump();
    return take_frame(peer.received, f);
  }));
  CAF_CHECK_EQUAL(f.payload, testing::close_payload(1000, "no line for you"));
  CAF_REQUIRE(peer.send(frame{testing::close, testing::close_payload(1000)}.bytes()));
  CAF_REQUIRE(loop.until([&] { return events.closings == 1; }));
  CAF_CHECK(events.closed.end == link_end::closed_by_us);
  CAF_CHECK_EQUAL(events.texts.size(), 1u);
}

CAF_TEST(a stream of messages survives hand overs between threads) {
  constexpr int messages = 20'000;
  constexpr int moves = 20;
  // The lines outlive the sockets on them.
  auto first = std::make_unique<line>();
  auto second = std::make_unique<line>();
  line* lines[] = {first.get(), second.get()};

  struct hop : recorder {
    std::unique_ptr<websocket> socket;
  };
  std::vector<std::unique_ptr<hop>> hops;
  std::atomic<int> received{0};
  std::atomic<int> mistakes{0};
  std::atomic<int> moved{0};
  std::promise<void> all_there;

  std::function<void(int, detached_websocket_ptr)> take; // runs on the line of hop number n
  auto count = [&](int n, std::string_view text) {
    if (text != std::to_string(received.load()))
      ++mistakes;
    if (++received == messages)
      all_there.set_value();
    if (n < moves && received % (messages / moves / 2) == 0 && hops[n]->socket->is_open()) {
      hops[n]->socket->pause();
      hops[n]->socket->detach([&, n](detached_websocket_ptr out) {
        auto shared = std::make_shared<detached_websocket_ptr>(std::move(out));
        hops[n]->socket.reset();
        asio::post(lines[(n + 1) % 2]->io, [&, n, shared] { take(n + 1, std::move(*shared)); });
      });
    }
  };
  for (int i = 0; i <= moves; ++i) {
    hops.push_back(std::make_unique<hop>());
    hops.back()->text_hook = [&, i](std::string_view text) { count(i, text); };
  }
  take = [&](int n, detached_websocket_ptr from) {
    moved = n;
    hops[n]->socket = websocket::attach(lines[n % 2]->io, *lines[n % 2]->ticker, std::move(from),
                                        quiet(), hops[n].get());
  };

  auto [near, far] = testing::connected_pair();
  const int handle = far.release();
  lines[0]->run([&] {
    hops[0]->socket = websocket::accept(lines[0]->io, *lines[0]->ticker, handle,
                                        testing::upgrade_request(), {}, quiet(), hops[0].get());
  });
  for (int i = 0; i < messages; ++i)
    CAF_REQUIRE(near.send(numbered(i)));
  CAF_CHECK(all_there.get_future().wait_for(20s) == std::future_status::ready);
  CAF_CHECK_EQUAL(received.load(), messages);
  CAF_CHECK_EQUAL(mistakes.load(), 0);
  CAF_CHECK_EQUAL(moved.load(), moves);
  const int last = moved;
  lines[last % 2]->run([&] { hops[last]->socket.reset(); });
  near.close();
}

CAF_TEST_FIXTURE_SCOPE_END()
