#define CAF_SUITE hostile_peers
#define FAIL CAF_FAIL
#include "tests/end_to_end/world.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <caf/test/dsl.hpp>

using namespace e2e;

namespace {

/// A raw socket to the server: what it sends is nobody's idea of a WebSocket library.
class raw_peer {
public:
  explicit raw_peer(uint16_t port) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    timeval patience{10, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }
  ~raw_peer() { close(fd_); }

  bool send_all(const std::string& bytes) {
    size_t sent = 0;
    while (sent < bytes.size()) {
      const auto n = send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (n <= 0)
        return false;
      sent += static_cast<size_t>(n);
    }
    return true;
  }

  bool upgrade() {
    send_all("GET /streams HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    std::string head;
    char c;
    while (head.find("\r\n\r\n") == std::string::npos && recv(fd_, &c, 1, 0) == 1)
      head += c;
    return head.rfind("HTTP/1.1 101", 0) == 0;
  }

  /// @returns true if the server ended the connection (within the receive time-out).
  bool ended() {
    char buffer[4096];
    for (;;) {
      const auto n = recv(fd_, buffer, sizeof buffer, 0);
      if (n == 0)
        return true;
      if (n < 0)
        return errno == ECONNRESET;
    }
  }

private:
  int fd_ = -1;
  bool connected_ = false;
};

/// A client frame (masked with zeros) of the given opcode; `claimed` is the length it announces.
std::string frame(uint8_t opcode, uint64_t claimed, const std::string& payload) {
  std::string bytes;
  bytes += static_cast<char>(0x80 | opcode);
  bytes += static_cast<char>(0x80 | 127);
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes += static_cast<char>(claimed >> shift & 0xFF);
  bytes += std::string(4, '\0');
  return bytes + payload;
}

struct hostile_world : world {
  long before_kib = 0;

  hostile_world() {
    start_model();
    start_server();
    start_calls("honest", {"--hangup-after", "12"});
    wait_until([&] { return active_calls() == 1; });
    before_kib = server.resident_kib();
  }

  /// The honest call beside it has noticed nothing and the server has not grown.
  void check_unharmed() {
    CAF_CHECK_EQUAL(get("/health").status, 200);
    const auto grown_kib = server.resident_kib() - before_kib;
    CAF_MESSAGE("grew by " << grown_kib << " KiB");
    CAF_CHECK(!memory_can_be_judged || grown_kib < 16 * 1024);
    CAF_CHECK_EQUAL(finish_calls("honest"), 0);
    CAF_CHECK_EQUAL(stop_server(), 0);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(hostile_peers_tests, hostile_world)

CAF_TEST(a frame that claims two gigabytes costs its own connection) {
  raw_peer peer{port()};
  CAF_REQUIRE(peer.upgrade());
  peer.send_all(frame(1, 2'000'000'000, "{"));
  CAF_CHECK(peer.ended());
  check_unharmed();
}

CAF_TEST(a megabyte of brackets costs its own connection) {
  raw_peer whole{port()};
  CAF_REQUIRE(whole.upgrade());
  whole.send_all(frame(1, 1 << 20, std::string(1 << 20, '[')));
  CAF_CHECK(whole.ended());
  raw_peer in_parts{port()}; // each message within the bound
  CAF_REQUIRE(in_parts.upgrade());
  for (int i = 0; i < 32; ++i)
    in_parts.send_all(frame(1, 32'000, std::string(32'000, '[')));
  CAF_CHECK(in_parts.ended());
  check_unharmed();
}

CAF_TEST(binary frames and silence and garbage cost their own connections) {
  raw_peer binary_frames{port()};
  CAF_REQUIRE(binary_frames.upgrade());
  for (int i = 0; i < 100; ++i)
    binary_frames.send_all(frame(2, 100, std::string(100, '\x01')));
  raw_peer silent{port()};
  CAF_REQUIRE(silent.upgrade());
  raw_peer garbage{port()};
  garbage.send_all(std::string(1000, '\xff'));
  CAF_CHECK(binary_frames.ended()); // no start within 5 s
  CAF_CHECK(silent.ended());
  CAF_CHECK(garbage.ended());
  check_unharmed();
}

CAF_TEST(a stream with a wrong ticket or a wrong signature is refused) {
  CAF_CHECK_EQUAL(
      place_calls("forged", {"--bad-ticket", "--hangup-after", "3", "--expect-refused"}), 0);
  CAF_CHECK_EQUAL(
      place_calls("unsigned", {"--bad-signature", "--hangup-after", "3", "--expect-refused"}), 0);
  CAF_CHECK_EQUAL(
      place_calls("upgrade", {"--bad-stream-signature", "--hangup-after", "3", "--expect-refused"}),
      0);
  check_unharmed();
}

CAF_TEST_FIXTURE_SCOPE_END()
