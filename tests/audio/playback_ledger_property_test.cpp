#define CAF_SUITE playback_ledger_property
#define FAIL CAF_FAIL
#include "audio/playback_ledger.hpp"
#include "conf/defaults/audio.hpp"
#include "tests/audio/carrier_model.hpp"

#include <cstdlib>
#include <functional>
#include <set>

#include <caf/test/dsl.hpp>

using namespace switchboard::audio;
using switchboard::audio::test::carrier_model;
namespace limits = switchboard::defaults::audio;

namespace {

constexpr unsigned runs = 2500;
constexpr uint64_t delta_max_ms = 400;
constexpr uint64_t step_max_ms = 60;

using fact = std::function<void(playback_ledger&)>;

/// One random conversation: a leg that talks to a carrier model, and what must hold at every step.
class conversation {
public:
  explicit conversation(unsigned seed)
      : random_(seed),
        forward_ms_(pick({0, 0, 15, 60})),
        echo_ms_(pick({0, 20, 80, 300})),
        splits_(chance(70)),
        stalls_(chance(50)),
        carrier_(random_, forward_ms_, echo_ms_) {}

  /// @returns what was broken first; empty if nothing.
  std::string run() {
    for (int step = 0; step < 150 && broken_.empty(); ++step) {
      step_ms_ = stalls_ && chance(3) ? random_() % 3000
                                      : random_() % step_max_ms; // echoes wait for a step's end
      now_ += step_ms_;
      take_echoes();
      act();
      check_step();
      if (chance(20)) {
        drain();
      }
    }
    const auto cut = tell_cut([now = now_](playback_ledger& l) { return l.finish(now); });
    check_cut(cut);
    check_step();
    drain();
    check_placements();
    check_replay();
    return broken_;
  }

private:
  struct item {
    std::string id;
    item_kind kind;
    uint64_t sent = 0;
    uint64_t heard = 0;
    uint64_t heard_at_cut = 0;
    uint64_t planned = 0;
    bool done = false;
    bool cut = false;
    bool done_echoed = false;
    std::string done_mark;
  };

  uint64_t pick(std::initializer_list<uint64_t> from) {
    return from.begin()[random_() % from.size()];
  }
  bool chance(unsigned percent) { return random_() % 100 < percent; }

  void hold(bool holds, const char* what) {
    if (!holds && broken_.empty()) {
      broken_ = std::string(what) + " at " + std::to_string(now_) + " ms";
    }
  }

  template <class F>
  auto tell(F f) {
    facts_.emplace_back([f](playback_ledger& l) { f(l); });
    return f(ledger_);
  }

  template <class F>
  cut_result tell_cut(F f) {
    return tell(f);
  }

  void act() {
    const unsigned dice = random_() % 100;
    if (items_.empty() || dice < 8) {
      open_item();
    } else if (dice < 60) {
      send();
    } else if (dice < 66) {
      clear();
    } else if (dice < 70) {
      hold(!tell([now = now_](playback_ledger& l) { return l.on_mark_echo("alien", now); }),
           "a foreign echo counted");
    } else if (dice < 76 && !echoed_.empty()) {
      const auto name = *std::next(echoed_.begin(), static_cast<long>(random_() % echoed_.size()));
      hold(!tell([=, now = now_](playback_ledger& l) { return l.on_mark_echo(name, now); }),
           "a second echo counted");
    }
  }

  void open_item() {
    item i;
    i.id = "item" + std::to_string(items_.size());
    i.kind = chance(80) ? item_kind::model : item_kind::local;
    i.planned = (random_() % 6000) * 8 + random_() % 8;
    const auto index = tell([=](playback_ledger& l) { return l.open_item(i.id, i.kind); });
    hold(index == items_.size(), "an index was reused");
    items_.push_back(i);
  }

  /// One delta of one of the latest items, mostly the last: the model's way, and fillers between.
  void send() {
    const size_t back = chance(90) ? 1 : 1 + random_() % std::min<size_t>(3, items_.size());
    const auto index = static_cast<item_index>(items_.size() - back);
    auto& i = items_[index];
    if (i.done || i.cut) {
      return;
    }
    uint64_t left = std::min(i.planned - i.sent, (random_() % delta_max_ms) * 8 + random_() % 8);
    while (left > 0) {
      const uint64_t part = splits_ ? std::min<uint64_t>(left, ledger_.next_mark_in(index)) : left;
      send_part(i, index, part);
      left -= part;
    }
    if (i.sent == i.planned) {
      i.done = true;
      i.done_mark = tell([=, now = now_](playback_ledger& l) { return l.item_done(index, now); });
      hold(!i.done_mark.empty() && names_.insert(i.done_mark).second, "a mark's name came twice");
      write_mark(i.done_mark);
    }
  }

