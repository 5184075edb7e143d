#define CAF_SUITE socket_poller
#define FAIL CAF_FAIL
#include "tests/http/watched_socket.hpp"

#include <asio/post.hpp>

#include <memory>

using namespace switchboard;
using namespace switchboard::http;
using testing::one_read;
using testing::run;
using testing::watched;

CAF_TEST(a socket is told what comes) {
  asio::io_context io;
  watched socket{io};
  socket.say("abc");
  run(io);
  CAF_CHECK_EQUAL(socket.heard, "abc");
  CAF_CHECK_EQUAL(socket.turns, 1);
  run(io);
  CAF_CHECK_EQUAL(socket.turns, 1);
  socket.say("d"); // after all was quiet
  run(io);
  CAF_CHECK_EQUAL(socket.heard, "abcd");
}

CAF_TEST(more than one read takes is told until nothing is left) {
  asio::io_context io;
  watched socket{io};
  const size_t said = socket.flood();
  CAF_REQUIRE_GREATER(said, 3 * one_read);
  run(io);
  CAF_CHECK_EQUAL(socket.heard.size(), said);
  socket.say("d");
  run(io);
  CAF_CHECK_EQUAL(socket.heard.size(), said + 1);
}

CAF_TEST(one that waits for nothing is not received from until it does) {
  asio::io_context io;
  watched socket{io};
  socket.wanted = no_interest; // and still watched
  socket.say("a");
  run(io);
  socket.say("b");
  run(io);
  CAF_CHECK_EQUAL(socket.turns, 0);
  CAF_CHECK_EQUAL(socket.poller.interests(socket.fd), no_interest);
  socket.watch(bytes_interest);
  run(io);
  CAF_CHECK_EQUAL(socket.heard, "ab");
}

CAF_TEST(the end that came with the last bytes is told behind them) {
  for (const bool half : {false, true}) { // closed, or only to be written to no more
    asio::io_context io;
    watched socket{io};
    socket.say("last");
    half ? static_cast<void>(::shutdown(socket.peer, SHUT_WR)) : socket.hang_up();
    run(io);
    CAF_CHECK_EQUAL(socket.heard, "last");
    CAF_CHECK_EQUAL(socket.peer_ends, 1);
    CAF_CHECK_EQUAL(socket.turns, 2);
  }
}

CAF_TEST(a socket whose peer has closed its half can be written) {
  asio::io_context io;
  watched socket{io};
  ::shutdown(socket.peer, SHUT_WR);
  run(io);
  CAF_CHECK_EQUAL(socket.peer_ends, 1);
  socket.watch(room_interest);
  run(io, 1);
  CAF_CHECK(socket.rooms > 0);
}

CAF_TEST(what came before it was watched is told and what is not waited for is not) {
  asio::io_context io;
  watched socket{io};
  socket.watch(no_interest);
  socket.say("a");
  socket.hang_up(); // even an end is told to nobody, or the thread would never rest
  CAF_CHECK(run(io) < 5);
  CAF_CHECK_EQUAL(socket.turns, 0);
  socket.watch(bytes_interest);
  run(io);
  CAF_CHECK_EQUAL(socket.heard, "a");
  CAF_CHECK_EQUAL(socket.peer_ends, 1);
}

CAF_TEST(room to write is told while it is waited for) {
  asio::io_context io;
  watched socket{io};
  run(io);
  CAF_CHECK_EQUAL(socket.rooms, 0);
  socket.then = [&] { socket.wanted = bytes_interest; };
  socket.watch(bytes_interest | room_interest);
  run(io);
  CAF_CHECK_EQUAL(socket.rooms, 1);
  CAF_CHECK_EQUAL(socket.poller.interests(socket.fd), bytes_interest);
  CAF_CHECK_EQUAL(socket.turns, 0);
}

