#include "actors/fact_buffer.hpp"

#include "conf/defaults/call.hpp"
#include "conf/defaults/storage.hpp"
#include "conf/memory_trail.hpp"
#include "storage/journal.hpp"

#include <algorithm>

namespace switchboard::actors {

using storage::fact_type;

namespace {

constexpr uint8_t ulaw_silence = 0xff; // ITU-T G.711: plus zero

} // namespace

void fact_buffer::append(uint8_t type, uint64_t at_ms, audio::byte_view payload, uint32_t item,
                         uint64_t offset_bytes, uint8_t flag) {
  if (off_)
    return;
  if (bytes_.size() + payload.size > defaults::call::line_facts_bytes_max) {
    dropped_bytes_ += payload.size;
    return;
  }
  storage::fact what;
  what.type = static_cast<fact_type>(type);
  what.at_ms = at_ms;
  what.item = item;
  what.offset_bytes = offset_bytes;
  what.flag = flag;
  what.bytes = payload;
  storage::append_fact(bytes_, what);
  // The next fact goes behind this one, or behind one of the other side's that comes before it.
  touched(bytes_.data() + bytes_.size(),
          std::min(2 * (defaults::storage::journal_record_header_bytes + payload.size),
                   bytes_.capacity() - bytes_.size()));
}

#define SWITCHBOARD_FACT(kind) static_cast<uint8_t>(fact_type::kind)

/// What of this audio goes into the journal.
audio::byte_view fact_buffer::recorded(audio::byte_view pcmu) {
  if (!paused_)
    return pcmu;
  if (silence_.size() < pcmu.size)
    silence_.resize(pcmu.size, ulaw_silence);
  return audio::byte_view{silence_}.subview(0, pcmu.size);
}

void fact_buffer::caller_audio(uint64_t at_ms, audio::byte_view pcmu) {
  append(SWITCHBOARD_FACT(caller_audio), at_ms, recorded(pcmu));
}

void fact_buffer::agent_audio(uint64_t at_ms, uint32_t item, uint64_t offset_bytes,
                              audio::byte_view pcmu) {
  append(SWITCHBOARD_FACT(agent_audio), at_ms, recorded(pcmu), item, offset_bytes);
}

void fact_buffer::item_opened(uint64_t at_ms, uint32_t item, std::string_view item_id, bool local) {
  append(SWITCHBOARD_FACT(item_opened), at_ms, audio::byte_view{item_id}, item, 0, local ? 1 : 0);
}

void fact_buffer::item_done(uint64_t at_ms, uint32_t item) {
  append(SWITCHBOARD_FACT(item_done), at_ms, {}, item);
}

void fact_buffer::mark_sent(uint64_t at_ms, uint32_t item, uint64_t offset_bytes,
                            std::string_view name) {
  append(SWITCHBOARD_FACT(mark_sent), at_ms, audio::byte_view{name}, item, offset_bytes);
}

void fact_buffer::mark_echoed(uint64_t at_ms, std::string_view name) {
  append(SWITCHBOARD_FACT(mark_echoed), at_ms, audio::byte_view{name});
}

void fact_buffer::cleared(uint64_t at_ms) {
  append(SWITCHBOARD_FACT(cleared), at_ms, {});
}

void fact_buffer::stream_started(uint64_t at_ms, std::string_view stream_sid) {
  append(SWITCHBOARD_FACT(stream_started), at_ms, audio::byte_view{stream_sid});
}

void fact_buffer::stream_stopped(uint64_t at_ms, std::string_view why) {
  append(SWITCHBOARD_FACT(stream_stopped), at_ms, audio::byte_view{why});
}

void fact_buffer::session_started(uint64_t at_ms, std::string_view session_id) {
  append(SWITCHBOARD_FACT(session_started), at_ms, audio::byte_view{session_id});
}

void fact_buffer::session_stopped(uint64_t at_ms, std::string_view why) {
  append(SWITCHBOARD_FACT(session_stopped), at_ms, audio::byte_view{why});
}

void fact_buffer::pause(uint64_t at_ms) {
  append(SWITCHBOARD_FACT(recording_paused), at_ms, {});
  paused_ = true;
}

void fact_buffer::resume(uint64_t at_ms) {
  append(SWITCHBOARD_FACT(recording_resumed), at_ms, {});
  paused_ = false;
}

void fact_buffer::call_started(uint64_t at_ms, std::string_view json) {
  append(SWITCHBOARD_FACT(call_started), at_ms, audio::byte_view{json});
}

void fact_buffer::turn(uint64_t at_ms, std::string_view json) {
  append(SWITCHBOARD_FACT(turn), at_ms, audio::byte_view{json});
}

void fact_buffer::call_ended(uint64_t at_ms, std::string_view why, bool failed) {
  append(SWITCHBOARD_FACT(call_ended), at_ms, audio::byte_view{why}, 0, 0, failed ? 1 : 0);
}

record_batch fact_buffer::take() {
  if (bytes_.empty())
    return nullptr;
  auto batch = std::make_shared<std::vector<uint8_t>>(std::move(bytes_));
  bytes_.clear();
  bytes_.reserve(batch->size());
  return batch;
}

} // namespace switchboard::actors
