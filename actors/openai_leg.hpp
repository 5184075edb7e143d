#pragma once

#include "actors/actor_error.hpp"
#include "actors/call_context.hpp"
#include "actors/latest_map.hpp"
#include "actors/line.hpp"
#include "actors/model_codec.hpp"
#include "actors/model_link.hpp"
#include "actors/response_owner.hpp"
#include "actors/review_listener.hpp"
#include "actors/tool_calls.hpp"
#include "audio/input_continuity.hpp"
#include "audio/media_clock.hpp"
#include "audio/playback_ledger.hpp"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace switchboard::actors {

/// What one model session is opened with.
struct model_leg_setup {
  std::string call_id;                  ///< for the log
  model_connector* connector = nullptr; ///< of the line; outlives the leg
  session_settings settings;
  std::chrono::milliseconds unclaimed_max{0}; ///< closed when nobody takes it over; 0 = never
  caf::actor opener = {};                     ///< told (standby) when it waits; may be invalid
};

/// What makes an open session the one that a call talks to.
struct session_start {
  caf::actor call; ///< its supervisor from now on
  call_context_ptr context;
  std::string greeting; ///< how to greet when nothing was said yet; empty = wait
  bool answers = true;  ///< answers what the caller said last, if that is due
};

/// The model's side of a call: one session on one socket; its supervisor starts a new one when it
/// ends. It opens and configures the session at once and then waits to be taken over. Pinned to the
/// line. Messages it takes:
///   (takeover, session_start)  the session is the call's: it replays, listens and speaks
///   (tick)                     every defaults::line::tick while it is the call's
///   (toolout, tool_exchange, bool) -> bool  a function was run, whichever session called it; true
///   =
///                              the model is to go on with it
///   (say, instructions)        the agent is to say something of our wish
///   (digits, text)             the caller pressed keys
///   (finish)                   close the session; ends normally
///   (review, actor)            the call is over: ask the session what it thinks of it, tell the
///   actor
///                              (review, review_answer), then finish; within
///                              defaults::analysis::review_deadline
/// It tells its call (modelup, uint64 ms that the session has left, 0 = unknown) when it is both
/// configured and taken over, (runtool, function_call) for each function to run, and ends with
/// model_lost or model_fatal as its exit reason otherwise.
class openai_leg : public line_actor, public model_events, public caller_audio_sink {
public:
  openai_leg(caf::actor_config& cfg, line* where, model_leg_setup setup);

  const char* name() const override { return "openai_leg"; }
  caf::behavior make_behavior() override;

  // -- model_events (from the socket, on the line)
  // --------------------------------------------------
  void on_model_open() override;
  void on_model_event(const model_event& event) override;
  void on_model_read_end() override;
  void on_model_closed(const link_close& why) override;

  // -- caller_audio_sink (from the carrier leg, on the line)
  // ----------------------------------------
  void on_caller_audio(uint64_t at_ms, audio::byte_view pcmu) override;
  void on_tick() override;

protected:
  void release() override;

private:
  // -- the session (openai_leg.cpp)
  // -----------------------------------------------------------------
  void take_over(const session_start& start);
  void on_session_created(const model_event& event);
  void on_session_updated();
  void go_live();
  bool replay_history();
  void greet_or_answer(bool first);
  void on_error(const model_event& event);
  void finish();
  void leave_call();
  void end_with(actor_error why, const std::string& detail);
  void lose(size_t reason, actor_error why, const std::string& detail);
  uint64_t left_ms() const;

  // -- the talk (openai_leg_talk.cpp)
  // ---------------------------------------------------------------
  void append(uint64_t at_ms, audio::byte_view pcmu);
  void append_silence(const audio::silence_fill& fill);
  void on_caller_event(const model_event& event);
  void on_speech_started(const model_event& event);
  void on_speech_stopped(const model_event& event);
  void on_agent_event(const model_event& event);
  void on_audio(const model_event& event);
  void on_audio_done(const model_event& event);
  void on_response_done(const model_event& event);
  void truncate(const audio::cut_result& cut);

  // -- functions, and what we make it say (openai_leg_tools.cpp)
  // --------------------------------------
  void on_function_call(const model_event& event);
  void run_tools(const std::string& response_id);
  void on_tool_output(const tool_exchange& used, bool answer);
  void tell_late_output(tool_exchange used);
  void send_outputs(std::vector<tool_exchange> exchanges, bool answer);
  void record_tools();
  void say(const std::string& instructions);
  void on_digits(const std::string& digits);
  bool may_be_interrupted() const;
  void guard_greeting();

  // -- after the call (openai_leg_review.cpp)
  // -----------------------------------------------------------------
  void begin_review(const caf::actor& reader);
  void on_review_event(const model_event& event);
  void end_review();
  void release_review();

  void want_response(response_need why, create_response request);
  void ask_for_response();
  uint64_t now_ms() const { return context_->media_ms(line_now()); }
  /// The session is the one that the call talks to.
  bool talks() const { return live_ && !ending_ && !left_; }

  struct begun {};

  // First what each frame needs.
  call_context_ptr context_; // null until taken over
  std::unique_ptr<model_link> link_;
  bool configured_ = false;
  bool live_ = false;
  bool left_ = false;
  bool ending_ = false;
  bool review_counted_ = false;
  std::optional<review_listener> review_; // while its answer is waited for
  audio::input_continuity continuity_;
  audio::session_time_map session_time_;
  latest_map<begun> open_items_; // audio begun and not done
  response_owner responses_;
  model_leg_setup setup_;
  model_audio_codec codec_;
  caf::actor call_;
  session_start start_;
  tool_calls tools_;
  std::string session_id_;
  std::string update_event_id_;
  monotonic expires_{};                  // epoch = not known
  std::deque<std::string> spoken_items_; // this session's; others mean nothing to it
  uint64_t live_since_ms_ = 0;
  uint64_t speech_started_ms_ = 0;
  caf::actor reader_; // gets the review
};

/// Opens a session; send it (takeover, session_start) to put it to use.
caf::actor spawn_openai_leg(caf::actor_system&, line*, model_leg_setup);

} // namespace switchboard::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::session_start)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::review_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::function_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::tool_exchange)
