#include "actors/media_bridge.hpp"

#include "audio/levels.hpp"
#include "conf/defaults/call.hpp"

#include <algorithm>

namespace switchboard::actors {

void media_bridge::set_model(caller_audio_sink* sink) {
  model_ = sink;
  if (sink == nullptr)
    return;
  auto kept = std::move(kept_);
  kept_.clear();
  kept_bytes_ = 0;
  for (auto& piece : kept)
    sink->on_caller_audio(piece.at_ms, piece.pcmu);
}

void media_bridge::leave_model(const caller_audio_sink* sink) {
  if (model_ == sink)
    model_ = nullptr;
}

bool media_bridge::kept_is_voiced() const {
  constexpr size_t window = defaults::call::voiced_window_bytes;
  return std::any_of(kept_.begin(), kept_.end(), [](const kept_audio& piece) {
    for (size_t at = 0; at < piece.pcmu.size(); at += window)
      if (audio::voiced_ulaw(audio::byte_view{piece.pcmu}.subview(at, window)))
        return true;
    return false;
  });
}

void media_bridge::caller_audio(uint64_t at_ms, audio::byte_view pcmu) {
  if (model_ != nullptr)
    model_->on_caller_audio(at_ms, pcmu);
  else
    keep(at_ms, pcmu);
}

void media_bridge::keep(uint64_t at_ms, audio::byte_view pcmu) {
  // Frames that follow each other share a piece of up to an append's size.
  if (!kept_.empty()) {
    auto& last = kept_.back();
    const bool follows = last.at_ms + last.pcmu.size() / 8 == at_ms;
    if (follows && last.pcmu.size() + pcmu.size <= defaults::call::append_bytes_max) {
      last.pcmu.insert(last.pcmu.end(), pcmu.begin(), pcmu.end());
      kept_bytes_ += pcmu.size;
      return;
    }
  }
  kept_.push_back({at_ms, audio::byte_buffer{pcmu.begin(), pcmu.end()}});
  kept_bytes_ += pcmu.size;
  while (kept_bytes_ > defaults::call::gap_audio_bytes_max && kept_.size() > 1) {
    kept_bytes_ -= kept_.front().pcmu.size();
    dropped_bytes_ += kept_.front().pcmu.size();
    kept_.pop_front();
  }
}

void media_bridge::agent_audio(std::string_view item_id, audio::byte_view pcmu) {
  if (carrier_ != nullptr)
    carrier_->on_agent_audio(item_id, pcmu);
}

void media_bridge::agent_item_done(std::string_view item_id) {
  if (carrier_ != nullptr)
    carrier_->on_agent_item_done(item_id);
}

void media_bridge::agent_read_end() {
  if (carrier_ != nullptr)
    carrier_->on_agent_read_end();
}

audio::cut_result media_bridge::interrupt(const interruption& what) {
  return carrier_ != nullptr ? carrier_->on_interruption(what) : audio::cut_result{};
}

void media_bridge::tick() {
  if (carrier_ != nullptr)
    carrier_->on_tick();
  if (model_ != nullptr)
    model_->on_tick();
}

} // namespace switchboard::actors
