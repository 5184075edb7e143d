#pragma once

#include "actors/actor_error.hpp"
#include "actors/call_context.hpp"
#include "actors/line.hpp"
#include "actors/model_codec.hpp"
#include "actors/model_link.hpp"
#include "audio/media_clock.hpp"
#include "audio/playback_ledger.hpp"

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

namespace switchboard::actors {

/// What one model session starts with.
struct model_leg_setup {
  model_connector* connector = nullptr;  ///< of the line; outlives the leg
  session_settings settings;
  std::string greeting;                  ///< how to greet; empty = wait for the caller
  std::vector<spoken_line> history;      ///< what was said before (a restart), oldest first
  bool answer_due = false;               ///< the caller spoke last
};

/// The model's side of a call: one session on one socket; its supervisor starts a new one when it ends.
/// Pinned to the line. Messages it takes:
///   (truncate, cut_result)   what the caller did not hear
///   (finish)                 close the session; ends normally
/// It tells its supervisor (modelup) when the session is configured, and ends with model_lost or
/// model_fatal as its exit reason otherwise.
class openai_leg : public line_actor, public model_events, public caller_audio_sink {
public:
  openai_leg(caf::actor_config& cfg, line* where, caf::actor call, caf::actor carrier_leg,
             call_context_ptr context, model_leg_setup setup);

  const char* name() const override { return "openai_leg"; }
  caf::behavior make_behavior() override;

  // -- model_events (from the socket, on the line) --------------------------------------------------
  void on_model_open() override;
  void on_model_event(const model_event& event) override;
  void on_model_read_end() override;
  void on_model_closed(const link_close& why) override;

  // -- caller_audio_sink (from the carrier leg, on the line) ----------------------------------------
  void on_caller_audio(uint64_t at_ms, audio::byte_view pcmu) override;

protected:
  void release() override;

private:
  void on_session_created(const model_event& event);
  void on_session_updated();
  void on_caller_event(const model_event& event);
  void on_agent_event(const model_event& event);
  void on_audio(const model_event& event);
  void on_response_done(const model_event& event);
  void on_error(const model_event& event);
  void replay_history();
  void truncate(const audio::cut_result& cut);
  void finish();
  void end_with(actor_error why, const std::string& detail);
  bool is_discarded(const model_event& event) const;
  uint64_t now_ms() const { return context_->media_ms(home_system().clock().now()); }

  caf::actor call_;
  caf::actor carrier_leg_;
  call_context_ptr context_;
  model_leg_setup setup_;
  std::unique_ptr<model_link> link_;
  model_audio_codec codec_;
  audio::session_time_map session_time_;
  std::string session_id_;
  std::string update_event_id_;
  std::string active_response_;
  std::string interrupted_response_;          // its later audio is not for the caller
  std::unordered_set<std::string> silent_;    // out-of-band responses: never played
  std::unordered_set<std::string> open_items_;  // audio begun and not done
  uint64_t speech_started_ms_ = 0;
  bool configured_ = false;
  bool ending_ = false;
};

caf::actor spawn_openai_leg(caf::actor_system&, line*, caf::actor call, caf::actor carrier_leg,
                            call_context_ptr, model_leg_setup);

} // namespace switchboard::actors
