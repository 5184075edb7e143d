// Who is ready together: received from, told and sent to in one round.
#define CAF_SUITE socket_poller_rounds
#define FAIL CAF_FAIL
#include "tests/http/watched_socket.hpp"

#include <cerrno>
#include <memory>
#include <vector>

using namespace switchboard;
using namespace switchboard::http;
using testing::run;
using testing::throws;
using testing::watched;

CAF_TEST(all sockets of a round are told their own bytes) {
  asio::io_context io;
  std::vector<std::unique_ptr<watched>> all;
  const size_t many = 2 * defaults::websocket::polled_at_once + 3; // three rounds
  for (size_t i = 0; i < many; ++i) {
    all.push_back(std::make_unique<watched>(io));
    all.back()->say("socket " + std::to_string(i));
  }
  run(io);
  for (size_t i = 0; i < many; ++i)
    CAF_CHECK_EQUAL(all[i]->heard, "socket " + std::to_string(i));
}

CAF_TEST(one that waits only since a turn before its own is received from in the next round) {
  asio::io_context io;
  watched one{io}, other{io};
  one.wanted = no_interest;
  other.wanted = no_interest;
  watched first{io}; // its turn is the first: it is told first
  first.then = [&] { one.wanted = other.wanted = bytes_interest; };
  first.say("a");
  one.say("b");
  other.say("c");
  run(io);
  CAF_CHECK_EQUAL(one.heard + other.heard, "bc");
}

CAF_TEST(a socket may end another that is ready too) {
  asio::io_context io;
  auto one = std::make_unique<watched>(io);
  auto other = std::make_unique<watched>(io);
  int told = 0;
  one->then = [&] { ++told, other.reset(); };
  other->then = [&] { ++told, one.reset(); };
  one->say("a");
  other->say("b");
  run(io);
  CAF_CHECK_EQUAL(told, 1);
  CAF_CHECK((one == nullptr) != (other == nullptr));
}

CAF_TEST(what was received for one that ended is not told to who has its descriptor now) {
  asio::io_context io;
  watched one{io}, other{io}, heir{io};
  heir.watch(no_interest);
  const auto inherit = [&](watched& from) { // the same descriptor for another socket, in this round
    CAF_CHECK(from.poller.has_received(from.fd));
    from.watch(no_interest);
    CAF_CHECK(!from.poller.has_received(from.fd));
    CAF_CHECK(!heir.poller.watch(from.fd, bytes_interest, &heir));
    heir.wanted = bytes_interest;
    from.then = nullptr;
  };
  one.then = [&] { inherit(other); };
  other.then = [&] { inherit(one); };
  one.say("a");
  other.say("b");
  run(io);
  CAF_CHECK_EQUAL(heir.heard, "");
  watched& gave = one.turns == 0 ? one : other;
  gave.say("c");
  run(io);
  CAF_CHECK_EQUAL(heir.heard, "c");
  heir.poller.forget(gave.fd);
}

CAF_TEST(one that throws costs its own turn only) {
  asio::io_context io;
  std::vector<std::unique_ptr<watched>> all;
  int thrown = 0;
  for (int i = 0; i < 3; ++i) {
    all.push_back(std::make_unique<watched>(io));
    all.back()->say("a");
  }
  all[1]->then = [&] {
    if (thrown++ == 0)
      throw std::runtime_error("handler");
  };
  CAF_CHECK(throws(io));
  CAF_CHECK(!throws(io)); // who was behind it has its turn, though nothing new has come
  for (auto& each : all)
    CAF_CHECK_EQUAL(each->heard, "a");
  all[1]->say("b");
  run(io);
  CAF_CHECK_EQUAL(all[1]->heard, "ab");
  CAF_CHECK_EQUAL(thrown, 2);
}

CAF_TEST(one who floods is served once a round like all others) {
  asio::io_context io;
  watched flood{io}, other{io};
  flood.then = [&] { flood.flood(); };
  flood.flood();
  run(io, 1);
  const int before = flood.turns;
  int when_other_was_served = 0;
  other.then = [&] { when_other_was_served = flood.turns; };
  other.say("b");
  run(io, 1);
  CAF_CHECK(when_other_was_served > 0);
  CAF_CHECK(when_other_was_served <= before + 1);
  CAF_CHECK_EQUAL(other.turns, 1);
}

CAF_TEST(one who floods has so many rounds a turn and no more) {
  asio::io_context io;
  watched flood{io};
  flood.then = [&] { flood.flood(); };
  flood.flood();
  run(io, 1);
  CAF_CHECK_EQUAL(flood.turns, defaults::websocket::polled_rounds_max);
  run(io, 1);
  CAF_CHECK_EQUAL(flood.turns, 2 * defaults::websocket::polled_rounds_max);
}

