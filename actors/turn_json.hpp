#pragma once

#include "actors/messages.hpp"

#include <string>

namespace switchboard::actors {

/// A turn as the journal keeps it: {"key","speaker","text","confidence","startMs","endMs"}.
/// (Written by hand: actors/ sees no JSON library, and this is the one text that it makes.)
std::string turn_json(const turn_update& turn);

} // namespace switchboard::actors
