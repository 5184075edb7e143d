#include "actors/conversation.hpp"

#include "conf/defaults/call.hpp"

#include <algorithm>
#include <utility>

namespace switchboard::actors {

namespace limits = defaults::call;
using storage::speaker;

/// Cuts an over-long text, never inside of a UTF-8 sequence.
std::string conversation::bounded(std::string text, size_t bytes_max) {
  if (text.size() <= bytes_max)
    return text;
  size_t length = bytes_max;
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80)
    --length;
  text.resize(length);
  return text;
}

conversation::turn* conversation::find(const std::string& item_id, speaker who) {
  auto matches = [&](const turn& t) {
    return t.session_alive && t.item_id == item_id && t.update.who == who;
  };
  auto found = std::find_if(turns_.rbegin(), turns_.rend(), matches); // mostly the latest
  return found == turns_.rend() ? nullptr : &*found;
}

conversation::turn& conversation::open(const std::string& item_id, speaker who, uint64_t at_ms) {
  if (auto* known = find(item_id, who))
    return *known;
  quiet_turns_ = 0;
  if (turns_.size() >= limits::open_turns_max && !retire_oldest())
    turns_.pop_front();
  turn fresh;
  fresh.item_id = item_id;
  fresh.update.key = std::to_string(next_key_++);
  fresh.update.who = who;
  fresh.update.start_ms = at_ms;
  turns_.push_back(std::move(fresh));
  return turns_.back();
}

void conversation::go_on(const std::vector<storage::transcript_row>& said,
                         const std::string& call_id) {
  const size_t from =
      said.size() > limits::history_turns_max ? said.size() - limits::history_turns_max : 0;
  for (size_t i = 0; i < said.size(); ++i) {
    const auto& row = said[i];
    const auto number = storage::turn_number(call_id, row.id);
    next_key_ = std::max(next_key_, number + 1); // a key used twice would write over a turn
    if (i < from)
      continue;
    turn_update old;
    old.key = std::to_string(number);
    old.who = row.who;
    old.text = row.text;
    old.start_ms = static_cast<uint64_t>(std::max(0.0, row.start_time_s) * 1000);
    past_.keep(old, false, limits::history_turns_max);
  }
}

/// Puts the oldest turn that is over and told away. @returns false if there is none.
bool conversation::retire_oldest() {
  const auto over =
      std::find_if(turns_.begin(), turns_.end(), [](const turn& t) { return t.quiet(); });
  if (over == turns_.end())
    return false;
  if (over->told) // one that was never told was never said
    past_.keep(over->update, over->heard_whole, limits::history_turns_max - turns_.size() + 1);
  turns_.erase(over);
  quiet_turns_ = 0;
  return true;
}

// -- the caller
// --------------------------------------------------------------------------------------

void conversation::caller_speech_started(const std::string& item_id, uint64_t at_ms) {
  auto& t = open(item_id, speaker::user, at_ms);
  t.update.start_ms = at_ms;
  t.start_known = true;
}

void conversation::caller_speech_stopped(const std::string& item_id, uint64_t at_ms) {
  auto& t = open(item_id, speaker::user, at_ms);
  t.update.end_ms = std::max(at_ms, t.update.start_ms);
  caller_stopped_ms_ = t.update.end_ms;
}

void conversation::caller_item_follows(const std::string& item_id, const std::string& previous,
                                       uint64_t now_ms) {
  auto& t = open(item_id, speaker::user, now_ms);
  const turn* before = nullptr; // of either speaker, in this session
  for (auto& other : turns_)
    if (other.session_alive && !previous.empty() && other.item_id == previous)
      before = &other;
  if (before == nullptr || before == &t)
    return;
  quiet_turns_ = 0;
  // The session's order stands. Speech whose start is not known began when the item before it
  // ended; one whose start was measured as too early (audio replayed after a gap) began just after
  // it.
  const auto& b = before->update;
  const uint64_t earliest = b.start_ms + 1;
  const uint64_t start = t.start_known ? t.update.start_ms : b.end_ms.value_or(earliest);
  const uint64_t placed = std::max(start, earliest);
  if (placed == t.update.start_ms)
    return;
  t.update.start_ms = placed;
  if (t.update.end_ms)
    t.update.end_ms = std::max(*t.update.end_ms, placed);
  t.changed = t.told;
}

void conversation::caller_transcript(const std::string& item_id, std::string text,
                                     std::optional<double> confidence, uint64_t now_ms) {
  auto& t = open(item_id, speaker::user, now_ms);
  quiet_turns_ = 0;
  if (t.update.final) {
    if (text.empty())
      return;
    t.update.removed = t.dropped = false; // given up before: late words are words
    t.changed = true;
  }
  t.update.text = bounded(std::move(text), limits::turn_text_bytes_max);
  t.update.confidence = confidence;
  if (!t.update.end_ms)
    t.update.end_ms = std::max(now_ms, t.update.start_ms);
  t.text_done = true;
  settle(t);
}

