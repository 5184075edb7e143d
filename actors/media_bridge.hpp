#pragma once

#include "audio/bytes.hpp"
#include "audio/playback_ledger.hpp"

#include <cstdint>
#include <deque>
#include <string_view>

namespace switchboard::actors {

/// Takes what the caller says: PCMU at its call media time. Called on the line.
class caller_audio_sink {
public:
  virtual ~caller_audio_sink() = default;
  virtual void on_caller_audio(uint64_t at_ms, audio::byte_view pcmu) = 0;
  /// The call's tick: what is due by time.
  virtual void on_tick() = 0;
};

/// Speech of the caller that may interrupt the agent.
struct interruption {
  uint64_t at_ms = 0;   ///< call media time at which it began
  bool overdue = false; ///< spoken before the session listened and sent to it late: it interrupts
                        ///< only what could be heard when it was spoken
};

/// Takes what the agent says: PCMU in the order of speaking. Called on the line.
class agent_audio_sink {
public:
  virtual ~agent_audio_sink() = default;
  virtual void on_agent_audio(std::string_view item_id, audio::byte_view pcmu) = 0;
  virtual void on_agent_item_done(std::string_view item_id) = 0;
  /// All that one read of the model's socket brought has been passed on: write it out.
  virtual void on_agent_read_end() = 0;
  /// The caller speaks over the agent. @returns what was cut; empty if nothing could be heard.
  virtual audio::cut_result on_interruption(const interruption& what) = 0;
  /// Whether the caller has audio still to hear.
  virtual bool agent_audible() const = 0;
  /// Estimate of the audio that the caller has still to hear.
  virtual uint64_t agent_queued_ms() const { return 0; }
  /// The call's tick: what is due by time.
  virtual void on_tick() = 0;
};

/// Carries frames between the two legs of a call by direct calls: both live on one line, and a
/// message per frame would cost an allocation and a hop (docs/adr/0003). Of control the
/// interruption goes this way, since `clear` must not wait for other calls' turns on the line, and
/// the call's tick.
///
/// While no model session listens, the caller's audio is kept (bounded; the oldest goes first) and
/// handed to the next session. Belongs to the line; not thread-safe.
class media_bridge {
public:
  struct kept_audio {
    uint64_t at_ms;
    audio::byte_buffer pcmu;
  };

  /// A session takes over: gets what was kept, then everything live. Null: keep from now on.
  void set_model(caller_audio_sink* sink);
  /// The session listens no more; nothing changes if another one has taken over.
  void leave_model(const caller_audio_sink* sink);
  void set_carrier(agent_audio_sink* sink) { carrier_ = sink; }

  void caller_audio(uint64_t at_ms, audio::byte_view pcmu);
  void agent_audio(std::string_view item_id, audio::byte_view pcmu);
  void agent_item_done(std::string_view item_id);
  void agent_read_end();
  /// @returns what the model is to be told about; empty if nothing was cut.
  audio::cut_result interrupt(const interruption& what);
  bool agent_audible() const { return carrier_ != nullptr && carrier_->agent_audible(); }
  uint64_t agent_queued_ms() const { return carrier_ != nullptr ? carrier_->agent_queued_ms() : 0; }

  /// To both legs, as far as they are there.
  void tick();
  /// Whether somebody speaks in what is kept.
  bool kept_is_voiced() const;
  size_t kept_bytes() const { return kept_bytes_; }
  uint64_t dropped_bytes() const { return dropped_bytes_; }

private:
  void keep(uint64_t at_ms, audio::byte_view pcmu);

  caller_audio_sink* model_ = nullptr;
  agent_audio_sink* carrier_ = nullptr;
  std::deque<kept_audio> kept_;
  size_t kept_bytes_ = 0;
  uint64_t dropped_bytes_ = 0;
};

} // namespace switchboard::actors
