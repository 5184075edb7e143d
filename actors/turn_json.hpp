#pragma once

#include "actors/messages.hpp"

#include <string>

namespace switchboard::actors {

/// A turn as the journal keeps it: {"key","speaker","text","generated","version","confidence",
/// "startMs","endMs"}; `text` is what was heard, `generated` (the agent's turns only) all that the
/// model made of it.
/// (Written by hand: actors/ sees no JSON library, and this is the one text that it makes.)
std::string turn_json(const turn_update& turn);

} // namespace switchboard::actors
