#include "actors/twilio_leg.hpp"

#include "actors/atoms.hpp"
#include "audio/levels.hpp"
#include "conf/log.hpp"
#include "conf/memory_trail.hpp"

#include <caf/all.hpp>

namespace switchboard::actors {

namespace {
constexpr uint16_t close_normal = 1000; // RFC 6455 section 7.4.1
}

twilio_leg::twilio_leg(caf::actor_config& cfg, line* where, caf::actor call,
                       call_context_ptr context)
    : line_actor(cfg, where), context_(std::move(context)), call_(std::move(call)) {}

caf::behavior twilio_leg::make_behavior() {
  context_->bridge.set_carrier(this);
  set_exit_handler([this](caf::exit_msg& stop) { quit(std::move(stop.reason)); });
  return {
      [this](atom::resume, const carrier_link_box& box, const stream_start& start) {
        take_stream(box, start);
      },
      [this](atom::stopped) { quit(); },
      [this](atom::filler, bool on) { fill(on); },
      [this](atom::park) {
        if (link_ != nullptr && !link_gone_)
          link_->close(close_normal, "another stream follows");
      },
      [this](atom::finish) -> bool {
        finish();
        return true;
      },
  };
}

void twilio_leg::release() {
  batch().clear();
  context_->bridge.set_carrier(nullptr);
  link_.reset();
  old_link_.reset();
  call_ = nullptr; // the call holds us, too
}

// -- the stream
// --------------------------------------------------------------------------------------

void twilio_leg::take_stream(const carrier_link_box& box, const stream_start& start) {
  if (link_ != nullptr && context_->node)
    ++at(context_->node->metrics.carrier_reconnects,
         link_gone_ ? static_cast<size_t>(gone_by_) : carrier_replaced);
  if (link_ != nullptr) { // a second stream of the same call: the newest one with a ticket wins
    if (!link_gone_)
      stream_over("replaced by a newer stream");
    link_->start(nullptr);
    link_->close(close_normal, "replaced");
    old_link_ = std::move(link_);
  }
  link_ = std::move(*box);
  link_gone_ = false;
  arrival_ = {};
  ++context_->figures.streams;
  arrivals_.restart();
  caller_clock_ = audio::stream_clock{now_ms()};
  context_->journal.stream_started(now_ms(), start.stream_sid);
  link_->start(this);
}

void twilio_leg::stream_over(std::string_view why) {
  const uint64_t now = now_ms();
  context_->journal.stream_stopped(now, why);
  ledger_.finish(now);
  ledger_.take_placements(); // the recording is laid out by the sealer, from the journal
  report_playback(now);
  open_items_.clear();
  filler_.reset();
}

void twilio_leg::on_stream_stop() {
  send(call_, atom::stopped_v);
}

void twilio_leg::on_carrier_closed(const link_close& why) {
  link_gone_ = true;
  gone_by_ = why.end;
  if (finished_) {
    send(this, atom::stopped_v); // quit() has no effect outside of a message handler
    return;
  }
  if (context_->node)
    ++at(context_->node->metrics.carrier_lost, why.end);
  stream_over(to_string(why.end));
  send(call_, atom::legdown_v, why);
}

/// The end of the call: what was heard until now is all that will be; then the goodbye of the
/// socket.
void twilio_leg::finish() {
  if (finished_)
    return;
  finished_ = true;
  stream_over("call ended");
  if (link_ == nullptr || link_gone_)
    quit();
  else
    link_->close(close_normal, "call ended");
}

// -- the caller
// --------------------------------------------------------------------------------------

void twilio_leg::on_caller_audio(uint64_t timestamp_ms, audio::byte_view pcmu) {
  touched_until(&context_, &open_items_);
  context_->touched_by_frame();
  const auto place = caller_clock_.place(timestamp_ms, pcmu.size);
  ++context_->figures.frames_in;
  if (context_->media != nullptr)
    context_->media->caller_frames.fetch_add(1, std::memory_order_relaxed);
  if (place.late)
    return; // its time is covered: it would be heard and recorded twice
  const size_t covered = std::min(pcmu.size, static_cast<size_t>(place.overlap_ms) * 8);
  const auto fresh = pcmu.subview(covered);
  context_->journal.caller_audio(place.at_ms + place.overlap_ms, fresh);
  if (context_->stamps != nullptr)
    context_->stamps->stamp(context_->call_id, place.at_ms + place.overlap_ms, fresh);
  if (audio::voiced_ulaw(fresh))
    context_->figures.timing.caller_voiced(place.at_ms + pcmu.size / 8);
  if (place.gap_ms > 0) {
    ++context_->figures.gaps;
    context_->figures.gap_ms += place.gap_ms;
    on_carrier_read_end(); // what comes after a gap does not follow what came before it
  }
  auto& waiting = batch();
  if (waiting.empty()) {
    batch_at_ms_ = place.at_ms + place.overlap_ms;
    batch_timestamp_ms_ = timestamp_ms;
  }
  waiting.insert(waiting.end(), fresh.begin(), fresh.end());
}

/// Caller audio of one read. One buffer for all legs of a thread, since a read ends before the next
/// begins: it stays in the cache. What a leg left there that went away meanwhile is nobody's.
audio::byte_buffer& twilio_leg::batch() {
  struct shared_batch {
    const twilio_leg* owner = nullptr;
    audio::byte_buffer bytes;
  };
  static thread_local shared_batch shared;
  if (std::exchange(shared.owner, this) != this)
    shared.bytes.clear();
  return shared.bytes;
}

void twilio_leg::on_carrier_read_end() {
  auto& waiting = batch();
  if (waiting.empty())
    return;
  context_->bridge.caller_audio(batch_at_ms_, waiting);
  measure_batch(waiting.size());
  waiting.clear();
}

/// One look at the clock a read; the counters are this line's own.
void twilio_leg::measure_batch(size_t bytes) {
  const auto at = line_now() - context_->started;
  const auto at_us =
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(at).count());
  arrivals_.on_arrival(batch_at_ms_ + bytes / audio::ulaw_bytes_per_ms, at_us);
  context_->figures.jitter_us = arrivals_.jitter_us();
  if (context_->media != nullptr)
    context_->media->frame_delay.observe(arrival_.on_frame(batch_timestamp_ms_, at_us));
}

