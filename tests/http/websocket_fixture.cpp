#include "tests/http/websocket_fixture.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <utility>

namespace switchboard::http::testing {
namespace {

constexpr int patience_ms = 5000; // only a failing test takes that long

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

} // namespace

std::string upgrade_request() {
  return "GET /streams HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
}

// -- frames ---------------------------------------------------------------------------------------

std::string frame::bytes() const {
  std::string out;
  out += static_cast<char>((fin ? 0x80 : 0) | (reserved_bits << 4) | opcode);
  const uint64_t length = claim.value_or(payload.size());
  const int mask_bit = masked ? 0x80 : 0;
  int length_bytes = 0;
  if (length < 126) {
    out += static_cast<char>(mask_bit | static_cast<int>(length));
  } else {
    length_bytes = length < 65536 ? 2 : 8;
    out += static_cast<char>(mask_bit | (length_bytes == 2 ? 126 : 127));
  }
  for (int i = length_bytes - 1; i >= 0; --i)
    out += static_cast<char>((length >> (8 * i)) & 0xff);
  const std::string key = "\x12\x34\x56\x78";
  if (masked)
    out += key;
  for (size_t i = 0; i < payload.size(); ++i)
    out += masked ? static_cast<char>(payload[i] ^ key[i % 4]) : payload[i];
  return out;
}

std::string close_payload(uint16_t code, std::string_view reason) {
  std::string out{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  out += reason;
  return out;
}

bool take_frame(std::string& bytes, frame& out) {
  auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  if (bytes.size() < 2)
    return false;
  size_t header = 2;
  uint64_t length = byte(1) & 0x7f;
  if (length >= 126) {
    const size_t length_bytes = length == 126 ? 2 : 8;
    if (bytes.size() < header + length_bytes)
      return false;
    length = 0;
    for (size_t i = 0; i < length_bytes; ++i)
      length = (length << 8) | byte(header + i);
    header += length_bytes;
  }
  const bool masked = (byte(1) & 0x80) != 0;
  const std::string key = masked ? bytes.substr(header, 4) : std::string(4, '\0');
  header += masked ? 4 : 0;
  if (bytes.size() < header + length)
    return false;
  out.opcode = static_cast<op>(byte(0) & 0x0f);
  out.fin = (byte(0) & 0x80) != 0;
  out.reserved_bits = (byte(0) >> 4) & 7;
  out.masked = masked;
  out.payload = bytes.substr(header, length);
  for (size_t i = 0; i < out.payload.size(); ++i)
    out.payload[i] = static_cast<char>(out.payload[i] ^ key[i % 4]);
  bytes.erase(0, header + length);
  return true;
}

// -- recorder -------------------------------------------------------------------------------------

void recorder::on_open() {
  ++opened;
  if (open_hook)
    open_hook();
}

void recorder::on_text(std::string_view message) {
  texts.emplace_back(message);
  if (text_hook)
    text_hook(message);
}

void recorder::on_binary(size_t bytes) {
  binaries.push_back(bytes);
}

void recorder::on_read_end() {
  ++read_ends;
  if (read_end_hook)
    read_end_hook();
}

void recorder::on_closed(const actors::link_close& how) {
  ++closings;
  closed = how;
  if (closed_hook)
    closed_hook();
}

// -- sockets --------------------------------------------------------------------------------------

raw_socket::raw_socket(int handle) : handle_(handle) {
  if (handle >= 0)
    fcntl(handle, F_SETFL, fcntl(handle, F_GETFL) | O_NONBLOCK);
}

raw_socket::raw_socket(raw_socket&& other) noexcept {
  *this = std::move(other);
}

raw_socket& raw_socket::operator=(raw_socket&& other) noexcept {
  close();
  handle_ = std::exchange(other.handle_, -1);
  received = std::move(other.received);
  ended = other.ended;
  error = other.error;
  return *this;
}

raw_socket::~raw_socket() {
  close();
}

raw_socket raw_socket::connect(uint16_t port) {
  const int handle = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(port);
  if (::connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(handle);
    return {};
  }
  return raw_socket(handle);
}

bool raw_socket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(handle_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
      continue;
    }
    pollfd poller{handle_, POLLOUT, 0};
    if (errno != EAGAIN || poll(&poller, 1, patience_ms) <= 0)
      return false;
  }
  return true;
}

size_t raw_socket::send_some(std::string_view bytes) {
  const ssize_t sent = ::send(handle_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return sent < 0 ? 0 : static_cast<size_t>(sent);
}

void raw_socket::pump() {
  char buffer[65536];
  while (!ended && handle_ >= 0) {
    const ssize_t count = recv(handle_, buffer, sizeof(buffer), 0);
    if (count > 0) {
      received.append(buffer, static_cast<size_t>(count));
    } else if (count == 0 || errno != EAGAIN) {
      ended = true;
      error = count == 0 ? 0 : errno;
    } else {
      return;
    }
  }
}

void raw_socket::finish_sending() {
  shutdown(handle_, SHUT_WR);
}

void raw_socket::reset() {
  const linger now{1, 0};
  setsockopt(handle_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  close();
}

void raw_socket::close() {
  if (handle_ >= 0)
    ::close(std::exchange(handle_, -1));
}

int raw_socket::release() {
  return std::exchange(handle_, -1);
}

raw_listener::raw_listener() : handle_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof(address);
  bind(handle_, reinterpret_cast<sockaddr*>(&address), size);
  listen(handle_, 64);
  getsockname(handle_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
}

raw_listener::~raw_listener() {
  ::close(handle_);
}

bool raw_listener::pending() const {
  pollfd poller{handle_, POLLIN, 0};
  return poll(&poller, 1, 0) > 0;
}

raw_socket raw_listener::accept() {
  pollfd poller{handle_, POLLIN, 0};
  if (poll(&poller, 1, patience_ms) <= 0)
    return {};
  return raw_socket(::accept(handle_, nullptr, nullptr));
}

std::pair<raw_socket, raw_socket> connected_pair() {
  raw_listener listener;
  raw_socket near = raw_socket::connect(listener.port());
  raw_socket far = listener.accept();
  return {std::move(near), std::move(far)};
}

// -- loop -----------------------------------------------------------------------------------------

bool event_loop::until(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    if (io.stopped())
      io.restart();
    io.run_one_for(std::chrono::milliseconds(2));
  }
  return true;
}

void event_loop::settle() {
  if (io.stopped())
    io.restart();
  while (io.poll() > 0) {
  }
}

void event_loop::tick(std::chrono::milliseconds after) {
  ticker.run(start + after);
  settle();
}

size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  size_t total = 0;
  size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

} // namespace switchboard::http::testing
