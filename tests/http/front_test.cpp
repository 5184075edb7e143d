#define CAF_SUITE front
#define FAIL CAF_FAIL

#include "http/front.hpp"
#include "tests/http/server_fixture.hpp"

#include <arpa/inet.h>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <caf/test/dsl.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>

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

  explicit bare_front(size_t connections_max) {
    front::settings settings;
    settings.connections_max = connections_max;
    settings.on_listening = [this](bool works) {
      if (works && !listening)
        ++reopened;
      listening = works;
    };
    sockets = front::make(io, std::move(settings),
                          [](http_request request, std::unique_ptr<exchange_sink> sink) {
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

CAF_TEST(old clients get an answer and a closed connection) {
  bare_front served{10};
  client c{served.sockets->port()};
  c.send("GET /old HTTP/1.0\r\n\r\n");
  auto answer = c.read_reply();
  CAF_CHECK_EQUAL(answer.body, "/old");
  CAF_CHECK_EQUAL(answer.header("connection"), "close");
  CAF_CHECK(c.closed());
}
