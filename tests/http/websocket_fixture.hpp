#pragma once

#include "http/websocket.hpp"

#include <asio/io_context.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchboard::http::testing {

/// A request head as RESTinio hands it over; its key is the example of RFC 6455 section 1.3.
std::string upgrade_request();
/// The accept value that belongs to it.
constexpr const char* sample_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

enum op : uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Bytes of one frame, made by hand. A `claim` is written as its length instead of the real one.
struct frame {
  op opcode = text;
  std::string payload;
  bool fin = true;
  bool masked = true;
  uint8_t reserved_bits = 0;
  std::optional<uint64_t> claim = {};
  std::string bytes() const;
};
std::string close_payload(uint16_t code, std::string_view reason = {});

/// Takes the first whole frame off `bytes`, unmasked. @returns false if there is none.
bool take_frame(std::string& bytes, frame& out);

/// Writes down what a websocket reports; hooks run after the note is made.
class recorder : public websocket_events {
public:
  void on_open() override;
  void on_text(std::string_view message) override;
  void on_binary(size_t bytes) override;
  void on_read_end() override;
  void on_closed(const actors::link_close& closed) override;

  int opened = 0;
  std::vector<std::string> texts;
  std::vector<size_t> binaries;
  int read_ends = 0;
  int closings = 0;
  actors::link_close closed;
  std::function<void()> open_hook;
  std::function<void(std::string_view)> text_hook;
  std::function<void()> read_end_hook;
  std::function<void()> closed_hook;
};

/// A TCP socket used by hand, never blocking.
class raw_socket {
public:
  raw_socket() = default;
  explicit raw_socket(int handle);
  raw_socket(raw_socket&& other) noexcept;
  raw_socket& operator=(raw_socket&& other) noexcept;
  ~raw_socket();

  static raw_socket connect(uint16_t port);
  /// All of `bytes`; waits up to 5 s for room. @returns false on an error.
  bool send(std::string_view bytes);
  /// As much as fits now.
  size_t send_some(std::string_view bytes);
  /// Reads what is there into `received`, sets `ended` and `error`.
  void pump();
  void finish_sending();
  void reset(); ///< RST
  void close();
  int release();
  bool valid() const { return handle_ >= 0; }

  std::string received;
  bool ended = false;
  int error = 0;

private:
  int handle_ = -1;
};

/// Listens on a port of 127.0.0.1 that the system chooses.
class raw_listener {
public:
  raw_listener();
  ~raw_listener();
  uint16_t port() const { return port_; }
  /// An invalid socket if nobody connects within 5 s.
  raw_socket accept();
  bool pending() const;

private:
  int handle_ = -1;
  uint16_t port_ = 0;
};

/// One io_context with its ticker, run by hand.
struct event_loop {
  asio::io_context io;
  actors::ticker ticker;
  actors::monotonic start = std::chrono::steady_clock::now();

  /// Runs handlers until `done`, at most 5 s (only a failing test takes that long).
  bool until(const std::function<bool()>& done);
  /// Runs what is ready, and what that makes ready.
  void settle();
  /// Moves the virtual time: one tick, `after` the start.
  void tick(std::chrono::milliseconds after);
};

/// Two ends of a TCP connection on 127.0.0.1.
std::pair<raw_socket, raw_socket> connected_pair();

/// Reads this process's resident memory, in bytes.
size_t resident_bytes();

} // namespace switchboard::http::testing
