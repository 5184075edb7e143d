#pragma once

#include "audio/bytes.hpp"

namespace switchboard::audio {

/// Two soft notes and a pause, 2 s in all, PCMU: what a caller hears, over and over, while the
/// agent is away. Loops without a click. Made once, valid for ever; any thread.
byte_view hold_tone();

} // namespace switchboard::audio
