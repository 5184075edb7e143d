#pragma once

#include "tools/sim_common/openai_json.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sim::openai {

/// One thing for the socket: an event to send, or the end of the connection.
struct output {
  enum class kind { event, close };
  kind what = kind::event;
  json event;
  int close_code = 0;
  std::string close_reason;
};

/// The outgoing side of one session: ids, event ids, and what waits to be sent. Its random numbers
/// depend on the session's number only, so a run can be repeated.
class wire {
public:
  explicit wire(int session_number)
      : number_(session_number), random_(0x9E3779B9u * static_cast<uint32_t>(session_number) | 1) {}

  /// @returns An id never given before, such as "item_s1_000004".
  std::string new_id(const std::string& prefix);

  /// Gives the event its event_id and queues it. Nothing is queued after close().
  void send(json event);

  /// Queues an error event. @param cause The client's event_id, or empty = null.
  void send_error(const api_error& error, const std::string& cause);

  void close(int code, const std::string& reason);

  bool closed() const noexcept { return closed_; }

  /// Hands over what is queued.
  std::vector<output> take() { return std::move(waiting_); }

  /// A number in [low, high] (xorshift).
  int random(int low, int high);

  /// Random letters, as the service pads its text deltas with.
  std::string obfuscation();

private:
  int number_;
  uint32_t random_;
  uint64_t ids_ = 0;
  bool closed_ = false;
  std::vector<output> waiting_;
};

} // namespace sim::openai