void twilio_leg::on_dtmf(char digit) {
  send(call_, atom::digit_v, digit);
}

// -- the agent
// ---------------------------------------------------------------------------------------

twilio_leg::open_item& twilio_leg::item_of(std::string_view item_id, uint64_t now) {
  if (auto* known = open_items_.find(item_id))
    return *known;
  open_item fresh;
  fresh.index = ledger_.open_item(item_id, audio::item_kind::model);
  fresh.sent_bytes = 0;
  context_->journal.item_opened(now, fresh.index, item_id, false);
  return open_items_.add(item_id, fresh);
}

void twilio_leg::on_agent_audio(std::string_view item_id, audio::byte_view pcmu) {
  touched_until(&context_, &call_);
  context_->touched_by_frame();
  if (link_ == nullptr || link_gone_ || finished_)
    return;
  if (open_items_.find(item_id) == nullptr && ledger_.discarded(item_id)) // cut ones are not open
    return;
  const uint64_t now = now_ms();
  end_filler(now);
  if (context_->media != nullptr)
    context_->media->agent_audio_bytes.fetch_add(pcmu.size, std::memory_order_relaxed);
  send_item_audio(item_of(item_id, now), pcmu, now);
}

void twilio_leg::send_item_audio(open_item& item, audio::byte_view pcmu, uint64_t now) {
  while (pcmu.size > 0) {
    // Marks are at most 200 ms of audio apart: a longer delta is split at them.
    const size_t part = std::min(pcmu.size, ledger_.next_mark_in(item.index));
    const auto piece = pcmu.subview(0, part);
    link_->send_audio(piece);
    ledger_.on_sent(item.index, part, now);
    context_->figures.timing.audio_sent(now);
    context_->journal.agent_audio(now, item.index, item.sent_bytes, piece);
    item.sent_bytes += part;
    if (auto due = ledger_.mark_due(item.index))
      send_mark(item, *due, now);
    pcmu = pcmu.subview(part);
  }
}

