#include "actors/twilio_leg.hpp"
#include "audio/hold_tone.hpp"
#include "conf/defaults/call.hpp"

#include <caf/all.hpp>

namespace switchboard::actors {

namespace limits = defaults::call;

/// While the agent is away the caller hears a soft tone. It is an item of the ledger like any
/// other, so that it is recorded where it was heard, but a local one: the model never learns of it.
void twilio_leg::fill(bool on) {
  filler_wanted_ = on;
  feed_filler(now_ms());
}

void twilio_leg::feed_filler(uint64_t now) {
  if (link_ == nullptr || link_gone_ || finished_)
    return;
  if (!filler_wanted_) { // a note that has begun may end, unless the agent speaks
    if (filler_ && !ledger_.audible(now))
      end_filler(now);
    return;
  }
  if (!filler_) {
    if (ledger_.audible(now)) // what the agent still says is better than a tone
      return;
    const std::string id = "filler-" + std::to_string(++fillers_);
    filler_ = open_item{};
    filler_->index = ledger_.open_item(id, audio::item_kind::local);
    context_->journal.item_opened(now, filler_->index, id, true);
  }
  const auto tone = audio::hold_tone();
  while (ledger_.queued_ms(now) < limits::filler_ahead_ms) {
    const size_t at = static_cast<size_t>(filler_->sent_bytes % tone.size);
    send_item_audio(*filler_, tone.subview(at, limits::filler_piece_bytes), now);
  }
  link_->flush();
}

/// The agent speaks: nothing of the tone may stand before its words.
void twilio_leg::end_filler(uint64_t now) {
  filler_wanted_ = false;
  if (!filler_)
    return;
  if (ledger_.audible(now)) {
    clear_carrier(now);
    return;
  }
  const auto done_mark = ledger_.item_done(filler_->index, now);
  context_->journal.item_done(now, filler_->index);
  if (!done_mark.empty())
    send_mark(*filler_, done_mark, now);
  filler_.reset();
}

} // namespace switchboard::actors
