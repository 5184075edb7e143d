#define CAF_SUITE socket_batch
#define FAIL CAF_FAIL
#include "conf/defaults/websocket.hpp"
#include "http/socket_batch.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <caf/test/dsl.hpp>

using namespace switchboard::http;

namespace {

struct pair_of_sockets {
  pair_of_sockets() {
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) // blocking: MSG_DONTWAIT has to do
      CAF_FAIL("socketpair");
  }
  ~pair_of_sockets() {
    for (const int each : ends)
      ::close(each);
  }
  std::array<int, 2> ends{-1, -1};
};

using batch_ptr = std::unique_ptr<socket_batch>;

/// Both kinds; only one where the system has no io_uring for us.
void with_each(const std::function<void(socket_batch&)>& check) {
  check(*socket_batch::by_system_calls());
  std::string why;
  if (const batch_ptr ring = socket_batch::by_io_uring(why))
    check(*ring);
  else
    CAF_MESSAGE("no io_uring: " << why);
}

/// Puts something else in the place of this process's rings. @returns how many there were.
int replace_rings() {
  int replaced = 0;
  DIR* const folder = ::opendir("/proc/self/fd");
  std::vector<int> rings;
  while (const dirent* each = ::readdir(folder)) {
    std::array<char, 100> target{};
    const auto path = std::string{"/proc/self/fd/"} + each->d_name;
    if (::readlink(path.c_str(), target.data(), target.size() - 1) > 0 &&
        std::string{target.data()}.find("io_uring") != std::string::npos)
      rings.push_back(std::atoi(each->d_name));
  }
  ::closedir(folder);
  const int other = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int each : rings)
    replaced += ::dup2(other, each) == each ? 1 : 0;
  ::close(other);
  return replaced;
}

} // namespace

CAF_TEST(each operation moves its bytes or says why not and none waits) {
  with_each([](socket_batch& batch) {
    pair_of_sockets one, other, silent, ended;
    std::string first = "first", second = "second";
    std::array<socket_work, 2> sends{
        {{one.ends[0], first.data(), 5, 0}, {other.ends[0], second.data(), 6, 0}}};
    batch.send(sends.data(), sends.size());
    CAF_CHECK_EQUAL(sends[0].done, 5);
    CAF_CHECK_EQUAL(sends[1].done, 6);
    ::shutdown(ended.ends[0], SHUT_WR);
    std::array<std::array<char, 10>, 5> into{};
    std::array<socket_work, 5> receives{{{one.ends[1], into[0].data(), 3, 0},
                                         {silent.ends[1], into[1].data(), 10, 0},
                                         {other.ends[1], into[2].data(), 10, 0},
                                         {ended.ends[1], into[3].data(), 10, 0},
                                         {1'000'000, into[4].data(), 10, 0}}};
    batch.receive(receives.data(), receives.size());
    CAF_CHECK_EQUAL(receives[0].done, 3);
    CAF_CHECK_EQUAL(std::string(into[0].data()), "fir");
    CAF_CHECK_EQUAL(receives[1].done, -EAGAIN);
    CAF_CHECK_EQUAL(receives[2].done, 6);
    CAF_CHECK_EQUAL(std::string(into[2].data()), "second");
    CAF_CHECK_EQUAL(receives[3].done, 0);
    CAF_CHECK_EQUAL(receives[4].done, -EBADF);
    batch.receive(receives.data(), 1); // one alone
    CAF_CHECK_EQUAL(receives[0].done, 2);
  });
}

CAF_TEST(a full socket takes a part or nothing and a dead one costs no signal) {
  std::signal(SIGPIPE, SIG_DFL);
  with_each([](socket_batch& batch) {
    pair_of_sockets full, dead;
    ::shutdown(dead.ends[1], SHUT_RDWR);
    std::string much(8 << 20, 'x'), word = "word";
    std::array<socket_work, 2> sends{
        {{full.ends[0], much.data(), static_cast<uint32_t>(much.size()), 0},
         {dead.ends[0], word.data(), 4, 0}}};
    batch.send(sends.data(), sends.size());
    CAF_CHECK(sends[0].done > 0);
    CAF_CHECK(sends[0].done < static_cast<int32_t>(much.size()));
    CAF_CHECK_EQUAL(sends[1].done, -EPIPE);
    batch.send(sends.data(), sends.size());
    CAF_CHECK_EQUAL(sends[0].done, -EAGAIN);
  });
}

CAF_TEST(a batch may have as many operations as is said) {
  with_each([](socket_batch& batch) {
    pair_of_sockets pair;
    std::string bytes(switchboard::defaults::websocket::batch_max, ' ');
    std::vector<socket_work> sends;
    for (size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<char>('0' + i % 10);
      sends.push_back({pair.ends[0], &bytes[i], 1, 0});
    }
    for (int round = 0; round < 3; ++round) { // what a ring holds is used again
      batch.send(sends.data(), sends.size());
      for (auto& each : sends)
        CAF_CHECK_EQUAL(each.done, 1);
      std::string arrived(bytes.size(), ' ');
      CAF_CHECK_EQUAL(::read(pair.ends[1], arrived.data(), arrived.size()),
                      static_cast<ssize_t>(bytes.size()));
      CAF_CHECK_EQUAL(arrived, bytes); // in their order
    }
  });
}

CAF_TEST(what a ring that fails has not taken goes by system calls and so does all after it) {
  std::string why;
  const batch_ptr batch = socket_batch::by_io_uring(why);
  if (!batch) {
    CAF_MESSAGE("no io_uring: " << why);
    return;
  }
  CAF_CHECK_EQUAL(replace_rings(), 1);
  pair_of_sockets one, other;
  std::string text = "ab";
  std::array<socket_work, 2> sends{
      {{one.ends[0], text.data(), 1, 0}, {other.ends[0], text.data() + 1, 1, 0}}};
  for (int round = 0; round < 2; ++round) {
    batch->send(sends.data(), sends.size());
    CAF_CHECK_EQUAL(sends[0].done, 1);
    CAF_CHECK_EQUAL(sends[1].done, 1);
  }
  std::string first(4, ' '), second(4, ' ');
  std::array<socket_work, 2> receives{
      {{one.ends[1], first.data(), 4, 0}, {other.ends[1], second.data(), 4, 0}}};
  batch->receive(receives.data(), receives.size());
  CAF_CHECK_EQUAL(receives[0].done, 2);
  CAF_CHECK_EQUAL(receives[1].done, 2);
  CAF_CHECK_EQUAL(first + second, "aa  bb  "); // each once a round
}