void twilio_leg::send_mark(open_item& item, const std::string& mark_name, uint64_t now) {
  link_->send_mark(mark_name);
  ledger_.on_mark_sent(mark_name, now);
  context_->journal.mark_sent(now, item.index, item.sent_bytes, mark_name);
}

void twilio_leg::on_agent_item_done(std::string_view item_id) {
  auto* item = open_items_.find(item_id);
  if (item == nullptr)
    return;
  const uint64_t now = now_ms();
  const auto done_mark = ledger_.item_done(item->index, now);
  context_->journal.item_done(now, item->index);
  if (!done_mark.empty() && link_ != nullptr && !link_gone_)
    send_mark(*item, done_mark, now);
  open_items_.erase(item_id);
}

void twilio_leg::on_agent_read_end() {
  if (link_ != nullptr && !link_gone_)
    link_->flush();
}

void twilio_leg::on_mark_echo(std::string_view mark_name) {
  const uint64_t now = now_ms();
  if (!ledger_.on_mark_echo(mark_name, now))
    return;
  context_->journal.mark_echoed(now, mark_name);
  context_->figures.timing.audio_acknowledged(now);
  ledger_.take_placements();
}

/// Whether anything can be heard that this speech interrupts. Speech that reached the session late
/// interrupts nothing that began after it was spoken.
bool twilio_leg::interrupts(const interruption& what, uint64_t now) const {
  if (link_ == nullptr || link_gone_ || !ledger_.audible(now))
    return false;
  if (!what.overdue)
    return true;
  const auto playing = ledger_.current_item(now);
  const auto view = playing ? ledger_.item(*playing, now) : std::nullopt;
  return view && view->first_sent_ms <= what.at_ms;
}

/// The caller speaks while the agent can be heard: stop what plays and forget what is queued. What
/// is returned goes to the model in the same turn of the line.
audio::cut_result twilio_leg::on_interruption(const interruption& what) {
  const uint64_t now = now_ms();
  if (!interrupts(what, now))
    return {};
  const bool only_filler = filler_.has_value() && context_->talk.playing_items().empty();
  auto cut = clear_carrier(now);
  if (!only_filler) {
    ++context_->figures.interruptions;
    if (context_->node)
      ++context_->node->metrics.interruptions;
  }
  report_playback(now);
  return cut;
}

audio::cut_result twilio_leg::clear_carrier(uint64_t now) {
  link_->send_clear();
  link_->flush();
  context_->journal.cleared(now);
  auto cut = ledger_.clear(now);
  ledger_.take_placements();
  for (auto& id : cut.discarded_items)
    open_items_.erase(id);
  filler_.reset();
  return cut;
}

bool twilio_leg::agent_audible() const {
  return ledger_.audible(now_ms());
}

void twilio_leg::on_tick() {
  const uint64_t now = now_ms();
  feed_filler(now);
  report_playback(now);
}

/// Tells the conversation how far each open item of the agent was heard.
void twilio_leg::report_playback(uint64_t now) {
  context_->talk.each_playing([&](const std::string& item_id) {
    const auto index = ledger_.find(item_id);
    const auto view = index ? ledger_.item(*index, now) : std::nullopt;
    if (!view)
      return;
    context_->talk.agent_playback(item_id, view->began_ms, view->ended_ms, view->heard_ms,
                                  view->sent_ms);
    if (view->ended_ms)
      context_->figures.agent_talk_ms += view->heard_ms;
  });
}

caf::actor spawn_twilio_leg(caf::actor_system& system, line* where, caf::actor call,
                            call_context_ptr context) {
  return spawn_on<twilio_leg>(system, where, std::move(call), std::move(context));
}

} // namespace switchboard::actors