CAF_TEST(what a turn used is remembered for its socket and no other) {
  asio::io_context io;
  watched one{io}, other{io};
  const char used[200] = {};
  one.then = [&] { touched(used, sizeof used); };
  one.say("a");
  other.say("b");
  run(io);
  CAF_CHECK_EQUAL(one.poller.trail_places(one.fd), 1u);
  CAF_CHECK_EQUAL(one.poller.trail_places(other.fd), 0u);
  one.then = nullptr;
  for (int turn = 0; turn < defaults::websocket::turns_per_trail; ++turn) {
    one.say("c"); // a turn that uses nothing, as one that only writes, leaves what was known
    run(io);
  }
  CAF_CHECK_EQUAL(one.poller.trail_places(one.fd), 1u);
  one.watch(no_interest);
  CAF_CHECK_EQUAL(one.poller.trail_places(one.fd), 0u);
  touched(used, sizeof used); // no turn: nobody's
  CAF_CHECK_EQUAL(one.poller.trail_places(other.fd), 0u);
  CAF_CHECK_EQUAL(one.poller.trail_places(1'000'000), 0u);
}

CAF_TEST(what is used is noted in one of some turns) {
  asio::io_context io;
  watched socket{io};
  const char used[200] = {};
  size_t uses = 1;
  socket.then = [&] {
    for (size_t i = 0; i < uses; ++i)
      touched(used, sizeof used);
  };
  const auto turn = [&] {
    socket.say("a");
    run(io);
    return socket.poller.trail_places(socket.fd);
  };
  CAF_CHECK_EQUAL(turn(), 1u); // nothing was known
  uses = 2;
  for (int i = 1; i < defaults::websocket::turns_per_trail; ++i)
    CAF_CHECK_EQUAL(turn(), 1u);
  CAF_CHECK_EQUAL(turn(), 2u);
  socket.watch(no_interest);
  uses = 3;
  socket.watch(bytes_interest);
  CAF_CHECK_EQUAL(turn(), 3u); // nothing was known again
}

CAF_TEST(what a turn that throws used is not remembered nor is what comes after it) {
  asio::io_context io;
  watched socket{io};
  const char used[8] = {};
  socket.then = [&] {
    touched(used, sizeof used);
    throw std::runtime_error("handler");
  };
  socket.say("a");
  bool thrown = false;
  try {
    run(io);
  } catch (const std::runtime_error&) {
    thrown = true;
  }
  CAF_CHECK(thrown);
  CAF_CHECK(trail_recording::current == nullptr);
  CAF_CHECK_EQUAL(socket.poller.trail_places(socket.fd), 0u);
}

CAF_TEST(a socket that ends itself in its turn leaves nothing to be remembered) {
  asio::io_context io;
  watched socket{io};
  const char used[8] = {};
  socket.then = [&] {
    touched(used, sizeof used);
    socket.watch(no_interest);
  };
  socket.say("a");
  run(io);
  CAF_CHECK_EQUAL(socket.poller.trail_places(socket.fd), 0u);
}

CAF_TEST(sockets that are always ready leave other work its turn) {
  asio::io_context io;
  watched socket{io};
  socket.flood();
  bool had_turn = false;
  int before = 0;
  socket.then = [&] {
    before += had_turn ? 0 : 1;
    socket.flood(); // never empty
  };
  run(io, 1);
  asio::post(io, [&] { had_turn = true; });
  run(io, 4);
  CAF_CHECK(had_turn);
  CAF_CHECK(before > 0);
  CAF_CHECK(before <= 3 * defaults::websocket::polled_rounds_max);
}

CAF_TEST(what cannot be watched is refused and forgotten) {
  asio::io_context io;
  watched socket{io};
  auto& poller = socket_poller::of(io);
  CAF_CHECK(poller.watch(1'000'000, bytes_interest, &socket)); // no such descriptor
  CAF_CHECK(poller.watch(-1, bytes_interest, &socket));
  CAF_CHECK_EQUAL(poller.interests(-1), no_interest);
  poller.forget(1'000'000);
  socket.watch(no_interest);
  io.run(); // returns: nothing is watched
}

CAF_TEST(who waits is let go when the context ends) {
  auto io = std::make_unique<asio::io_context>();
  auto socket = std::make_unique<watched>(*io);
  io.reset();
  CAF_CHECK(socket->gone);
}

CAF_TEST(a context without watched sockets has no work left) {
  asio::io_context io;
  auto socket = std::make_unique<watched>(io);
  socket->then = [&] { socket->watch(no_interest); };
  socket->say("a");
  io.run(); // returns
  CAF_CHECK_EQUAL(socket->turns, 1);
  asio::post(io, [&] { socket->watch(bytes_interest); });
  asio::post(io, [&] { socket.reset(); });
  io.restart();
  io.run();
  CAF_CHECK(socket == nullptr);
}
