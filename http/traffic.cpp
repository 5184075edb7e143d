#include "http/traffic.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace switchboard::http {

namespace {

std::string known_method(const std::string& method) {
  static constexpr std::array<const char*, 7> known = {"GET",    "HEAD",    "POST", "PUT",
                                                       "DELETE", "OPTIONS", "PATCH"};
  return std::find(known.begin(), known.end(), method) != known.end() ? method : "other";
}

} // namespace

void traffic::count(const exchange& x, const http_response& answer) {
  const std::string route{x.route.empty() ? "none" : x.route};
  ++answers_[{known_method(x.request().method), route, answer.status}];
  auto& time = times_[route];
  if (time == nullptr)
    time = std::make_unique<actors::histogram>(defaults::metrics::request_us);
  const auto took = std::chrono::steady_clock::now() - x.request().received;
  time->observe(
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
}

} // namespace switchboard::http
