#define CAF_SUITE socket_poller
#define FAIL CAF_FAIL
#include "conf/defaults/websocket.hpp"
#include "http/socket_poller.hpp"

#include <asio/post.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;

namespace {

/// One end of a pair of sockets, watched for reading; the other end in hand.
class watched : public polled_socket {
public:
  explicit watched(asio::io_context& io) : poller(socket_poller::of(io)) {
    int ends[2] = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0)
      CAF_FAIL("socketpair");
    fd = ends[0];
    peer = ends[1];
    watch(socket_poller::reading);
  }
  ~watched() override {
    if (!gone)
      poller.forget(fd);
    ::close(fd);
    hang_up();
  }
  void watch(uint8_t interests) { CAF_REQUIRE(!poller.watch(fd, interests, this)); }
  void say(const std::string& text) {
    CAF_REQUIRE_EQUAL(::write(peer, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void hang_up() {
    if (peer >= 0)
      ::close(peer);
    peer = -1;
  }
  std::string take(size_t bytes) {
    const ssize_t count = ::read(fd, poller.buffer(), bytes);
    return count > 0 ? std::string(poller.buffer(), static_cast<size_t>(count)) : std::string();
  }

  /// One read, after which the end is waited for no more. @returns its bytes.
  ssize_t read_or_end() {
    const ssize_t count = ::read(fd, poller.buffer(), 100);
    if (count == 0)
      watch(socket_poller::none);
    return count;
  }

  bool on_ready(bool readable, bool writable) override {
    times_readable += readable ? 1 : 0;
    times_writable += writable ? 1 : 0;
    if (then)
      then();
    return takes_all;
  }
  void on_poller_gone() override { gone = true; }

  socket_poller& poller;
  int fd = -1, peer = -1;
  int times_readable = 0, times_writable = 0;
  bool gone = false;
  bool takes_all = false; // what it says of its turns
  std::function<void()> then;
};

/// Runs what is ready. @returns how many handlers, at most `most`.
int run(asio::io_context& io, int most = 50) {
  int ran = 0;
  io.restart();
  while (ran < most && io.poll_one() > 0)
    ++ran;
  return ran;
}

} // namespace

CAF_TEST(a socket is told until it has read everything) {
  asio::io_context io;
  watched socket{io};
  std::string heard;
  socket.then = [&] { heard += socket.take(1); };
  socket.say("abc");
  run(io);
  CAF_CHECK_EQUAL(heard, "abc");
  CAF_CHECK_EQUAL(socket.times_readable, 3);
  socket.say("d"); // after all was quiet
  run(io);
  CAF_CHECK_EQUAL(heard, "abcd");
}

CAF_TEST(one that took all is told again once something new has come) {
  asio::io_context io;
  watched socket{io};
  socket.takes_all = true;
  socket.say("a"); // and leaves it there
  run(io);
  run(io);
  CAF_CHECK_EQUAL(socket.times_readable, 1);
  socket.say("b");
  run(io);
  CAF_CHECK_EQUAL(socket.times_readable, 2);
  socket.takes_all = false;
  socket.then = [&] { socket.take(1); };
  socket.say("c");
  run(io);
  CAF_CHECK_EQUAL(socket.times_readable, 5); // three bytes by ones
  socket.takes_all = true;
  socket.watch(socket_poller::none);
  socket.say("d");
  socket.watch(socket_poller::reading); // new here: what waits is told
  run(io);
  CAF_CHECK_EQUAL(socket.times_readable, 6);
}

CAF_TEST(the end that came with the last bytes is told whatever was taken) {
  for (const bool half : {false, true}) { // closed, or only to be written to no more
    asio::io_context io;
    watched socket{io};
    socket.takes_all = true;
    std::vector<ssize_t> reads;
    socket.then = [&] { reads.push_back(socket.read_or_end()); };
    socket.say("last");
    half ? static_cast<void>(::shutdown(socket.peer, SHUT_WR)) : socket.hang_up();
    run(io);
    CAF_CHECK_EQUAL(reads, (std::vector<ssize_t>{4, 0}));
  }
}

CAF_TEST(a socket whose peer has closed its half can be written) {
  asio::io_context io;
  watched socket{io};
  socket.takes_all = true;
  ::shutdown(socket.peer, SHUT_WR);
  socket.then = [&] { socket.read_or_end(); };
  run(io);
  socket.then = nullptr;
  socket.watch(socket_poller::writing);
  run(io, 1);
  CAF_CHECK_EQUAL(socket.times_writable, 1);
}

CAF_TEST(what came before it was watched is told and what is not waited for is not) {
  asio::io_context io;
  watched socket{io};
  socket.watch(socket_poller::none);
  socket.say("a");
  socket.hang_up(); // even an end is told to nobody, or the thread would never rest
  CAF_CHECK(run(io) < 5);
  CAF_CHECK_EQUAL(socket.times_readable, 0);
  socket.then = [&] { socket.watch(socket_poller::none); };
  socket.watch(socket_poller::reading);
  run(io);
  CAF_CHECK_EQUAL(socket.times_readable, 1);
}

CAF_TEST(room to write is told while it is waited for) {
  asio::io_context io;
  watched socket{io};
  run(io);
  CAF_CHECK_EQUAL(socket.times_writable, 0);
  socket.then = [&] { socket.watch(socket_poller::reading); };
  socket.watch(socket_poller::reading | socket_poller::writing);
  run(io);
  CAF_CHECK_EQUAL(socket.times_writable, 1);
  CAF_CHECK_EQUAL(socket.times_readable, 0);
}

CAF_TEST(a socket may end another that is ready too) {
  asio::io_context io;
  auto one = std::make_unique<watched>(io);
  auto other = std::make_unique<watched>(io);
  int told = 0;
  one->then = [&] { ++told, other.reset(), one->take(9); };
  other->then = [&] { ++told, one.reset(), other->take(9); };
  one->say("a");
  other->say("b");
  run(io);
  CAF_CHECK_EQUAL(told, 1);
  CAF_CHECK((one == nullptr) != (other == nullptr));
}

CAF_TEST(one that throws costs its own turn only) {
  asio::io_context io;
  std::vector<std::unique_ptr<watched>> all;
  int thrown = 0;
  for (int i = 0; i < 3; ++i) {
    all.push_back(std::make_unique<watched>(io));
    all.back()->takes_all = true;
    all.back()->say("a");
  }
  all[1]->then = [&] {
    if (thrown++ == 0)
      throw std::runtime_error("handler");
    all[1]->take(9);
  };
  for (int i = 0; i < 3; ++i) {
    try {
      run(io);
    } catch (const std::runtime_error&) {
    }
  }
  CAF_CHECK_EQUAL(thrown, 2); // what it had not taken is told again
  CAF_CHECK_EQUAL(all[0]->times_readable, 1);
  CAF_CHECK_EQUAL(all[2]->times_readable, 1);
}

CAF_TEST(what a turn used is remembered for its socket and no other) {
  asio::io_context io;
  watched one{io}, other{io};
  const char used[200] = {};
  one.then = [&] {
    touched(used, sizeof used);
    one.take(9);
  };
  other.then = [&] { other.take(9); };
  one.say("a");
  other.say("b");
  run(io);
  CAF_CHECK_EQUAL(one.poller.trail_places(one.fd), 1u);
  CAF_CHECK_EQUAL(one.poller.trail_places(other.fd), 0u);
  one.then = [&] { one.take(9); };
  for (int turn = 0; turn < defaults::websocket::turns_per_trail; ++turn) {
    one.say("c"); // a turn that uses nothing, as one that only writes, leaves what was known
    run(io);
  }
  CAF_CHECK_EQUAL(one.poller.trail_places(one.fd), 1u);
  one.watch(socket_poller::none);
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
    socket.take(9);
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
  socket.watch(socket_poller::none);
  uses = 3;
  socket.watch(socket_poller::reading);
  CAF_CHECK_EQUAL(turn(), 3u); // nothing was known again
}

CAF_TEST(what a turn that throws used is not remembered nor is what comes after it) {
  asio::io_context io;
  watched socket{io};
  const char used[8] = {};
  socket.then = [&] {
    socket.take(9);
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
    socket.watch(socket_poller::none);
  };
  socket.say("a");
  run(io);
  CAF_CHECK_EQUAL(socket.poller.trail_places(socket.fd), 0u);
}

CAF_TEST(sockets that are always ready leave other work its turn) {
  asio::io_context io;
  watched socket{io}; // never reads
  socket.say("a");
  bool had_turn = false;
  int before = 0;
  socket.then = [&] { before += had_turn ? 0 : 1; };
  run(io, 1);
  asio::post(io, [&] { had_turn = true; });
  run(io, 4);
  CAF_CHECK(had_turn);
  CAF_CHECK(before > 0);
  CAF_CHECK(before <= 3 * defaults::websocket::polled_per_turn_max);
}

CAF_TEST(what cannot be watched is refused and forgotten) {
  asio::io_context io;
  watched socket{io};
  auto& poller = socket_poller::of(io);
  CAF_CHECK(poller.watch(1'000'000, socket_poller::reading, &socket)); // no such descriptor
  poller.forget(1'000'000);
  socket.watch(socket_poller::none);
  io.run(); // returns: nothing is watched
}

CAF_TEST(one who floods is served once a round like all others) {
  asio::io_context io;
  watched flood{io}, other{io}; // the flood is always ready
  flood.say("a");
  run(io, 1);
  const int before = flood.times_readable;
  int when_other_was_served = 0;
  other.then = [&] {
    other.take(9);
    when_other_was_served = flood.times_readable;
  };
  other.say("b");
  run(io, 1);
  CAF_CHECK(when_other_was_served <= before + 1);
  CAF_CHECK_EQUAL(other.times_readable, 1);
}

CAF_TEST(one who floods has so many rounds a turn and no more) {
  asio::io_context io;
  watched flood{io}; // never reads
  flood.say("a");
  run(io, 1);
  CAF_CHECK_EQUAL(flood.times_readable, defaults::websocket::polled_rounds_max);
  run(io, 1);
  CAF_CHECK_EQUAL(flood.times_readable, 2 * defaults::websocket::polled_rounds_max);
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
  socket->then = [&] { socket->take(9), socket->watch(socket_poller::none); };
  socket->say("a");
  io.run(); // returns
  CAF_CHECK_EQUAL(socket->times_readable, 1);
  asio::post(io, [&] { socket->watch(socket_poller::reading); });
  asio::post(io, [&] { socket.reset(); });
  io.restart();
  io.run();
  CAF_CHECK(socket == nullptr);
}
