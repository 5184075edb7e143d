#pragma once

#include "audio/g711.hpp"
#include "audio/playback_ledger.hpp"
#include "storage/journal.hpp"

#include <cmath>
#include <deque>
#include <string>
#include <vector>

namespace switchboard::test {

inline audio::byte_buffer tone(double hz, uint64_t ms, double amplitude = 8000) {
  constexpr double pi = 3.14159265358979323846;
  audio::byte_buffer out(ms * 8);
  for (size_t i = 0; i < out.size(); ++i) {
    const auto at = static_cast<double>(i) / 8000;
    out[i] = audio::ulaw_encode(static_cast<int16_t>(amplitude * std::sin(2 * pi * hz * at)));
  }
  return out;
}

/// Writes the journal that a live call would write: it asks a ledger of its own for marks, and
/// plays what it sends at real time as the carrier does, echoing marks `echo_late_ms` late.
class call_on_disk {
public:
  explicit call_on_disk(std::string path) : file_(std::move(*storage::journal_file::open(path))) {
    write(storage::fact_type::call_started, 0, "{}");
    write(storage::fact_type::stream_started, 0, "MZ1");
  }

  uint64_t echo_late_ms = 20;

  void caller(uint64_t at_ms, const audio::byte_buffer& pcmu) {
    for (size_t i = 0; i < pcmu.size(); i += 160) {
      storage::fact x;
      x.type = storage::fact_type::caller_audio;
      x.at_ms = at_ms + i / 8;
      x.bytes = audio::byte_view(pcmu).subview(i, 160);
      append(x);
    }
  }

  uint32_t open(uint64_t now_ms, const std::string& id) {
    advance(now_ms);
    const auto item = ledger_.open_item(id, audio::item_kind::model);
    write(storage::fact_type::item_opened, now_ms, id, item);
    return item;
  }

  /// Hands audio to the carrier at `now_ms`, in pieces with the marks that the ledger wants.
  void assistant(uint64_t now_ms, uint32_t item, const audio::byte_buffer& pcmu) {
    advance(now_ms);
    for (size_t i = 0; i < pcmu.size();) {
      storage::fact x;
      x.type = storage::fact_type::agent_audio;
      x.at_ms = now_ms;
      x.item = item;
      x.offset_bytes = sent_;
      x.bytes = audio::byte_view(pcmu).subview(i, ledger_.next_mark_in(item));
      append(x);
      ledger_.on_sent(item, x.bytes.size, now_ms);
      sent_ += x.bytes.size;
      i += x.bytes.size;
      plays_until_ms_ = std::max(plays_until_ms_, static_cast<double>(now_ms)) +
                        static_cast<double>(x.bytes.size) / 8;
      if (auto name = ledger_.mark_due(item)) {
        ledger_.on_mark_sent(*name, now_ms);
        mark(now_ms, item, *name);
      }
    }
  }

  void done(uint64_t now_ms, uint32_t item) {
    advance(now_ms);
    const auto name = ledger_.item_done(item, now_ms);
    write(storage::fact_type::item_done, now_ms, "", item);
    mark(now_ms, item, name);
  }

  void barge_in(uint64_t now_ms) {
    advance(now_ms);
    ledger_.clear(now_ms);
    echoes_.clear();
    plays_until_ms_ = static_cast<double>(now_ms);
    write(storage::fact_type::cleared, now_ms, "");
  }

  void end(uint64_t now_ms) {
    advance(now_ms);
    write(storage::fact_type::stream_stopped, now_ms, "stop");
    write(storage::fact_type::call_ended, now_ms, "hangup");
    flush();
  }

  /// Media time goes on: marks that fell due are echoed.
  void advance(uint64_t now_ms) {
    while (!echoes_.empty() && echoes_.front().at_ms <= now_ms) {
      const auto x = echoes_.front();
      echoes_.pop_front();
      ledger_.on_mark_echo(x.name, x.at_ms);
      write(storage::fact_type::mark_echoed, x.at_ms, x.name);
    }
  }

  void flush() {
    file_->append(bytes_);
    bytes_.clear();
  }

private:
  struct echo {
    uint64_t at_ms;
    std::string name;
  };

  void mark(uint64_t now_ms, uint32_t item, const std::string& name) {
    write(storage::fact_type::mark_sent, now_ms, name, item);
    echoes_.push_back({static_cast<uint64_t>(plays_until_ms_) + echo_late_ms, name});
  }

  void write(storage::fact_type type, uint64_t at_ms, const std::string& text, uint32_t item = 0) {
    storage::fact x;
    x.type = type;
    x.at_ms = at_ms;
    x.item = item;
    x.bytes = audio::byte_view(std::string_view(text));
    append(x);
  }

  void append(const storage::fact& x) {
    storage::append_fact(bytes_, x);
    if (bytes_.size() > 64 * 1024) {
      flush();
    }
  }

  std::unique_ptr<storage::journal_file> file_;
  audio::byte_buffer bytes_;
  audio::playback_ledger ledger_;
  std::deque<echo> echoes_;
  double plays_until_ms_ = 0;
  uint64_t sent_ = 0;
};

} // namespace switchboard::test