// -- the agent
// ---------------------------------------------------------------------------------------

void conversation::agent_text(const std::string& item_id, std::string_view more, uint64_t now_ms) {
  auto& t = open(item_id, speaker::assistant, now_ms);
  if (!t.text_done && t.update.text.size() + more.size() <= limits::turn_text_bytes_max)
    t.update.text.append(more);
}

void conversation::agent_text_done(const std::string& item_id, std::string text, uint64_t now_ms) {
  auto& t = open(item_id, speaker::assistant, now_ms);
  quiet_turns_ = 0;
  if (!text.empty())
    t.update.text = bounded(std::move(text), limits::turn_text_bytes_max);
  t.text_done = true;
  note_progress(t);
  settle(t);
}

/// While an answer plays, what was heard of it is told from time to time, never what was not.
void conversation::note_progress(turn& t) {
  if (!t.text_done || t.update.final || t.dropped)
    return;
  const bool due = !t.told || t.heard_ms >= t.told_heard_ms + limits::turn_progress_ms;
  if (due && t.heard_ms > t.told_heard_ms)
    t.changed = !heard_text(t).empty();
}

void conversation::agent_playback(const std::string& item_id, std::optional<uint64_t> began_ms,
                                  std::optional<uint64_t> ended_ms, uint64_t heard_ms,
                                  uint64_t sent_ms) {
  auto* t = find(item_id, speaker::assistant);
  if (t == nullptr) // its session is gone, its playback goes on
    for (auto& other : turns_)
      if (other.item_id == item_id && other.update.who == speaker::assistant &&
          !other.playback_done)
        t = &other;
  if (t == nullptr || t->playback_done)
    return;
  if (began_ms) {
    t->update.start_ms = *began_ms;
    if (!t->began && caller_stopped_ms_ && *began_ms >= *caller_stopped_ms_) {
      ++latency_.count;
      latency_.sum_ms += *began_ms - *caller_stopped_ms_;
      caller_stopped_ms_.reset();
    }
    t->began = true;
  }
  t->heard_ms = heard_ms;
  t->sent_ms = sent_ms;
  note_progress(*t);
  if (!ended_ms)
    return;
  t->update.end_ms = std::max(*ended_ms, t->update.start_ms);
  t->playback_done = true;
  t->heard_partly = heard_ms < sent_ms;
  settle(*t);
}

// -- tools
// -------------------------------------------------------------------------------------------

void conversation::tool_used(tool_exchange used, uint64_t at_ms) {
  if (tools_.size() >= limits::history_tools_max)
    tools_.pop_front();
  // Cut arguments would be no JSON any more.
  if (used.arguments_json.size() > limits::tool_text_bytes_max)
    used.arguments_json = "{}";
  used.output = bounded(std::move(used.output), limits::tool_text_bytes_max);
  tools_.push_back({at_ms, std::move(used)});
}

// -- ends
// --------------------------------------------------------------------------------------------

void conversation::session_over(uint64_t now_ms) {
  quiet_turns_ = 0;
  for (auto& t : turns_) {
    if (!t.session_alive)
      continue;
    t.session_alive = false;
    if (t.update.final || t.dropped)
      continue;
    t.text_done = true;
    if (t.update.who == speaker::user && !t.update.end_ms)
      t.update.end_ms = std::max(now_ms, t.update.start_ms);
    settle(t);
  }
}

void conversation::call_over(uint64_t now_ms) {
  session_over(now_ms);
  for (auto& t : turns_) {
    if (t.update.final || t.dropped)
      continue;
    if (t.update.who == speaker::assistant && !t.playback_done) {
      t.playback_done = true;
      t.heard_partly = t.heard_ms < t.sent_ms || t.sent_ms == 0; // not sent is not heard
    }
    if (!t.update.end_ms)
      t.update.end_ms = std::max(now_ms, t.update.start_ms);
    settle(t);
  }
}

void conversation::look_over(uint64_t now_ms) {
  for (size_t i = quiet_turns_; i < turns_.size(); ++i) {
    auto& t = turns_[i];
    const bool waits = t.update.who == speaker::user && !t.update.final && !t.dropped &&
                       t.update.end_ms.has_value();
    if (waits && now_ms > *t.update.end_ms + limits::transcription_patience_ms) {
      t.text_done = true;
      settle(t);
    }
  }
}

