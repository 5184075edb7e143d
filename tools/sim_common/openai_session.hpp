#pragma once

#include "tools/sim_common/openai_core.hpp"
#include "tools/sim_common/openai_input.hpp"
#include "tools/sim_common/openai_responder.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim::openai {

/// One realtime session as the model service runs it: client events in, server events out, on a
/// clock that the owner moves. No sockets, no threads, no real time.
///
/// After each feed or advance, take() what is to be sent and wait until next_due_ms(). All times
/// are ms since the session's start.
class session {
public:
  session(session_options options, std::shared_ptr<const script> lines);
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// A text frame of the client. Never throws.
  void feed_text(std::string_view frame, int64_t now_ms);
  /// A binary frame: the protocol has none.
  void feed_binary(int64_t now_ms);
  void advance(int64_t now_ms) { core_.time.run_until(now_ms); }

  std::optional<int64_t> next_due_ms() const { return core_.time.next_due_ms(); }
  std::vector<output> take();
  bool closed() const noexcept { return core_.out.closed(); }

  /// What happened, for the report file.
  json report() const;
  const samples& heard() const noexcept { return input_.heard(); }

private:
  void begin();
  void dispatch(const json& event, const std::string& cause);
  void update(const json& change, const std::string& cause);
  void create_item(const json& event, const std::string& cause);
  bool refuse_item(const json& shape, const std::string& cause);
  void retrieve(const json& event, const std::string& cause);
  void truncate(const json& event, const std::string& cause);
  void erase(const json& event, const std::string& cause);
  item_ptr find_item(const json& event, const char* verb, const std::string& cause);
  void caller_speaks();
  void turn_ended();
  void arm_idle(int64_t playing_ms);
  void expire();
  json turn_detection() const;

  core core_;
  input_audio input_;
  responder responder_;
};

} // namespace sim::openai