CAF_TEST(what is staged in a round goes out at its end and out of a round is not taken) {
  asio::io_context io;
  watched one{io}, other{io};
  CAF_CHECK(!one.stage("too early"));
  const uint32_t number = one.poller.stage_number();
  std::string early = "?";
  one.then = [&] {
    CAF_CHECK(one.stage("one"));
    CAF_CHECK(other.stage("other"));
    CAF_CHECK_EQUAL(one.poller.stage_number(), number);
    early = one.arrived();
  };
  one.say("a");
  run(io);
  CAF_CHECK_EQUAL(early, "");
  CAF_CHECK_EQUAL(one.arrived(), "one");
  CAF_CHECK_EQUAL(other.arrived(), "other");
  CAF_CHECK(one.poller.stage_number() != number);
  CAF_CHECK(!one.stage("too late"));
}

CAF_TEST(what is staged goes out at once when it is settled or when there is no more room) {
  asio::io_context io;
  watched socket{io};
  std::string settled, taken;
  size_t staged = 0;
  socket.then = [&] {
    CAF_CHECK(socket.stage("now"));
    socket.poller.settle();
    settled = socket.arrived();
    for (size_t i = 0; i <= defaults::websocket::batch_max; ++i)
      staged += socket.stage("x") ? 1 : 0;
    taken = socket.arrived();
    CAF_CHECK(!socket.stage(std::string(defaults::websocket::staged_send_bytes_max + 1, 'y')));
  };
  socket.say("a");
  run(io);
  CAF_CHECK_EQUAL(settled, "now");
  CAF_CHECK_EQUAL(staged, defaults::websocket::batch_max + 1);
  CAF_CHECK_EQUAL(taken.size(), defaults::websocket::batch_max);
  CAF_CHECK_EQUAL(socket.arrived(), "x");
}

CAF_TEST(what a full socket does not take comes back in order) {
  asio::io_context io;
  watched socket{io};
  std::string staged;
  socket.then = [&] {
    for (int i = 0; socket.unsent.empty() && i < 1000; ++i) {
      auto piece = std::to_string(i);
      piece.resize(defaults::websocket::staged_send_bytes_max, '.');
      CAF_REQUIRE(socket.stage(piece));
      socket.poller.settle();
      staged += piece;
    }
  };
  socket.say("a");
  run(io);
  CAF_CHECK_EQUAL(socket.last_error, 0);
  CAF_CHECK(!socket.unsent.empty());
  std::string arrived;
  for (std::string text; !(text = socket.arrived()).empty();)
    arrived += text;
  CAF_CHECK(arrived + socket.unsent == staged);
}

CAF_TEST(a send that fails is told with its error) {
  asio::io_context io;
  watched one{io}, other{io};
  other.hang_up();
  other.wanted = no_interest;
  one.then = [&] { CAF_CHECK(other.stage("lost")); };
  one.say("a");
  run(io);
  CAF_CHECK_EQUAL(other.unsent, "lost");
  CAF_CHECK_EQUAL(other.last_error, EPIPE);
}

CAF_TEST(what was staged before a handler threw goes out) {
  asio::io_context io;
  watched socket{io};
  socket.then = [&] {
    CAF_CHECK(socket.stage("still"));
    throw std::runtime_error("handler");
  };
  socket.say("a");
  CAF_CHECK(throws(io));
  CAF_CHECK_EQUAL(socket.arrived(), "still");
}

CAF_TEST(with io_uring all is as without) {
  asio::io_context io;
  const std::string why = socket_poller::of(io).use_io_uring();
  CAF_MESSAGE("io_uring: " << (why.empty() ? "yes" : why)); // else by system calls, as above
  std::vector<std::unique_ptr<watched>> all;
  for (size_t i = 0; i < defaults::websocket::polled_at_once; ++i) {
    all.push_back(std::make_unique<watched>(io));
    auto* each = all.back().get();
    each->then = [each] { CAF_CHECK(each->peer_ends > 0 || each->stage("re: " + each->heard)); };
    each->say(std::to_string(i));
  }
  all[3]->hang_up();
  run(io);
  for (size_t i = 0; i < all.size(); ++i) {
    CAF_CHECK_EQUAL(all[i]->heard, std::to_string(i));
    if (i == 3) {
      CAF_CHECK_EQUAL(all[i]->peer_ends, 1);
      CAF_CHECK_EQUAL(all[i]->unsent, "re: 3");
    } else {
      CAF_CHECK_EQUAL(all[i]->arrived(), "re: " + std::to_string(i));
    }
  }
}
