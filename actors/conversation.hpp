#pragma once

#include "actors/messages.hpp"
#include "actors/past_turns.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchboard::actors {

/// One finished use of a tool: the model's call and what it was answered.
struct tool_exchange {
  std::string call_id; ///< the model's; pairs the call with its output
  std::string name;
  std::string arguments_json;
  std::string output;
};

/// One line of what was said, for replay to a new model session.
struct spoken_line {
  storage::speaker who;
  std::string text;
  std::optional<tool_exchange> tool = {}; ///< set: a tool used at this point, no text
};

/// What was said in a call, in the order of speaking: the caller's turns as the model transcribes
/// them (later than they were spoken, in any order), the agent's as far as they were heard.
///
/// Pure: told by the legs, asked by the call. All times are call media time in ms. Bounded
/// (defaults::call). Belongs to the line.
class conversation {
public:
  /// What was said while another process carried the call, oldest first; new turns count on from
  /// there. Called before anything else.
  void go_on(const std::vector<storage::transcript_row>& said, const std::string& call_id);

  // -- the caller -------------------------------------------------------------------------------
  void caller_speech_started(const std::string& item_id, uint64_t at_ms);
  void caller_speech_stopped(const std::string& item_id, uint64_t at_ms);
  /// The session placed the turn behind `previous` (an item id of either side; empty = first or not
  /// given): its order stands against arrival, and places turns whose speech start is unknown.
  void caller_item_follows(const std::string& item_id, const std::string& previous,
                           uint64_t now_ms);
  /// The transcript of a turn; empty text = nothing intelligible, the turn is dropped.
  void caller_transcript(const std::string& item_id, std::string text,
                         std::optional<double> confidence, uint64_t now_ms);

  // -- the agent --------------------------------------------------------------------------------
  /// More of what the agent is generating.
  void agent_text(const std::string& item_id, std::string_view more, uint64_t now_ms);
  /// The whole text of an item: nothing follows.
  void agent_text_done(const std::string& item_id, std::string text, uint64_t now_ms);
  /// Playback of an item: when it began to be heard, and once it is over, when and how much of it
  /// (heard_ms of sent_ms).
  void agent_playback(const std::string& item_id, std::optional<uint64_t> began_ms,
                      std::optional<uint64_t> ended_ms, uint64_t heard_ms, uint64_t sent_ms);

  /// A tool was used and its output given to the model. Bounded: the oldest is forgotten, long
  /// texts are cut.
  void tool_used(tool_exchange used, uint64_t at_ms);

  /// A model session ended: its ids mean nothing any more. Open agent turns wait for their
  /// playback, open caller turns are closed with the text there is.
  void session_over(uint64_t now_ms);
  /// The call ended: every turn becomes final.
  void call_over(uint64_t now_ms);
  /// Closes turns whose transcript does not come.
  void look_over(uint64_t now_ms);

  /// Turns that changed since the last call, oldest first, each with a version greater than any
  /// taken of it before. Of an agent's turn only what was heard so far is told, every
  /// defaults::call::turn_progress_ms of it and at its end.
  std::vector<turn_update> take_updates();
  /// Whoever took updates lost some: every turn told before is told again.
  void tell_again();
  /// What was said, oldest first, at most defaults::call::history_turns_max lines, with the tools
  /// used (at most history_tools_max) where they were used.
  std::vector<spoken_line> history() const;
  /// True if the last thing is the caller's turn or a tool's output, so that an answer is due.
  bool answer_is_due() const;
  /// True if the caller said something, or may have: its words are not known yet.
  bool caller_spoke() const;
  /// True if no turn of the caller is open or waits for its transcript.
  bool settled() const;
  /// Ids of agent items whose playback is not over.
  std::vector<std::string> playing_items() const;
  /// Calls `visit(id)` for each of them; it may tell of their playback.
  template <class Visit>
  void each_playing(Visit visit) const {
    for (size_t i = quiet_turns_; i < turns_.size(); ++i)
      if (turns_[i].plays())
        visit(turns_[i].item_id);
  }

  /// How long callers waited: from where they stopped speaking to where the answer's first sound
  /// was played, over all answered turns.
  struct latency {
    uint64_t count = 0;
    uint64_t sum_ms = 0;
  };
  latency answer_latency() const { return latency_; }

private:
  struct turn {
    turn_update update;
    std::string item_id;
    bool session_alive = true;
    bool start_known = false;   // caller: where the speech began was told
    bool text_done = false;     // nothing more to come of the text
    bool playback_done = false; // agent: heard or cut
    bool heard_partly = false;
    bool heard_whole = false; // agent, settled: all that was generated, which is not kept twice
    bool began = false;       // agent: its first sound was played
    uint64_t heard_ms = 0, sent_ms = 0;
    uint64_t told_heard_ms = 0; // of it, when an update was last taken
    bool changed = false;
    bool told = false;    // an update of it was taken
    bool dropped = false; // nothing was said after all

    /// Nothing is to be told of it, nor will be, unless an event names it.
    bool quiet() const { return (dropped || update.final) && !changed; }
    bool plays() const {
      return update.who == storage::speaker::assistant && !playback_done && !dropped;
    }
  };

  struct placed_tool {
    uint64_t at_ms;
    tool_exchange used;
  };

  static std::string bounded(std::string text, size_t bytes_max);
  turn* find(const std::string& item_id, storage::speaker who);
  turn& open(const std::string& item_id, storage::speaker who, uint64_t at_ms);
  bool retire_oldest();
  void note_progress(turn& t);
  void settle(turn& t);
  static std::string heard_text(const turn& t);

  past_turns past_;
  std::deque<turn> turns_; // open, or of the last that are over: late events still name them
  /// So many of the first are quiet(). Ticks look at the others only: ten times a second each turn
  /// would have to come from far away in memory. Whatever may change an old turn sets it to 0.
  size_t quiet_turns_ = 0;
  std::deque<placed_tool> tools_;
  uint64_t next_key_ = 1;
  std::optional<uint64_t> caller_stopped_ms_; // and not answered yet
  latency latency_;
};

} // namespace switchboard::actors
