#pragma once

#include "actors/call_context.hpp"
#include "actors/carrier_link.hpp"
#include "actors/latest_map.hpp"
#include "actors/line.hpp"
#include "audio/arrival_delay.hpp"
#include "audio/arrival_jitter.hpp"
#include "audio/media_clock.hpp"
#include "audio/playback_ledger.hpp"

#include <memory>
#include <optional>
#include <string>

namespace switchboard::actors {

/// A carrier link in a message: taken out once by its receiver.
using carrier_link_box = std::shared_ptr<std::unique_ptr<carrier_link>>;

/// The caller's side of a call: owns the media socket, places its audio on call media time, keeps
/// the playback ledger of what was sent to it. Pinned to the line. Messages it takes:
///   (resume, box, stream_start)   a (new) stream; an older socket is closed
///   (filler, bool)                fill the gap with a soft tone; false: the agent is back
///   (tick)                        every defaults::line::tick
///   (park)                        closes the socket; the call goes on with another stream
///   (finish) -> bool              the call is over: closes the socket, then ends
/// It tells its supervisor (the call): (stopped) when the carrier stopped the stream, (legdown,
/// link_close) when the socket is gone, (digit, char) for DTMF.
class twilio_leg : public line_actor, public carrier_events, public agent_audio_sink {
public:
  twilio_leg(caf::actor_config& cfg, line* where, caf::actor call, call_context_ptr context);

  const char* name() const override { return "twilio_leg"; }
  caf::behavior make_behavior() override;

  // -- carrier_events (from the socket, on the line) ----------------------------------------------
  void on_caller_audio(uint64_t timestamp_ms, audio::byte_view pcmu) override;
  void on_carrier_read_end() override;
  void on_mark_echo(std::string_view mark_name) override;
  void on_dtmf(char digit) override;
  void on_stream_stop() override;
  void on_carrier_closed(const link_close& why) override;

  // -- agent_audio_sink (from the model leg, on the line) -----------------------------------------
  void on_agent_audio(std::string_view item_id, audio::byte_view pcmu) override;
  void on_agent_item_done(std::string_view item_id) override;
  void on_agent_read_end() override;
  audio::cut_result on_interruption(const interruption& what) override;
  bool agent_audible() const override;
  uint64_t agent_queued_ms() const override { return ledger_.queued_ms(now_ms()); }
  void on_tick() override;

  const audio::playback_ledger& ledger() const { return ledger_; }

protected:
  void release() override;

private:
  struct open_item {
    audio::item_index index = 0;
    uint64_t sent_bytes = 0;
  };

  void take_stream(const carrier_link_box& box, const stream_start& start);
  void stream_over(std::string_view why);
  bool interrupts(const interruption& what, uint64_t now_ms) const;
  void finish();
  void report_playback(uint64_t now_ms);
  void send_item_audio(open_item& item, audio::byte_view pcmu, uint64_t now_ms);
  audio::cut_result clear_carrier(uint64_t now_ms);
  void fill(bool on);
  void feed_filler(uint64_t now_ms);
  void end_filler(uint64_t now_ms);
  audio::byte_buffer& batch();
  void measure_batch(size_t bytes);
  void send_mark(open_item& item, const std::string& mark_name, uint64_t now_ms);
  open_item& item_of(std::string_view item_id, uint64_t now_ms);
  uint64_t now_ms() const { return context_->media_ms(line_now()); }

  // First what each frame needs.
  call_context_ptr context_;
  std::unique_ptr<carrier_link> link_;
  bool link_gone_ = false; // its socket is closed; the link waits to be replaced
  link_end gone_by_{};     // and why it was
  bool finished_ = false;
  bool filler_wanted_ = false;
  std::optional<open_item> filler_; // its tone: unknown to the model, no turn of the conversation
  uint64_t batch_at_ms_ = 0;
  uint64_t batch_timestamp_ms_ = 0; // of its first frame, the one that waited longest
  audio::arrival_jitter arrivals_;
  audio::arrival_delay arrival_; // of this stream
  audio::stream_clock caller_clock_;
  latest_map<open_item> open_items_; // not done yet
  audio::playback_ledger ledger_;
  caf::actor call_;
  std::unique_ptr<carrier_link> old_link_; // closing, until its socket is gone
  unsigned fillers_ = 0;
};

caf::actor spawn_twilio_leg(caf::actor_system&, line*, caf::actor call, call_context_ptr);

} // namespace switchboard::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::carrier_link_box)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::stream_start)
