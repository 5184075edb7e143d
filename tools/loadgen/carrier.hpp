#pragma once

#include "tools/loadgen/link.hpp"
#include "tools/loadgen/options.hpp"
#include "tools/loadgen/tally.hpp"
#include "tools/sim_common/load_frames.hpp"
#include "tools/sim_common/twilio_twiml.hpp"

#include <deque>
#include <map>
#include <string>
#include <utility>

namespace sim::load {

/// One call as the carrier carries it: webhook, stream, a frame every 20 ms, marks echoed when
/// their audio is played, a stop at the end.
class carrier_call : public link_events, public pulse {
public:
  carrier_call(reactor& loop, tally& told, const options& how, uint32_t number);
  void start();
  /// Says stop and closes.
  void hang_up();
  /// Lets it end by itself once its stream has run this long; 0 = never.
  void end_after(int64_t us) { life_us_ = us; }
  bool settled() const { return state_ == state::streaming || state_ == state::over; }
  bool over() const { return state_ == state::over; }

  void on_up() override;
  void on_bytes(char* bytes, size_t count) override;
  void on_down(const std::string& why) override;
  bool on_pulse(int64_t due_us) override;

private:
  enum class state : uint8_t { idle, webhook, connecting, streaming, stopping, over };

  void on_twiml(int status, const std::string& body);
  void fail(uint64_t& which, const std::string& why);
  void begin_stream();
  void on_message(uint8_t opcode, std::string_view text);
  void hear(std::string_view base64);
  void echo_due(int64_t now);
  void queue_mark(const std::string& name);
  void send_frame(int64_t now);
  void make_template();
  void vanish();

  reactor& loop_;
  tally& told_;
  const options& how_;
  uint32_t number_;
  std::string call_sid_, stream_sid_;
  link link_;
  ws_reader reader_;
  state state_ = state::idle;
  std::map<std::string, std::string> parameters_;
  std::string head_, heard_, frame_tail_;
  bool upgraded_ = false, heard_any_ = false;
  uint64_t sequence_ = 1, chunk_ = 0;
  int64_t webhook_us_ = 0, connect_us_ = 0, started_us_ = 0, life_us_ = 0, played_until_us_ = 0;
  std::deque<std::pair<int64_t, std::string>> marks_; // and when their audio is played
};

} // namespace sim::load
