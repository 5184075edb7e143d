#pragma once

#include "http/response_cache.hpp"

#include <mutex>
#include <string>

namespace switchboard::http {

/// Calls with their relations as JSON, as long as they are true: a page of which one call changed
/// is made anew from this one and from the texts of the others. Rules and bound are those of
/// response_cache. Any thread.
class call_texts {
public:
  using clock = response_cache::clock;

  struct text {
    std::string json;
    std::string tag;         ///< of its content: the call's ETag
    clock::time_point began; ///< of the query that it was made from
  };

  explicit call_texts(size_t bytes_max) : texts_(bytes_max) {}

  /// @param stamp what the text depends on beside the rows: the base and the hour of its links.
  std::optional<text> find(const std::string& call_id, const std::string& stamp,
                           const actors::row_versions& versions, clock::time_point now);
  /// @param version row_versions::now() as read before the query began.
  void put(const std::string& call_id, const std::string& stamp, uint64_t version, text made);

private:
  std::mutex mutex_;
  response_cache texts_;
};

} // namespace switchboard::http
