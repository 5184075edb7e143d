#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

/// The load generator's own WebSocket framing (RFC 6455 section 5.2): it shares none with the
/// server. No fragments, no extensions.
namespace sim {

enum class ws_opcode : uint8_t { text = 1, close = 8, ping = 9, pong = 10 };

/// Appends one frame. @param masked as a client must; the key is zero, which costs the receiver the
/// same work and us none.
void append_ws_frame(std::string& out, ws_opcode opcode, std::string_view payload, bool masked);

/// Finds the frames in a stream of bytes.
class ws_reader {
public:
  using on_frame = std::function<void(uint8_t opcode, std::string_view payload)>;
  /// Takes bytes (unmasking them in place) and reports whole frames.
  /// @returns false once the peer sent what no peer of ours may: fragments, over-long frames.
  bool feed(char* bytes, size_t count, const on_frame& report);

private:
  size_t one(char* bytes, size_t count, const on_frame& report);
  std::string rest_; // of a frame that is not whole yet
  bool broken_ = false;
};

/// The answer to a client's Sec-WebSocket-Key (RFC 6455 section 4.2.2).
std::string ws_accept_key(std::string_view key);
/// The value of a header in a request's or response's head, lower-case `name`; empty if absent.
std::string http_header(std::string_view head, std::string_view name);

} // namespace sim
