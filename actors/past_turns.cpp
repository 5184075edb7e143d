#include "actors/past_turns.hpp"

#include "conf/defaults/call.hpp"
#include "conf/text.hpp"

#include <utility>

namespace switchboard::actors {

namespace limits = defaults::call;

void past_turns::keep(const turn_update& told, bool heard_whole, size_t turns_max) {
  turn kept;
  kept.said.reserve(told.text.size() + told.generated.size()); // exactly: it stays for long
  kept.said.append(told.text).append(told.generated);
  kept.text_bytes = static_cast<uint32_t>(told.text.size());
  kept.start_ms = told.start_ms;
  kept.end_ms = told.end_ms.value_or(open_end);
  kept.number = conf::parse_number(told.key).value_or(0); // the conversation numbered it
  kept.version = told.version;
  kept.confidence = told.confidence.value_or(-1);
  kept.who = told.who;
  kept.heard_whole = heard_whole;
  kept.removed = told.removed;
  caller_spoke_ = caller_spoke_ || (told.who == storage::speaker::user && !told.text.empty());
  text_bytes_ += kept.said.size();
  turns_.push_back(std::move(kept));
  while (turns_.size() > 1 &&
         (turns_.size() > turns_max || text_bytes_ > limits::history_text_bytes_max)) {
    text_bytes_ -= turns_.front().said.size();
    turns_.pop_front();
  }
}

turn_update past_turns::to_update(const turn& t) {
  turn_update update;
  update.key = std::to_string(t.number);
  update.version = t.version;
  update.who = t.who;
  update.text = text_of(t);
  update.generated = t.heard_whole ? update.text : t.said.substr(t.text_bytes);
  if (t.confidence >= 0)
    update.confidence = t.confidence;
  update.start_ms = t.start_ms;
  if (t.end_ms != open_end)
    update.end_ms = t.end_ms;
  update.final = true;
  update.removed = t.removed;
  return update;
}

void past_turns::append_updates(std::vector<turn_update>& to) {
  if (!std::exchange(tells_again_, false))
    return;
  for (auto& t : turns_) {
    ++t.version;
    to.push_back(to_update(t));
  }
}

} // namespace switchboard::actors
