#define CAF_SUITE staged_sends
#define FAIL CAF_FAIL
#include "conf/defaults/websocket.hpp"
#include "http/staged_sends.hpp"

#include <cerrno>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <caf/test/dsl.hpp>

using namespace switchboard::http;
namespace limits = switchboard::defaults::websocket;

namespace {

/// Takes of each send what it is told to.
struct scripted_batch : socket_batch {
  void receive(socket_work*, size_t) override { CAF_FAIL("nothing is received"); }
  void send(socket_work* first, size_t count) override {
    ++calls;
    for (auto* work = first; work != first + count; ++work) {
      sent.emplace_back(work->bytes, work->count);
      work->done = takes ? takes(*work) : static_cast<int32_t>(work->count);
    }
  }
  int calls = 0;
  std::vector<std::string> sent;
  std::function<int32_t(const socket_work&)> takes;
};

struct fake_socket : polled_socket {
  uint8_t wants() const override { return no_interest; }
  void on_received(char*, size_t, int) override {}
  void on_room() override {}
  void on_unsent(const char* rest, size_t count, int error) override {
    ++told;
    unsent.append(rest, count);
    last_error = error;
    if (then)
      then();
  }
  void on_poller_gone() override {}
  int told = 0, last_error = 0;
  std::string unsent;
  std::function<void()> then;
};

struct fixture {
  bool put(fake_socket& socket, const std::string& bytes) {
    return sends.put(7, socket, bytes.data(), bytes.size());
  }
  scripted_batch batch;
  staged_sends sends;
  fake_socket one, other;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(staged_sends_tests, fixture)

CAF_TEST(what was put is sent in its order and once) {
  CAF_CHECK(sends.empty());
  CAF_CHECK(put(one, "a"));
  CAF_CHECK(put(other, "bc"));
  CAF_CHECK(put(one, "d"));
  CAF_CHECK(!sends.empty());
  const uint32_t number = sends.number();
  sends.settle(batch);
  CAF_CHECK_EQUAL(batch.sent, (std::vector<std::string>{"a", "bc", "d"}));
  CAF_CHECK(sends.number() != number);
  sends.settle(batch);
  CAF_CHECK_EQUAL(batch.calls, 1);
  CAF_CHECK_EQUAL(one.told + other.told, 0);
}

CAF_TEST(who has a rest is told it and whether its socket was full or has failed) {
  CAF_CHECK(put(one, "all of it"));
  CAF_CHECK(put(other, "12345"));
  batch.takes = [](const socket_work& work) { return work.count == 5 ? 2 : -EAGAIN; };
  sends.settle(batch);
  CAF_CHECK_EQUAL(one.unsent, "all of it");
  CAF_CHECK_EQUAL(other.unsent, "345");
  CAF_CHECK_EQUAL(one.last_error + other.last_error, 0);
  CAF_CHECK(put(one, "x"));
  batch.takes = [](const socket_work&) { return -EPIPE; };
  sends.settle(batch);
  CAF_CHECK_EQUAL(one.last_error, EPIPE);
}

CAF_TEST(there is room for so many and for so many bytes) {
  for (size_t i = 0; i < limits::batch_max; ++i)
    CAF_CHECK(put(one, "x"));
  CAF_CHECK(!put(one, "x"));
  sends.settle(batch);
  CAF_CHECK_EQUAL(batch.sent.size(), limits::batch_max);
  const std::string large(limits::staged_send_bytes_max, 'y');
  size_t bytes = 0;
  while (put(one, large))
    bytes += large.size();
  CAF_CHECK(bytes + large.size() > limits::staged_bytes_max);
  CAF_CHECK(bytes <= limits::staged_bytes_max);
  sends.settle(batch);
  CAF_CHECK(put(one, large));
}

CAF_TEST(all are told their rests also if one of them throws) {
  batch.takes = [](const socket_work&) { return -EAGAIN; };
  CAF_CHECK(put(one, "a"));
  CAF_CHECK(put(other, "b"));
  one.then = [] { throw std::runtime_error("of the test"); };
  bool thrown = false;
  try {
    sends.settle(batch);
  } catch (const std::runtime_error&) {
    thrown = true;
  }
  CAF_CHECK(thrown);
  CAF_CHECK_EQUAL(other.unsent, "b");
  CAF_CHECK(sends.empty());
  one.then = nullptr;
  CAF_CHECK(put(one, "c")); // and it goes on
}

CAF_TEST(nothing is put nor settled while rests are told and who goes away meanwhile is told none) {
  batch.takes = [](const socket_work&) { return -EAGAIN; };
  CAF_CHECK(put(one, "a"));
  CAF_CHECK(put(other, "b"));
  one.then = [&] {
    CAF_CHECK(!put(one, "late"));
    sends.settle(batch);
    sends.forget(other);
  };
  sends.settle(batch);
  CAF_CHECK_EQUAL(batch.calls, 1);
  CAF_CHECK_EQUAL(one.told, 1);
  CAF_CHECK_EQUAL(other.told, 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
