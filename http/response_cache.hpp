#pragma once

#include "actors/disk_actor.hpp"
#include "actors/row_versions.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace switchboard::http {

/// Rendered answers of the API, as long as they are true. An answer is good while this process has
/// committed nothing to what it was made from since its query began (row_versions), and for
/// defaults::http::cached_max, so that what another process writes (an import) shows soon. Holds a
/// bounded number of bytes; the answer that was not asked for the longest goes first. Those that
/// are too old go when another comes, so that it holds what is asked for now. One thread.
class response_cache {
public:
  using clock = std::chrono::steady_clock;

  explicit response_cache(size_t bytes_max) : bytes_max_(bytes_max) {}

  /// What an answer was made from, and when.
  struct origin {
    uint64_t version = 0; ///< row_versions::now() as read before the query began
    clock::time_point began;
    actors::row_versions::source from;
  };

  /// The answer for this key, if it is still true; else it is forgotten.
  /// @param began gets the beginning of its query, if anybody wants to know.
  const actors::read_result* find(const std::string& key, const actors::row_versions& versions,
                                  clock::time_point now, clock::time_point* began = nullptr);
  /// Only answers of status 200 are kept.
  void put(const std::string& key, origin made, const actors::read_result& answer);
  size_t bytes() const { return bytes_; }
  size_t size() const { return index_.size(); }

private:
  struct entry {
    std::string key;
    origin made;
    actors::read_result answer;
    size_t bytes() const;
  };
  using entries = std::list<entry>;
  void forget(entries::iterator);

  entries recent_; ///< the latest first
  std::unordered_map<std::string, entries::iterator> index_;
  size_t bytes_ = 0;
  size_t bytes_max_;
};

} // namespace switchboard::http
