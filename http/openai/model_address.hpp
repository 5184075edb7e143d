#pragma once

#include "conf/config.hpp"

#include <string>
#include <utility>
#include <vector>

namespace switchboard::openai {

/// OPENAI_REALTIME_URL with `model=OPENAI_REALTIME_MODEL` (percent-encoded) in its query, unless
/// the query names the model by itself: `model`, or `deployment` (Azure's preview), `call_id` or
/// `intent`, which exclude it. A fragment is dropped.
std::string model_url(const conf::config& config);

/// Request headers of the upgrade: the key under the name that OPENAI_AUTH_HEADER gives
/// ("Authorization: Bearer" or a bare name such as "api-key"), the beta marker in that dialect only
/// (the GA interface closes a connection that carries it). Holds the secret: never log it.
std::vector<std::pair<std::string, std::string>> model_headers(const conf::config& config);

} // namespace switchboard::openai
