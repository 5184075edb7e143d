#include "tools/sim_common/openai_core.hpp"

#include <algorithm>

namespace sim::openai {

void core::fail(const api_error& error, const std::string& cause, int64_t delay_ms) {
  report["errors"].push_back({{"code", error.code},
                              {"message", error.message},
                              {"param", error.param},
                              {"eventId", cause}});
  const int64_t delay = std::max(delay_ms, options.error_delay_ms);
  if (delay == 0)
    out.send_error(error, cause);
  else
    time.after(delay, "errors", [this, error, cause] { out.send_error(error, cause); });
}

} // namespace sim::openai
