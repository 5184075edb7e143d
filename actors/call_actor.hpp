#pragma once

#include "actors/analyst.hpp"
#include "actors/call.hpp"
#include "actors/call_limits.hpp"
#include "actors/call_state.hpp"
#include "actors/digit_collector.hpp"
#include "actors/farewell.hpp"
#include "actors/openai_leg.hpp"
#include "actors/recorder.hpp"
#include "actors/recording_pauses.hpp"
#include "actors/rollover.hpp"
#include "actors/supervisor.hpp"
#include "conf/defaults/analysis.hpp"

#include <optional>

namespace switchboard::actors {

/// The supervisor of one call: owns its state and its children, decides nothing about media.
class call_actor : public line_actor, public tickable {
public:
  call_actor(caf::actor_config& cfg, line* where, call_services_ptr services, call_setup setup);

  const char* name() const override { return "call"; }
  caf::behavior make_behavior() override;
  void on_tick(monotonic now) override;

protected:
  void release() override;

private:
  enum child : uint8_t { carrier_leg, model_leg, next_model, recorder, turns, analyst };

  // -- children (call_children.cpp)
  // -----------------------------------------------------------------
  void add_children();
  journal_way way_of_journal() const;
  caf::actor spawn_call_recorder();
  caf::actor spawn_call_analyst();

  // -- model sessions (call_sessions.cpp)
  // -------------------------------------------------------------
  caf::actor spawn_model_leg();
  caf::actor open_session(caf::actor opener);
  session_start next_session_start();
  void on_model_up(uint64_t left_ms);
  void on_model_down();
  void count_model_reconnect();
  void fill_the_gap(monotonic now);
  void roll_over(monotonic now);
  void promote_next(session_start start);
  void next_session_failed();

  // -- a call that another process began (call_resume.cpp)
  // ---------------------------------------------
  void go_on(const storage::call_past& past);

  // -- life (call.cpp)
  // ------------------------------------------------------------------------------
  void start();
  void tell_not_recorded();
  void on_down(const caf::down_msg& down);
  void happened(call_event what, const std::string& why);
  void on_stream(const carrier_link_box& box, const stream_start& begun);
  void await_carrier();
  next_step what_next();

  // -- what the model has us do (call_tools.cpp)
  // --------------------------------------------------------
  void run_tool(const function_call& call);
  void answer_tool(const function_call& call, std::string output, bool go_on);
  void pass_tool_output(tool_exchange used, bool go_on);
  void keep_recording(const function_call& call, bool paused);
  void end_by_agent(const function_call& call);
  void transfer(const function_call& call);
  void press_digits(const function_call& call);
  void run_http_tool(const function_call& call);
  void send_caller_digits(monotonic now);
  void digits_pressed();

  // -- ending well (call_goodbye.cpp)
  // -------------------------------------------------------------------
  void watch_limits(monotonic now);
  void part(const std::string& why, next_step then, const std::string& last_words);
  void go_on_parting(monotonic now);
  agent_activity agent() const;

  // -- the end (call_ending.cpp)
  // ----------------------------------------------------------------------
  void end(storage::call_status status, const std::string& why);
  void legs_told();
  void finish_recorder();
  void finish_figures();
  void take_last_analyst();
  void ask_for_review();
  bool review_due() const;
  void end_part_stored();
  void write_end();
  void wind_up();
  void maybe_quit();
  void hang_up_by_rest();

  void count_state(int64_t step);
  void count_answers();
  void store_stream_sid(const std::string& stream_sid);
  bool pause_recording(bool paused);
  void pass_on_turns();
  void pass_on_facts();
  void pass_on_figures(uint64_t now_media_ms);
  call_snapshot snapshot(uint64_t length_ms, storage::wall_ms taken_at) const;
  uint64_t now_ms() const { return context_->media_ms(line_now()); }
  /// Whether sound of this call is kept: node and agent both allow it.
  bool recorded() const {
    return services_->config->recording && setup_.facts.profile->record && !disk_low_;
  }

  call_services_ptr services_;
  call_setup setup_;
  call_context_ptr context_;
  supervisor children_;
  recording_pauses pauses_;
  call_state state_ = call_state::connecting;
  bool model_ready_ = false;
  bool was_ready_ = false;  // some session was configured before: the next one is a restart
  bool next_ready_ = false; // the next session is open and waits
  bool filling_ = false;    // the carrier leg was told to fill the gap
  monotonic model_away_since_{};
  rollover_schedule rollover_;
  uint64_t resume_generation_ = 0;
  std::optional<storage::call_update> end_;
  uint64_t end_ms_ = 0;
  std::string end_why_;
  int64_t call_wall_ms_ = 0; // when the call's stream started, for its files' names
  std::string stem_;         // of journal and recording, below the storage path
  unsigned end_tries_ = 0;
  bool end_stored_ = false;
  unsigned end_parts_ = 0; // of what is stored before the end: turns, figures
  uint64_t next_snapshot_ms_ = defaults::analysis::snapshot_interval_ms;
  bool ticking_ = false;
  bool started_ = false; // the children exist
  const bool disk_low_;  // when it began, and such calls are not to be recorded (DISK_LOW_ACTION)
  journal_way journal_way_;
  std::optional<journal_feeder> feeder_; // none: the call is not recorded
  bool recorder_told_ = false;           // that the call is over
  conversation::latency answers_counted_;
  bool will_be_asked_ = false; // we ended the stream: the carrier asks what follows
  next_step sequel_;           // what it is answered
  caf::actor last_analyst_;    // of an ending call, until it has the last figures
  bool review_asked_ = false;
  bool carrier_over_ = false; // the carrier ended the stream or the call
  call_limits limits_;
  farewell farewell_;
  std::string parting_why_;
  next_step parting_then_;
  digit_collector pressed_;   // by the caller
  std::string caller_digits_; // complete, and no session has taken them
  function_call dtmf_call_;   // send_dtmf that is under way; its id is empty if none is
  std::string dtmf_;          // what the carrier is to press
  bool parked_ = false;       // the stream was closed for that
  monotonic linger_until_{};
};

} // namespace switchboard::actors