  void send_part(item& i, item_index index, uint64_t bytes) {
    tell([=, now = now_](playback_ledger& l) { l.on_sent(index, bytes, now); });
    carrier_.send_audio(index, i.sent, bytes, now_);
    i.sent += bytes;
    if (const auto name = ledger_.mark_due(index)) {
      hold(names_.insert(*name).second, "a mark's name came twice");
      tell([n = *name, now = now_](playback_ledger& l) { l.on_mark_sent(n, now); });
      write_mark(*name);
    }
  }

  void write_mark(const std::string& name) {
    carrier_.send_mark(name, now_);
    pending_.insert(name);
  }

  void take_echoes() {
    for (const auto& echo : carrier_.run_until(now_)) {
      const bool due = pending_.erase(echo.name) > 0;
      const bool counted =
          tell([n = echo.name, at = now_](playback_ledger& l) { return l.on_mark_echo(n, at); });
      hold(counted == due, "an echo counted that should not or the reverse");
      echoed_.insert(echo.name);
      for (auto& i : items_) {
        i.done_echoed = i.done_echoed || (counted && i.done_mark == echo.name);
      }
    }
  }

  void clear() {
    const auto generation = ledger_.generation();
    const auto cut = tell_cut([now = now_](playback_ledger& l) { return l.clear(now); });
    carrier_.send_clear(now_);
    pending_.clear();
    hold(ledger_.generation() == generation + 1, "a clear did not begin a generation");
    check_cut(cut);
  }

  void check_cut(const cut_result& cut) {
    for (const auto& t : cut.truncations) {
      const auto& i = items_[*ledger_.find(t.item_id)];
      hold(t.audio_end_ms <= i.sent / 8, "a truncation exceeds what was sent");
      hold(i.sent > 0, "an item without audio was truncated");
      hold(i.kind == item_kind::model, "a local clip was truncated");
      hold(!i.done_echoed, "an item heard out was truncated");
      hold(t.audio_end_ms == ledger_.heard_ms(*ledger_.find(t.item_id), now_),
           "a truncation is not what was heard");
    }
    const std::set<std::string> gone(cut.discarded_items.begin(), cut.discarded_items.end());
    for (auto& i : items_) {
      hold(!(gone.count(i.id) > 0 && (i.cut || i.done_echoed)), "an item ended twice");
      if (gone.count(i.id) > 0) {
        i.cut = true;
        i.heard_at_cut = ledger_.heard_bytes(*ledger_.find(i.id), now_);
      }
      hold(ledger_.discarded(i.id) == i.cut, "discarded() does not know the cut items");
      hold(i.cut || i.done, "an unfinished item was not cut");
    }
    hold(!ledger_.audible(now_ + 1000) && ledger_.idle(), "something is out after a clear");
  }

  void check_step() {
    bool audible = false;
    for (item_index n = 0; n < items_.size(); ++n) {
      auto& i = items_[n];
      const uint64_t heard = ledger_.heard_bytes(n, now_);
      const uint64_t truth = carrier_.heard_bytes(n);
      hold(heard <= i.sent, "heard more than was sent");
      hold(heard >= i.heard, "heard shrank");
      hold(!i.cut || heard == i.heard_at_cut, "heard changed after the cut");
      hold(heard <= truth + forward_ms_ * 8 + 8, "claims what the caller has not heard");
      const uint64_t lag_ms = forward_ms_ + echo_ms_ + limits::mark_interval_ms + delta_max_ms + 1;
      hold(i.cut || heard + (lag_ms + step_ms_) * 8 >= truth, "is far behind what was heard");
      hold(!i.done_echoed || ledger_.state(n, now_) == item_state::heard, "a heard item is not");
      i.heard = heard;
      audible = audible || (!i.cut && heard < i.sent);
    }
    hold(audible == ledger_.audible(now_), "audible() disagrees with the items");
    hold(ledger_.audible(now_) == ledger_.current_item(now_).has_value(), "no current item");
  }

