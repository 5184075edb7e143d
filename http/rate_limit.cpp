#include "http/rate_limit.hpp"

#include "conf/defaults/http.hpp"

#include <algorithm>
#include <cmath>

namespace switchboard::http {

int rate_limit::take(const std::string& name, clock::time_point now) {
  if (per_second_ == 0)
    return 0;
  const double rate = per_second_;
  const double full = rate * defaults::http::rate_burst_s;
  auto [found, fresh] = buckets_.try_emplace(name, bucket{full, now});
  auto& mine = found->second;
  if (!fresh && now > mine.filled_at) {
    const double passed_s = std::chrono::duration<double>(now - mine.filled_at).count();
    mine.tokens = std::min(full, mine.tokens + passed_s * rate);
    mine.filled_at = now;
  }
  if (mine.tokens >= 1) {
    mine.tokens -= 1;
    return 0;
  }
  return std::max(1, static_cast<int>(std::ceil((1 - mine.tokens) / rate)));
}

} // namespace switchboard::http
