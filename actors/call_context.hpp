#pragma once

#include "actors/call_analysis.hpp"
#include "actors/conversation.hpp"
#include "actors/fact_buffer.hpp"
#include "actors/media_bridge.hpp"
#include "actors/messages.hpp"
#include "actors/node_state.hpp"
#include "actors/read_stamps.hpp"
#include "actors/ticker.hpp"
#include "conf/memory_trail.hpp"

#include <memory>
#include <string>

namespace switchboard::actors {

/// What the actors of one call share. Owned by all of them, used by those on the line only, on the
/// line's thread only.
struct call_context {
  // First what each frame needs, in as few lines of the cache as it takes (docs/performance.md).
  monotonic started;             ///< call media time 0: the first stream's start
  line_metrics* media = nullptr; ///< of the line, which outlives the call; null without a line
  read_stamps* stamps = nullptr; ///< only in tests of crashes
  media_bridge bridge;
  fact_buffer journal;
  call_figures figures;
  bool caller_speaking = false; ///< model leg: by the server's VAD
  bool answer_due = false;      ///< model leg: a response is in progress or asked for
  bool tools_running = false;   ///< model leg: functions of the model have no output yet
  bool parting = false;         ///< call: the agent's last words are not interrupted
  bool greeted = false;         ///< model leg: the greeting was heard
  bool session_quiet =
      true;            ///< model leg: no response in progress or due, the caller does not speak
  node_state_ptr node; ///< null in tests of a single leg
  conversation talk;
  std::string call_id;
  call_facts facts;
  size_t model_lost_by = model_leg_died; ///< model leg: why it ended, for the next one

  /// For the next frame (memory_trail).
  void touched_by_frame() const { touched_until(this, &node); }

  /// Call media time of a point in monotonic time.
  uint64_t media_ms(monotonic now) const {
    if (now <= started)
      return 0;
    return static_cast<uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now - started).count());
  }
};
using call_context_ptr = std::shared_ptr<call_context>;

} // namespace switchboard::actors