  void drain() {
    for (const auto& p : ledger_.take_placements()) {
      placed_.push_back(p);
    }
  }

  void check_placements() {
    uint64_t end_bytes = 0;
    std::vector<uint64_t> next(items_.size(), 0);
    for (const auto& p : placed_) {
      hold(p.bytes > 0, "an empty placement");
      hold(p.at_ms * 8 >= end_bytes, "placements overlap");
      hold(p.item_offset_bytes == next[p.item], "a piece is missing or placed twice");
      end_bytes = p.at_ms * 8 + p.bytes;
      next[p.item] += p.bytes;
    }
    for (item_index n = 0; n < items_.size(); ++n) {
      hold(next[n] == ledger_.heard_bytes(n, now_), "what was placed is not what was heard");
    }
    check_places_against_truth();
  }

  void check_places_against_truth() {
    for (const auto& p : placed_) {
      for (const auto& h : carrier_.history()) {
        const uint64_t from = std::max(p.item_offset_bytes, h.offset);
        const uint64_t to = std::min(p.item_offset_bytes + p.bytes, h.offset + h.bytes);
        if (p.item != h.item || from >= to) {
          continue;
        }
        const auto ours = static_cast<int64_t>(p.at_ms * 8 + from - p.item_offset_bytes);
        const auto truth = static_cast<int64_t>(h.at_bytes + from - h.offset);
        worst_ms_ = std::max<int64_t>(worst_ms_, std::abs(ours - truth) / 8);
      }
    }
  }

  void check_replay() {
    playback_ledger again;
    std::vector<placement> placed;
    for (const auto& f : facts_) {
      f(again);
      const auto more = again.take_placements();
      placed.insert(placed.end(), more.begin(), more.end());
    }
    for (item_index n = 0; n < items_.size(); ++n) {
      hold(again.heard_bytes(n, now_) == items_[n].heard, "a replay heard something else");
    }
    hold(bytes_by_time(placed) == bytes_by_time(placed_), "a replay placed it elsewhere");
  }

  /// Placements are joined by when they were taken: compare what they say of each ms of audio.
  static std::vector<std::pair<uint64_t, uint64_t>>
  bytes_by_time(const std::vector<placement>& in) {
    std::vector<std::pair<uint64_t, uint64_t>> out;
    for (const auto& p : in) {
      for (uint64_t b = 0; b < p.bytes; ++b) {
        if ((p.item_offset_bytes + b) % 64 == 0) {
          out.emplace_back(p.item * uint64_t{1} << 40 | (p.item_offset_bytes + b), p.at_ms * 8 + b);
        }
      }
    }
    return out;
  }

public:
  /// How far a piece was placed from where it was truly played, and how far it may be.
  int64_t worst_ms() const { return worst_ms_; }
  int64_t delay_ms() const { return static_cast<int64_t>(forward_ms_ + echo_ms_ + step_max_ms); }
  bool stalls() const { return stalls_; }

private:
  std::mt19937 random_;
  uint64_t forward_ms_;
  uint64_t echo_ms_;
  bool splits_; // deltas at the marks
  bool stalls_; // of our own process
  carrier_model carrier_;
  playback_ledger ledger_;
  std::vector<fact> facts_;
  std::vector<item> items_;
  std::vector<placement> placed_;
  std::set<std::string> names_;
  std::set<std::string> pending_; // marks whose echo must count
  std::set<std::string> echoed_;
  std::string broken_;
  uint64_t now_ = 0;
  uint64_t step_ms_ = 0;
  int64_t worst_ms_ = 0;
};

unsigned first_seed() {
  const char* text = std::getenv("SWITCHBOARD_SEED");
  return text != nullptr ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : 1;
}

} // namespace

CAF_TEST(whatever the carrier does the ledger tells the truth) {
  const unsigned first = first_seed();
  CAF_MESSAGE("seeds from " << first << "; set SWITCHBOARD_SEED to change");
  for (unsigned seed = first; seed < first + runs; ++seed) {
    conversation c{seed};
    const auto broken = c.run();
    if (!broken.empty()) {
      CAF_FAIL("seed " << seed << ": " << broken);
    }
    // Without stalls of our own a piece lies within the carrier's delays of where it was played.
    if (!c.stalls() && c.worst_ms() > c.delay_ms()) {
      CAF_FAIL("seed " << seed << ": a piece lies " << c.worst_ms() << " ms from its place");
    }
  }
}
