#define CAF_SUITE plain_stream
#define FAIL CAF_FAIL
#include "conf/defaults/websocket.hpp"
#include "http/websocket_stream.hpp"

#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>

#include <caf/test/dsl.hpp>

using namespace switchboard::http;

namespace {

struct listener : stream_listener {
  void on_stream_connected(std::error_code) override {}
  void on_stream_secured(std::error_code, const std::string&) override {}
  void on_stream_read(std::error_code error, char* bytes, size_t count) override {
    last_read = error;
    heard.append(bytes, count);
    if (then)
      then();
  }
  void on_stream_written(std::error_code error, size_t bytes) override {
    last_write = error;
    written += bytes;
  }
  void on_stream_unsent(std::error_code error, const char* rest, size_t count) override {
    last_write = error;
    unsent.append(rest, count);
  }
  std::string heard, unsent;
  std::error_code last_read, last_write;
  size_t written = 0;
  std::function<void()> then;
};

struct fixture {
  fixture() {
    int ends[2] = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0)
      CAF_FAIL("socketpair");
    peer = ends[1];
    CAF_REQUIRE(!stream->assign(ends[0]));
  }
  ~fixture() { ::close(peer); }
  void say(const std::string& text) {
    CAF_REQUIRE_EQUAL(::write(peer, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void run() {
    io.restart();
    for (int i = 0; i < 50 && io.poll_one() > 0; ++i) {
    }
  }
  asio::io_context io;
  std::unique_ptr<websocket_stream> stream = websocket_stream::make_plain(io);
  std::shared_ptr<listener> who = std::make_shared<listener>();
  int peer = -1;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(plain_stream_tests, fixture)

CAF_TEST(a listener reads on by the reference that the stream has) {
  long owners = 0;
  who->then = [&] {
    CAF_CHECK(stream->read_on());
    CAF_CHECK(!stream->read_on()); // it was given back already
    owners = who.use_count();
  };
  stream->read_some(who);
  say("a");
  run();
  say("b");
  run();
  CAF_CHECK_EQUAL(who->heard, "ab");
  CAF_CHECK_EQUAL(owners, 2); // ours and the stream's
  CAF_CHECK(!stream->read_on());
}

CAF_TEST(a listener that asks for no more is let go and what comes waits) {
  stream->read_some(who);
  say("a");
  run();
  CAF_CHECK_EQUAL(who.use_count(), 1);
  say("b");
  run();
  CAF_CHECK_EQUAL(who->heard, "a");
  stream->read_some(who);
  run();
  CAF_CHECK_EQUAL(who->heard, "ab");
}

CAF_TEST(a listener that throws is let go and can be asked again) {
  who->then = [] { throw std::runtime_error("of the test"); };
  stream->read_some(who);
  say("a");
  bool thrown = false;
  try {
    run();
  } catch (const std::runtime_error&) {
    thrown = true;
  }
  CAF_CHECK(thrown);
  CAF_CHECK(!stream->read_on()); // by a reference that is gone
  CAF_CHECK_EQUAL(who.use_count(), 1);
  who->then = nullptr;
  stream->read_some(who);
  say("b");
  run();
  CAF_CHECK_EQUAL(who->heard, "ab");
}

CAF_TEST(a read that is cancelled and one whose peer hangs up end with their reasons) {
  stream->read_some(who);
  stream->cancel();
  run();
  CAF_CHECK(who->last_read == asio::error::operation_aborted);
  stream->read_some(who);
  ::shutdown(peer, SHUT_WR);
  run();
  CAF_CHECK(who->last_read == asio::error::eof);
}

CAF_TEST(more than one read takes is read on) {
  who->then = [&] { stream->read_on(); };
  stream->read_some(who);
  const std::string much(3 * switchboard::defaults::websocket::read_buffer_bytes, 'x');
  say(much);
  run();
  CAF_CHECK_EQUAL(who->heard.size(), much.size());
}

CAF_TEST(an end that came with the last bytes is told behind them) {
  who->then = [&] { stream->read_on(); };
  stream->read_some(who);
  say("last");
  ::shutdown(peer, SHUT_WR);
  run();
  CAF_CHECK_EQUAL(who->heard, "last");
  CAF_CHECK(who->last_read == asio::error::eof);
}

CAF_TEST(bytes that nobody asked for wait until somebody does) {
  stream->read_some(who);
  say("a");
  run(); // nobody reads on
  say("b");
  run();
  say("c");
  run();
  CAF_CHECK_EQUAL(who->heard, "a");
  stream->read_some(who);
  run();
  CAF_CHECK_EQUAL(who->heard, "abc");
}

CAF_TEST(what a full socket does not take is written when there is room) {
  const std::string much(1 << 20, 'x');
  std::error_code error;
  size_t sent = stream->send(much.data(), much.size(), *who, error);
  CAF_CHECK(!error);
  CAF_REQUIRE_LESS(sent, much.size());
  CAF_CHECK_EQUAL(stream->send(much.data(), much.size(), *who, error), 0u); // full is no error
  CAF_CHECK(!error);
  stream->write_some(much.data() + sent, much.size() - sent, who);
  run();
  CAF_CHECK_EQUAL(who->written, 0u);
  std::string taken(sent, ' ');
  CAF_REQUIRE_EQUAL(::read(peer, taken.data(), sent), static_cast<ssize_t>(sent));
  run();
  CAF_CHECK_GREATER(who->written, 0u);
  CAF_CHECK(!who->last_write);
}

CAF_TEST(a socket that is filled again and again is written to the last byte) {
  const std::string much(1 << 20, 'x');
  std::string taken(64 * 1024, ' ');
  size_t arrived = 0;
  stream->write_some(much.data(), much.size(), who);
  for (int turn = 0; turn < 1000 && arrived < much.size(); ++turn) {
    const size_t before = who->written;
    run();
    if (who->written > before && who->written < much.size())
      stream->write_some(much.data() + who->written, much.size() - who->written, who);
    const ssize_t count = ::read(peer, taken.data(), taken.size());
    arrived += count > 0 ? static_cast<size_t>(count) : 0;
  }
  CAF_CHECK_EQUAL(who->written, much.size());
  CAF_CHECK_EQUAL(arrived, much.size());
}

CAF_TEST(a dropped stream ends what is pending and lets go of its listeners) {
  stream->read_some(who);
  stream->drop(drop_mode::orderly, who);
  run();
  CAF_CHECK(who->last_read == asio::error::operation_aborted);
  CAF_CHECK_EQUAL(who.use_count(), 1);
  char byte = 0;
  CAF_CHECK_EQUAL(::read(peer, &byte, 1), 0); // its end
}

CAF_TEST(what is sent in a turn goes out before the thread waits and before what needs it gone) {
  std::error_code error;
  std::string early = "?";
  const auto arrived = [&] {
    std::string text(100, ' ');
    const ssize_t count = ::recv(peer, text.data(), text.size(), MSG_DONTWAIT);
    return text.substr(0, static_cast<size_t>(std::max<ssize_t>(count, 0)));
  };
  for (const bool settle : {false, true}) {
    who->then = [&] {
      CAF_CHECK_EQUAL(stream->send("word", 4, *who, error), 4u);
      if (settle)
        stream->settle();
      early = arrived();
      stream->read_on();
    };
    stream->read_some(who);
    say("a");
    run();
    CAF_CHECK_EQUAL(early, settle ? "word" : "");
    CAF_CHECK_EQUAL(arrived(), settle ? "" : "word");
  }
  who->then = [&] {
    stream->send("farewell", 8, *who, error);
    stream->drop(drop_mode::orderly, who);
    early = arrived();
  };
  say("b");
  run();
  CAF_CHECK_EQUAL(early, "farewell");
  CAF_CHECK(!error);
}

CAF_TEST(what was taken in a turn and cannot be sent comes back) {
  std::error_code error;
  std::string taken;
  who->then = [&] {
    for (int i = 0; who->unsent.empty() && i < 1000; ++i) {
      auto piece = std::to_string(i);
      piece.resize(switchboard::defaults::websocket::staged_send_bytes_max, '.');
      CAF_REQUIRE_EQUAL(stream->send(piece.data(), piece.size(), *who, error), piece.size());
      stream->settle();
      taken += piece;
    }
  };
  stream->read_some(who);
  say("a");
  run();
  CAF_CHECK(!who->unsent.empty());
  CAF_CHECK(!who->last_write);
  std::string text(1 << 20, ' '), arrived;
  for (ssize_t count = 0; (count = ::recv(peer, text.data(), text.size(), MSG_DONTWAIT)) > 0;)
    arrived += text.substr(0, static_cast<size_t>(count));
  CAF_CHECK(arrived + who->unsent == taken);
}

CAF_TEST(a stream whose send fails reads what is left and then its end) {
  std::error_code error;
  who->then = [&] {
    if (who->last_read)
      return;
    stream->send("word", 4, *who, error);
    ::shutdown(peer, SHUT_RD); // it takes nothing any more, and says nothing of its own end
    stream->settle();
    stream->read_on();
  };
  stream->read_some(who);
  say("a");
  run();
  CAF_CHECK_EQUAL(who->unsent, "word");
  CAF_CHECK_EQUAL(who->last_write.value(), EPIPE);
  CAF_CHECK(who->last_read == asio::error::eof);
}

CAF_TEST(a stream may outlive the poller that it was watched by) {
  auto context = std::make_unique<asio::io_context>();
  auto left = websocket_stream::make_plain(*context);
  int ends[2] = {-1, -1};
  CAF_REQUIRE_EQUAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  CAF_REQUIRE(!left->assign(ends[0]));
  left->read_some(who);
  context.reset();
  CAF_CHECK_EQUAL(who.use_count(), 1);
  left.reset();
  char byte = 0;
  CAF_CHECK_EQUAL(::read(ends[1], &byte, 1), 0); // its end
  ::close(ends[1]);
}

CAF_TEST(a stream that ends with bytes it could not send tells nobody) {
  std::error_code error;
  const std::string much(1 << 20, 'x');
  while (stream->send(much.data(), much.size(), *who, error) > 0) {
  } // out of a turn: at once, until it is full
  auto other = websocket_stream::make_plain(io);
  auto other_who = std::make_shared<listener>();
  int ends[2] = {-1, -1};
  CAF_REQUIRE_EQUAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  CAF_REQUIRE(!other->assign(ends[0]));
  other_who->then = [&] {
    CAF_CHECK_EQUAL(stream->send("rest", 4, *who, error), 4u);
    stream.reset();
  };
  other->read_some(other_who);
  CAF_REQUIRE_EQUAL(::write(ends[1], "a", 1), 1);
  run();
  CAF_CHECK_EQUAL(other_who->heard, "a");
  CAF_CHECK_EQUAL(who->unsent, "");
  ::close(ends[1]);
}

CAF_TEST(a read that has its bytes already ends with them when it is cancelled) {
  auto other = websocket_stream::make_plain(io);
  auto other_who = std::make_shared<listener>();
  int ends[2] = {-1, -1};
  CAF_REQUIRE_EQUAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  CAF_REQUIRE(!other->assign(ends[0]));
  // Whichever of the two has its turn first cancels the other one's read.
  who->then = [&] { other->cancel(); };
  other_who->then = [&] { stream->cancel(); };
  stream->read_some(who);
  other->read_some(other_who);
  say("a");
  CAF_REQUIRE_EQUAL(::write(ends[1], "b", 1), 1);
  run();
  CAF_CHECK_EQUAL(who->heard, "a");
  CAF_CHECK_EQUAL(other_who->heard, "b");
  CAF_CHECK(!who->last_read);
  CAF_CHECK(!other_who->last_read);
  ::close(ends[1]);
}

CAF_TEST_FIXTURE_SCOPE_END()
