#pragma once

#include "audio/bytes.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace switchboard::audio::test {

/// What the carrier really does with what it is sent: an oracle for the ledger. Messages arrive in
/// order after a delay, audio plays first in first out at real time, marks are echoed in order when
/// the audio before them is over, and `clear` throws the audio away and echoes every mark still
/// out. Time is in ms; audio positions are exact to the byte (8 a ms).
class carrier_model {
public:
  struct echo {
    uint64_t at_ms;
    std::string name;
  };
  struct played {
    uint32_t item;
    uint64_t offset;
    uint64_t bytes;
    uint64_t at_bytes; // time of its first byte, in bytes
  };

  carrier_model(std::mt19937& random, uint64_t forward_max_ms, uint64_t echo_max_ms)
      : random_(random), forward_max_ms_(forward_max_ms), echo_max_ms_(echo_max_ms) {}

  void send_audio(uint32_t item, uint64_t offset, uint64_t bytes, uint64_t now_ms) {
    pipe_.push_back({kind::audio, arrival(now_ms), item, offset, bytes, {}});
  }
  void send_mark(std::string name, uint64_t now_ms) {
    pipe_.push_back({kind::mark, arrival(now_ms), 0, 0, 0, std::move(name)});
  }
  void send_clear(uint64_t now_ms) { pipe_.push_back({kind::clear, arrival(now_ms), 0, 0, 0, {}}); }

  /// Plays on until `now_ms` and returns the echoes that have reached the server by then.
  std::vector<echo> run_until(uint64_t now_ms) {
    while (!pipe_.empty() && pipe_.front().arrive_ms <= now_ms) {
      const auto m = pipe_.front();
      pipe_.pop_front();
      play_until(m.arrive_ms * 8);
      if (m.what == kind::clear) {
        empty_buffer(m.arrive_ms);
      } else {
        buffer_.push_back(m);
      }
    }
    play_until(now_ms * 8);
    std::vector<echo> out;
    while (!echoes_.empty() && echoes_.front().at_ms <= now_ms) {
      out.push_back(echoes_.front());
      echoes_.pop_front();
    }
    return out;
  }

  uint64_t heard_bytes(uint32_t item) const {
    const auto found = heard_.find(item);
    return found == heard_.end() ? 0 : found->second;
  }

  const std::vector<played>& history() const { return history_; }

private:
  enum class kind { audio, mark, clear };
  struct message {
    kind what;
    uint64_t arrive_ms;
    uint32_t item;
    uint64_t offset;
    uint64_t bytes;
    std::string name;
  };

  uint64_t upto(uint64_t max) { return max == 0 ? 0 : random_() % (max + 1); }

  uint64_t arrival(uint64_t now_ms) {
    last_arrival_ms_ = std::max(last_arrival_ms_, now_ms + upto(forward_max_ms_));
    return last_arrival_ms_;
  }

  void play_until(uint64_t now_bytes) {
    while (!buffer_.empty()) {
      auto& m = buffer_.front();
      free_bytes_ = std::max(free_bytes_, m.arrive_ms * 8);
      if (m.what == kind::mark) {
        if (free_bytes_ > now_bytes) {
          return;
        }
        send_echo((free_bytes_ + 7) / 8, m.name);
        buffer_.pop_front();
        continue;
      }
      if (free_bytes_ >= now_bytes) {
        return;
      }
      const uint64_t bytes = std::min(m.bytes, now_bytes - free_bytes_);
      history_.push_back({m.item, m.offset, bytes, free_bytes_});
      heard_[m.item] += bytes;
      free_bytes_ += bytes;
      m.offset += bytes;
      m.bytes -= bytes;
      if (m.bytes == 0) {
        buffer_.pop_front();
      }
    }
  }

  void empty_buffer(uint64_t now_ms) {
    for (const auto& m : buffer_) {
      if (m.what == kind::mark) {
        send_echo(now_ms, m.name);
      }
    }
    buffer_.clear();
    free_bytes_ = now_ms * 8;
  }

  void send_echo(uint64_t at_ms, const std::string& name) {
    last_echo_ms_ = std::max(last_echo_ms_, at_ms + upto(echo_max_ms_));
    echoes_.push_back({last_echo_ms_, name});
  }

  std::mt19937& random_;
  uint64_t forward_max_ms_;
  uint64_t echo_max_ms_;
  uint64_t last_arrival_ms_ = 0;
  uint64_t last_echo_ms_ = 0;
  uint64_t free_bytes_ = 0; // when the buffered audio's first byte plays
  std::deque<message> pipe_;
  std::deque<message> buffer_;
  std::deque<echo> echoes_;
  std::map<uint32_t, uint64_t> heard_;
  std::vector<played> history_;
};

} // namespace switchboard::audio::test
