#pragma once

#include "audio/wav.hpp"
#include "storage/sealer.hpp"
#include "tests/actors/call_world.hpp"
#include "tests/audio/carrier_model.hpp"
#include "tests/storage/temporary_directory.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace switchboard::test {

/// A whole call in virtual time over a network that stalls, bursts and loses, in which both sides
/// click once a second, and the recording that is made of its journal. What the caller heard is
/// known from a model of the carrier, independently of the ledger.
class recorded_call : public call_world {
public:
  static constexpr uint64_t frame_ms = 20;

  /// @param forward_max_ms,echo_max_ms delays of audio and of echoes, drawn from `seed`.
  recorded_call(uint64_t seed, uint64_t forward_max_ms, uint64_t echo_max_ms);

  /// A frame goes by on both sides.
  void step();
  void run_until(uint64_t ms) {
    while (now_ms_ < ms)
      step();
  }
  uint64_t now_ms() const { return now_ms_; }

  /// Nothing of the caller's side arrives for so long, then all of it at once.
  void stall(uint64_t ms) { stalled_until_ms_ = now_ms_ + ms; }
  /// What the caller says for so long never arrives.
  void lose(uint64_t ms) { lost_until_ms_ = now_ms_ + ms; }
  /// The agent says `ms` of audio from the next frame on: deltas of 100 ms, `speed` times as fast
  /// as it is played.
  void answer(uint64_t ms, uint64_t speed = 4);
  bool answering() const { return to_say_ms_ > 0; }
  void interrupt();
  /// The stream breaks off; the carrier comes back after so long.
  void lose_stream(uint64_t ms);
  /// The caller hangs up, and the journal is sealed. @returns the recording's row.
  storage::result<storage::recording_row> finish();

  // -- the truth and what was recorded of it, ms of call media time, in order --------------------
  std::vector<uint64_t> caller_clicks() const { return caller_clicks_; }
  /// Those that were played. @param sure without those that were played just before a cut, of which
  /// no echo can tell.
  std::vector<uint64_t> agent_clicks(bool sure) const;
  std::vector<uint64_t> recorded_clicks(size_t side) const;
  /// Whether what was played at `at_ms` was cut soon after, or while the cut was on its way: no
  /// echo tells of it exactly.
  bool close_to_a_cut(uint64_t at_ms) const;
  uint64_t echo_max_ms() const { return echo_max_ms_; }
  /// Whether echoes were held up: such a one cannot be told from audio that was played late.
  bool stalled() const { return stalled_until_ms_ > 0; }
  uint64_t recorded_ms() const { return clip_.info.duration_ms(); }

private:
  struct frame {
    uint64_t spoken_ms; ///< of its first sample
    audio::byte_buffer pcmu;
  };
  void model_speaks();
  void say_delta();
  void caller_speaks();
  void carrier_delivers();
  void carrier_takes();
  void stop_playing();

  std::mt19937 random_;
  uint64_t forward_max_ms_, echo_max_ms_;
  std::unique_ptr<audio::test::carrier_model> buffer_;
  std::vector<audio::test::carrier_model::played> history_; ///< of streams that are over
  std::vector<uint64_t> cuts_ms_;
  std::vector<uint64_t> agent_click_bytes_; ///< places in all that the agent said
  std::vector<uint64_t> caller_clicks_;
  uint64_t said_bytes_ = 0; ///< by the model
  uint64_t sent_bytes_ = 0; ///< to the carrier
  carrier_record_ptr seen_wire_;
  size_t seen_writes_ = 0;
  std::deque<frame> on_way_;
  std::deque<audio::test::carrier_model::echo> echoes_on_way_;
  uint64_t now_ms_ = 0;
  uint64_t stream_began_ms_ = 0;
  uint64_t stalled_until_ms_ = 0;
  uint64_t lost_until_ms_ = 0;
  uint64_t returns_at_ms_ = 0; ///< 0: there is a stream
  uint64_t to_say_ms_ = 0;
  uint64_t item_said_ms_ = 0;
  uint64_t speed_ = 4;
  uint64_t credit_ms_ = 0; ///< that the model has made and not said yet
  size_t items_ = 0;
  temporary_directory root_;
  audio::wav_clip clip_;
};

} // namespace switchboard::test
