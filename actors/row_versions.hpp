#pragma once

#include "conf/defaults/database.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

namespace switchboard::actors {

/// What of the rows a change touched, or an answer was made from. Bits.
enum row_aspect : uint8_t {
  rows_of_calls = 1, ///< which calls there are: one was created, or erased
  rows_status = 2,   ///< status, end or duration of a call
  rows_feeling = 4,  ///< snapshots: sentiment and figures
  rows_words = 8,    ///< transcripts and notes
};
constexpr uint8_t rows_all = 15;
constexpr size_t row_aspects = 4;

/// When was it that something changed? Tells whether an answer made from the database is still true
/// after other rows were written. Changes are counted; of each aspect, and of each call (by a hash:
/// two calls may share a place, which makes an answer look older than it is, never newer), the
/// count at its last change is kept. Any thread; a fixed size, no lock.
class row_versions {
public:
  /// What an answer was made from.
  struct source {
    uint8_t aspects = 0;         ///< of all calls
    std::vector<uint32_t> calls; ///< places of single calls, every column and relation of them
  };

  /// Where a call's changes are counted.
  static uint32_t place_of(std::string_view call_id);

  /// How many changes there were; to be read before the query begins.
  uint64_t now() const { return count_.load(); }

  /// A change was committed. To be called before anybody hears of it: what one reads who knows of a
  /// change is then not older than it. An empty id touches no single call.
  void touch(std::string_view call_id, uint8_t aspects);
  /// It is not known what was changed.
  void touch_all();

  /// Whether an answer whose query began at `since` would be the same if it were made now.
  bool unchanged(uint64_t since, const source& from) const;

private:
  using counter = std::atomic<uint64_t>;

  counter count_{0};
  counter all_{0}; ///< the last change of which nothing is known
  std::array<counter, row_aspects> aspects_{};
  std::array<counter, defaults::database::version_places> places_{};
};

} // namespace switchboard::actors
