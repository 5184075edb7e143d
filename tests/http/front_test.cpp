#define CAF_SUITE front
#define FAIL CAF_FAIL

#include "http/front.hpp"
#include "tests/http/server_fixture.hpp"

#include <arpa/inet.h>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>

#include <caf/test/dsl.hpp>

using namespace switchboard::http;
using namespace switchboard::http::testing;

namespace {

/// A front alone: every request is answered with its path.
struct bare_front {
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{io.get_executor()};
  std::atomic<bool> listening{false};
  std::atomic<int> reopened{0};
  std::shared_ptr<front> sockets;
  std::thread thread;

  explicit bare_front(size_t connections_max, std::function<void(front::settings&)> more = {}) {
    front::settings settings;
    settings.connections_max = connections_max;
    if (more)
      more(settings);
    settings.on_listening = [this](bool works) {
      if (works && !listening)
        ++reopened;
      listening = works;
    };
    sockets = front::make(io, std::move(settings),
                          [](http_request request, std::unique_ptr<exchange_sink> sink) {
                            if (request.path == "/known")
                              sink->vouch();
                            sink->answer(request, text_response(200, "text/plain", request.path));
                          });
    std::string problem;
    if (!sockets->listen(problem))
      throw std::runtime_error(problem);
    thread = std::thread{[this] {
      sockets->start();
      io.run();
    }};
  }
  ~bare_front() {
    run([this] { sockets->close(); });
    guard.reset();
    io.stop();
    thread.join();
  }
  void run(std::function<void()> work) {
    std::promise<void> done;
    asio::post(io, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
};

/// The descriptor of this process that listens on `port`.
int listening_descriptor(uint16_t port) {
  for (int fd = 0; fd < 1024; ++fd) {
    int listens = 0;
    socklen_t size = sizeof listens;
    if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0)
      continue;
    sockaddr_in at{};
    socklen_t at_size = sizeof at;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &at_size);
    if (ntohs(at.sin_port) == port)
      return fd;
  }
  return -1;
}

} // namespace

CAF_TEST(connections past the bound wait until others leave) {
  bare_front served{3};
  auto first = std::make_unique<client>(served.sockets->port());
  client second{served.sockets->port()}, third{served.sockets->port()};
  CAF_CHECK_EQUAL(first->ask("GET /1").status, 200);
  CAF_CHECK_EQUAL(second.ask("GET /2").status, 200);
  CAF_CHECK_EQUAL(third.ask("GET /3").body, "/3");
  client fourth{served.sockets->port()};
  fourth.send("GET /4 HTTP/1.1\r\nHost: x\r\n\r\n");
  size_t open = 0;
  served.run([&] { open = served.sockets->connections(); });
  CAF_CHECK_EQUAL(open, 3u);
  first.reset();
  CAF_CHECK_EQUAL(fourth.read_reply().body, "/4");
}

CAF_TEST(a broken listener is opened again on its port) {
  bare_front served{100};
  auto port = served.sockets->port();
  CAF_CHECK_EQUAL(client{port}.ask("GET /1").status, 200);
  int fd = listening_descriptor(port);
  CAF_REQUIRE(fd >= 0);
  ::shutdown(fd, SHUT_RDWR); // accept fails with EINVAL from now on
  for (int i = 0; i < 500 && served.reopened < 2; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  CAF_CHECK_EQUAL(served.reopened.load(), 2);
  CAF_CHECK(served.listening);
  CAF_CHECK_EQUAL(served.sockets->port(), port);
  CAF_CHECK_EQUAL(client{port}.ask("GET /2").body, "/2");
}

CAF_TEST(slow and silent clients do not keep others waiting) {
  bare_front served{300};
  std::vector<std::unique_ptr<client>> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(std::make_unique<client>(served.sockets->port()));
    slow.back()->send(i % 2 == 0 ? "" : "GET /slow HTTP/1.1\r\nHo");
  }
  CAF_CHECK_EQUAL((client{served.sockets->port()}.ask("GET /quick").body), "/quick");
}

CAF_TEST(who takes too long for a request is closed however much it trickles) {
  bare_front served{10, [](auto& s) { s.read_deadline = std::chrono::seconds{1}; }};
  client silent{served.sockets->port()}, half{served.sockets->port()}, body{served.sockets->port()};
  client trickles{served.sockets->port()}, idle{served.sockets->port()};
  half.send("GET /x HTTP/1.1\r\nHost: x\r\n");
  body.send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  CAF_CHECK_EQUAL(idle.ask("GET /1").status, 200);
  std::atomic<bool> over{false};
  std::thread slow{[&] { // each byte is progress, and yet the whole is bounded
    trickles.send("GET /x HTTP/1.1\r\nX: ");
    while (!over) {
      trickles.send("a");
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
  }};
  CAF_CHECK(silent.closed());
  CAF_CHECK(half.closed());
  CAF_CHECK(body.closed());
  CAF_CHECK(idle.closed());
  CAF_CHECK(trickles.closed());
  over = true;
  slow.join();
  CAF_CHECK_EQUAL((client{served.sockets->port()}.ask("GET /2").body), "/2");
}

CAF_TEST(one address has a bound on connections that nobody vouched for) {
  bare_front served{100, [](auto& s) { s.connections_per_address_max = 3; }};
  auto port = served.sockets->port();
  std::vector<std::unique_ptr<client>> known;
  for (int i = 0; i < 10; ++i) {
    known.push_back(std::make_unique<client>(port));
    CAF_CHECK_EQUAL(known.back()->ask("GET /known").status, 200);
  }
  std::vector<std::unique_ptr<client>> unknown;
  for (int i = 0; i < 3; ++i) {
    unknown.push_back(std::make_unique<client>(port));
    CAF_CHECK_EQUAL(unknown.back()->ask("GET /1").status, 200);
  }
  client refused{port};
  CAF_CHECK(refused.closed());
  CAF_CHECK_EQUAL(known[0]->ask("GET /2").status, 200);
  unknown.pop_back();
  int status = 0;
  for (int i = 0; i < 500 && status != 200; ++i) // until the server has seen it go
    status = client{port}.ask("GET /3").status;
  CAF_CHECK_EQUAL(status, 200);
}

CAF_TEST(a request with two lengths is refused and nothing behind it is served) {
  bare_front served{10};
  for (auto* lengths : {"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
                        "Content-Length: 4\r\nContent-Length: 60\r\n",
                        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"}) {
    client c{served.sockets->port()};
    c.send(std::string{"POST /first HTTP/1.1\r\nHost: x\r\n"} + lengths +
           "\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
    CAF_CHECK(c.read_until("/smuggled").find("/smuggled") == std::string::npos);
  }
}

CAF_TEST(old clients get an answer and a closed connection) {
  bare_front served{10};
  client c{served.sockets->port()};
  c.send("GET /old HTTP/1.0\r\n\r\n");
  auto answer = c.read_reply();
  CAF_CHECK_EQUAL(answer.body, "/old");
  CAF_CHECK_EQUAL(answer.header("connection"), "close");
  CAF_CHECK(c.closed());
}