void conversation::settle(turn& t) {
  const bool complete = t.text_done && (t.update.who == speaker::user || t.playback_done);
  if (!complete || t.update.final || t.dropped)
    return;
  const bool agent = t.update.who == speaker::assistant;
  t.heard_whole = agent && !t.heard_partly;
  if (agent && t.heard_partly) {
    auto heard = heard_text(t);
    t.update.generated = std::exchange(t.update.text, std::move(heard));
  }
  t.update.final = true;
  t.changed = true;
  if (!t.update.text.empty())
    return;
  t.dropped = true;          // a cough, or an answer that nobody heard
  t.update.removed = t.told; // told too early: taken back
  t.changed = t.told;
}

/// The part of an item's text that was heard, estimated by time and cut at a word's end: the model
/// says which words it generated, not when each is spoken.
std::string conversation::heard_text(const turn& t) {
  if (t.sent_ms == 0 || t.heard_ms == 0)
    return {};
  const auto& text = t.update.text;
  size_t length =
      static_cast<size_t>(static_cast<double>(text.size()) * static_cast<double>(t.heard_ms) /
                          static_cast<double>(t.sent_ms));
  if (length >= text.size())
    return text;
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(length) >= 0x80) // Chinese, Japanese, ...: no spaces; whole characters will do
    while (length > 0 && (byte(length) & 0xC0) == 0x80)
      --length;
  else
    while (length > 0 && text[length] != ' ') // a word begun is not a word heard
      --length;
  return text.substr(0, length);
}

// -- questions
// ---------------------------------------------------------------------------------------

std::vector<turn_update> conversation::take_updates() {
  std::vector<turn_update> result;
  past_.append_updates(result);
  for (size_t i = quiet_turns_; i < turns_.size(); ++i) {
    auto& t = turns_[i];
    if (!t.changed)
      continue;
    const bool open_answer = t.update.who == speaker::assistant && !t.update.final;
    auto heard = open_answer ? heard_text(t) : std::string{};
    if (open_answer && heard.empty())
      continue; // more was sent meanwhile, and the estimate is back before the first word
    t.changed = false;
    t.told = true;
    t.told_heard_ms = t.heard_ms;
    ++t.update.version;
    result.push_back(t.update);
    if (open_answer || t.heard_whole)
      result.back().generated = t.update.text;
    if (open_answer)
      result.back().text = std::move(heard);
  }
  while (turns_.size() > limits::turns_at_hand && retire_oldest()) {
  }
  while (quiet_turns_ < turns_.size() && turns_[quiet_turns_].quiet())
    ++quiet_turns_;
  return result;
}

void conversation::tell_again() {
  past_.tell_again();
  quiet_turns_ = 0;
  for (auto& t : turns_)
    t.changed = t.changed || t.told;
}

std::vector<spoken_line> conversation::history() const {
  struct entry {
    uint64_t at_ms;
    spoken_line line;
  };
  std::vector<entry> said;
  past_.each_said([&](speaker who, std::string_view text, uint64_t start_ms) {
    said.push_back({start_ms, {who, std::string{text}}});
  });
  for (auto& t : turns_) {
    if (t.dropped || t.update.text.empty())
      continue;
    const bool cut = t.update.who == speaker::assistant && !t.update.final && t.sent_ms > 0;
    auto text = cut ? heard_text(t) : t.update.text;
    if (!text.empty())
      said.push_back({t.update.start_ms, {t.update.who, std::move(text)}});
  }
  for (auto& tool : tools_)
    said.push_back({tool.at_ms, {speaker::assistant, {}, tool.used}});
  std::stable_sort(said.begin(), said.end(),
                   [](const entry& a, const entry& b) { return a.at_ms < b.at_ms; });
  std::vector<spoken_line> result;
  result.reserve(said.size());
  for (auto& each : said)
    result.push_back(std::move(each.line));
  return result;
}

bool conversation::answer_is_due() const {
  auto said = history();
  return !said.empty() && (said.back().who == speaker::user || said.back().tool);
}

bool conversation::caller_spoke() const {
  return past_.caller_spoke() || std::any_of(turns_.begin(), turns_.end(), [](const turn& t) {
           return t.update.who == speaker::user && !t.dropped;
         });
}

bool conversation::settled() const {
  return std::none_of(turns_.begin(), turns_.end(), [](const turn& t) {
    return t.update.who == speaker::user && !t.update.final && !t.dropped;
  });
}

std::vector<std::string> conversation::playing_items() const {
  std::vector<std::string> result;
  each_playing([&](const std::string& item_id) { result.push_back(item_id); });
  return result;
}

} // namespace switchboard::actors
