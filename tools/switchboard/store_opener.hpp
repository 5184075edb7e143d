#pragma once

#include "actors/database.hpp"
#include "conf/config.hpp"

namespace switchboard {

/// How actors open the configured database, each on its own thread. Why it cannot be opened is
/// logged; the actor gets null and tries again with its next work.
actors::store_factory store_opener(const conf::config& config, bool read_only);

} // namespace switchboard
