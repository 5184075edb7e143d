#pragma once

#include "actors/model_link.hpp"

#include <string_view>

namespace switchboard::openai {

/// Reads a delta of the model's voice as providers write it, without a parser of all of JSON: these
/// are nearly all there are. Where it returns true, `out` is what parse_any_server_event() makes of
/// the same text; otherwise the text is one for that, and `out` is to be set anew.
/// @param out with no field set.
bool read_audio_delta(std::string_view json, actors::model_event& out);

} // namespace switchboard::openai
