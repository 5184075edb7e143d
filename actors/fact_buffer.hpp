#pragma once

#include "actors/messages.hpp"
#include "audio/bytes.hpp"

#include <cstdint>
#include <string_view>

namespace switchboard::actors {

/// Journal facts of one call on their way to its journal: encoded as they happen,
/// taken as one batch per tick. Bounded: past defaults::call::line_facts_bytes_max new facts are
/// dropped and counted (nobody has taken them for minutes then). Belongs to the line.
class fact_buffer {
public:
  void caller_audio(uint64_t at_ms, audio::byte_view pcmu);
  void agent_audio(uint64_t at_ms, uint32_t item, uint64_t offset_bytes, audio::byte_view pcmu);
  void item_opened(uint64_t at_ms, uint32_t item, std::string_view item_id, bool local);
  void item_done(uint64_t at_ms, uint32_t item);
  void mark_sent(uint64_t at_ms, uint32_t item, uint64_t offset_bytes, std::string_view name);
  void mark_echoed(uint64_t at_ms, std::string_view name);
  void cleared(uint64_t at_ms);
  void stream_started(uint64_t at_ms, std::string_view stream_sid);
  void stream_stopped(uint64_t at_ms, std::string_view why);
  void session_started(uint64_t at_ms, std::string_view session_id);
  void session_stopped(uint64_t at_ms, std::string_view why);
  /// From here until resume() audio is written as silence of the same length, so that everything
  /// lies where it did; what was said is in no file.
  void pause(uint64_t at_ms);
  void resume(uint64_t at_ms);
  /// Nothing is collected any more: the call is not recorded.
  void turn_off() { off_ = true; }
  void call_started(uint64_t at_ms, std::string_view json);
  void turn(uint64_t at_ms, std::string_view json);
  /// @param failed how the row ends, should it not be written any more.
  void call_ended(uint64_t at_ms, std::string_view why, bool failed = false);

  /// What was collected since the last call; null if nothing was.
  record_batch take();
  uint64_t dropped_bytes() const { return dropped_bytes_; }
  size_t bytes() const { return bytes_.size(); }

private:
  void append(uint8_t type, uint64_t at_ms, audio::byte_view payload, uint32_t item = 0,
              uint64_t offset_bytes = 0, uint8_t flag = 0);

  audio::byte_view recorded(audio::byte_view pcmu);

  audio::byte_buffer bytes_;
  bool paused_ = false;
  bool off_ = false;
  uint64_t dropped_bytes_ = 0;
  audio::byte_buffer silence_;
};

} // namespace switchboard::actors
