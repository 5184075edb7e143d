#pragma once

#include "tools/sim_common/load_spread.hpp"
#include "tools/sim_common/load_stamp.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sim::load {

/// Frames of one direction. Those sent while it measures count, whenever they arrive.
struct flow {
  uint64_t sent = 0;
  uint64_t received = 0;
  load_spread delay;
};

/// Frames both ways of one group of calls.
struct flows {
  flow to_model, to_carrier;
};

/// What all calls and sessions tell.
struct tally {
  int64_t from_us = std::numeric_limits<int64_t>::max(); ///< measured from then
  int64_t to_us = std::numeric_limits<int64_t>::max();   ///< until then
  flows main;                                            ///< the calls of --calls
  flows others;                                          ///< those of --churn and --crowd
  load_spread first_audio; ///< us from a stream's start to its first sound
  load_spread set_up;      ///< us from the webhook to the stream's start
  load_spread api;         ///< us of an API request
  load_spread clear;       ///< us from the model's speech_started to the carrier's clear
  uint64_t live = 0, started = 0, refused = 0, failed = 0, lost = 0, ended = 0;
  uint64_t sessions = 0, sessions_lost = 0;
  uint64_t sessions_unopened = 0; ///< given up before they were open: their call was over
  uint64_t marks = 0, clears = 0, truncates = 0, odd_messages = 0;
  uint64_t api_errors = 0;
  uint32_t first_other = std::numeric_limits<uint32_t>::max(); ///< streams from it are `others`
  std::string first_problem;

  flows& of(uint32_t stream) { return stream < first_other ? main : others; }
  bool counts(int64_t at_us) const { return at_us >= from_us && at_us < to_us; }
  void on_sent(flow& f, int64_t at_us) { f.sent += counts(at_us) ? 1 : 0; }
  void on_received(flow& f, int64_t sent_us, int64_t now) {
    if (!counts(sent_us))
      return;
    ++f.received;
    f.delay.add(now - sent_us);
  }
  /// The model says that the caller of a stream begins to speak.
  void on_speech(uint32_t stream, int64_t now) {
    if (stream >= speech_us_.size())
      speech_us_.resize(stream + 1, 0);
    speech_us_[stream] = now;
  }
  /// What was playing of a stream is cut. A goodbye or a filler is cut without speech.
  void on_clear(uint32_t stream, int64_t now) {
    ++clears;
    if (stream >= speech_us_.size() || speech_us_[stream] == 0)
      return;
    if (counts(speech_us_[stream]))
      clear.add(now - speech_us_[stream]);
    speech_us_[stream] = 0;
  }
  /// Whether one more of a stream's model sessions may break off. After the sixth within a minute
  /// the server rightly ends the call, and that would look like one that was lost.
  bool may_break(uint32_t stream) { return ++broken_[stream] <= breaks_max; }
  void problem(const std::string& text) {
    if (first_problem.empty())
      first_problem = text;
  }

private:
  static constexpr unsigned breaks_max = 2;

  std::unordered_map<uint32_t, unsigned> broken_; ///< sessions that broke off, by stream
  std::vector<int64_t> speech_us_;                ///< by stream; 0: no speech, or it was answered
};

/// The text between `key` and the next quotation mark; empty if the key is not there.
inline std::string_view quoted_after(std::string_view text, std::string_view key) {
  const auto at = text.find(key);
  if (at == std::string_view::npos)
    return {};
  const auto begin = at + key.size();
  return text.substr(begin, text.find('"', begin) - begin);
}

} // namespace sim::load
