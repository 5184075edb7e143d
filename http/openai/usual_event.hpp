#pragma once

#include "actors/model_link.hpp"

#include <string_view>

namespace switchboard::openai {

/// Reads a delta of the model's voice or of its words as providers write it, without a parser of
/// all of JSON: these are nearly all there are. Where it returns true, `out` is what
/// parse_any_server_event() makes of the same text; otherwise the text is one for that, and `out`
/// is to be set anew.
/// @param out with no field set.
bool read_usual_event(std::string_view json, actors::model_event& out);

/// The same for a delta of the voice whose members stand in the order in which OpenAI writes them:
/// 0.6 of the instructions, since most of the text is compared and not read.
bool read_audio_as_written(std::string_view json, actors::model_event& out);

} // namespace switchboard::openai
