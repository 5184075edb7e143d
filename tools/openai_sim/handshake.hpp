#pragma once

#include "tools/openai_sim/options.hpp"
#include "tools/sim_common/openai_json.hpp"

#include <optional>
#include <string>

namespace sim::openai {

/// What of an upgrade request matters.
struct upgrade_request {
  std::string target;
  std::string authorization;
  std::string api_key; ///< Header api-key.
  bool beta_header = false;
  bool upgrade = false; ///< It asks for a WebSocket at all.
};

/// The session refused after the upgrade: one error event, then a close frame.
struct refusal {
  api_error error;
  int close_code = 0;

  std::string close_reason() const { return error.type + "." + error.code; }
};

struct verdict {
  int http_status = 101; ///< Anything else refuses the upgrade itself.
  std::string model;
  std::optional<refusal> refused;
};

/// Judges an upgrade as the service does: no key at all is a 401, but a wrong key, a missing or
/// unknown model and the beta header are told only after a successful upgrade.
verdict judge_upgrade(const upgrade_request& request, const options& chosen);

} // namespace sim::openai
