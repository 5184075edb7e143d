#pragma once

#include "actors/disk_actor.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

namespace switchboard::http {

/// Rendered answers of the API, as long as they are true. An answer is good while this process has
/// committed nothing since its query began (`version`, node_state::database_version), and for
/// defaults::http::cached_max, so that what another process writes (an import) shows soon. Holds at
/// most `cached_bytes_max`; the answer that was not asked for the longest goes first. Http thread
/// only.
class response_cache {
public:
  using clock = std::chrono::steady_clock;

  /// The answer for this key, if it is still true; else it is forgotten.
  const actors::read_result* find(const std::string& key, uint64_t version, clock::time_point now);
  /// @param version as read before the query began. Only answers of status 200 are kept.
  void put(const std::string& key, uint64_t version, clock::time_point began,
           const actors::read_result& answer);
  size_t bytes() const { return bytes_; }
  size_t size() const { return index_.size(); }

private:
  struct entry {
    std::string key;
    uint64_t version = 0;
    clock::time_point began;
    actors::read_result answer;
    size_t bytes() const;
  };
  using entries = std::list<entry>;
  void forget(entries::iterator);

  entries recent_; ///< the latest first
  std::unordered_map<std::string, entries::iterator> index_;
  size_t bytes_ = 0;
};

} // namespace switchboard::http
