#pragma once

#include <cstddef>

namespace switchboard::defaults::feed {

/// Updates kept for clients that connect or come back (the contract's "last 100 updates").
constexpr size_t replay_max = 100;

} // namespace switchboard::defaults::feed
