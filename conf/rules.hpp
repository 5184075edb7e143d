#pragma once

#include "conf/config.hpp"
#include "conf/reader.hpp"

namespace switchboard::conf {

/// Parses API_TOKENS: `name:token` or `name:token:read`, comma separated.
void read_api_tokens(reader& in, config& c);

/// Every required variable must be there.
void check_required(reader& in);

/// What depends on several variables: the rules of production, and secrets that are too short.
void check_rules(reader& in, const config& c);

} // namespace switchboard::conf
