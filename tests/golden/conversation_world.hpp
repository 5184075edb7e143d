#pragma once

#include "tests/actors/call_world.hpp"
#include "tests/audio/carrier_model.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace switchboard::test {

/// A whole call in virtual time between a model that says what it is told and a carrier that plays
/// what it gets like the real one (audio/carrier_model.hpp), so that what the caller heard is known
/// independently of the ledger. Time goes in frames of 20 ms; both peers answer a close on the next
/// frame. What the call does is told to `note`, line by line.
class conversation_world : public call_world {
public:
  static constexpr uint64_t frame_ms = 20;

  /// @param id the call's id, which also seeds its jitter. @param forward_max_ms,echo_max_ms
  /// delays of the wire in both directions, drawn from `seed`.
  conversation_world(const std::string& id, uint64_t seed, uint64_t forward_max_ms = 0,
                     uint64_t echo_max_ms = 0);

  /// One frame goes by: echoes and frames arrive, `happen` is done, what the call did is noted.
  void frame(const std::function<void()>& happen = {});
  uint64_t now_ms() const { return now_ms_; }

  // -- the model --------------------------------------------------------------------------------
  /// Whether there is a session that can be told something.
  bool model_listens() { return !model.sessions.empty() && model.latest().sink != nullptr; }
  void tell(const model_event& event);
  void tell(type what, const std::string& item, const std::string& response = {},
            const std::string& text = {});
  /// Audio of an item, in the deltas of 100 ms that a model sends, faster than it is played.
  void model_audio(const std::string& response, const std::string& item, uint64_t ms);
  void speech(type what, const std::string& item, uint64_t session_ms);
  void transcript(const std::string& item, const std::string& text, double confidence);

  // -- the carrier ------------------------------------------------------------------------------
  bool carrier_listens() const { return wire->sink != nullptr; }
  void carrier_returns();
  /// What the caller heard of an item until now.
  uint64_t heard_ms(const std::string& item);
  uint64_t sent_ms(const std::string& item) const;
  const std::vector<std::string>& items() const { return items_; }

  std::function<void(const std::string&)> note = [](const std::string&) {};
  bool caller_speaks = false;
  bool frames_lost = false;    ///< the network eats the caller's audio
  bool carrier_answers = true; ///< a close, by closing
  bool model_answers = true;
  /// Differences between what the model was told to be heard and what was: `truncate` by item.
  std::vector<int64_t> truncation_errors_ms;

private:
  void carrier_frame();
  void stop_playing();
  void take_echoes();
  void see_carrier();
  void see_model();
  void see_feed();
  void answer_closes();
  void tell_truncation(const truncate_item& cut);
  std::string describe(const model_record::write& write);
  std::string describe(const feed_event& event) const;
  uint32_t value_of(const std::string& item);

  uint64_t now_ms_ = 0;
  uint64_t stream_began_ms_ = 0;
  std::mt19937 chance_;
  uint64_t forward_max_ms_, echo_max_ms_;
  std::unique_ptr<audio::test::carrier_model> buffer_;
  carrier_record_ptr seen_wire_;
  size_t seen_writes_ = 0, seen_closes_ = 0;
  struct session_view {
    size_t writes = 0, closes = 0;
  };
  std::vector<session_view> seen_sessions_;
  size_t seen_events_ = 0;
  std::vector<std::string> items_; // the audio of the n-th consists of bytes n + 1
  std::map<std::string, uint64_t> sent_bytes_;
  std::map<std::string, uint64_t> heard_before_; // in streams that are over
};

} // namespace switchboard::test
