#pragma once

#include "actors/histogram.hpp"
#include "http/exchange.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>

namespace switchboard::http {

/// What the server answered, by route: for /metrics. Http thread only, so plain numbers do.
/// Bounded: routes are ours, and methods and statuses that we do not know count as one.
class traffic {
public:
  struct kind {
    std::string method, route;
    int status = 0;
    bool operator<(const kind& other) const {
      return std::tie(route, method, status) < std::tie(other.route, other.method, other.status);
    }
  };
  /// An answer that is about to go out (of a streamed one, its head).
  void count(const exchange& x, const http_response& answer);

  const std::map<kind, uint64_t>& answers() const { return answers_; }
  /// From a request's arrival to its answer, us, by route.
  const std::map<std::string, std::unique_ptr<actors::histogram>>& times() const { return times_; }

private:
  std::map<kind, uint64_t> answers_;
  std::map<std::string, std::unique_ptr<actors::histogram>> times_;
};

} // namespace switchboard::http
