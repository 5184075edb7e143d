#pragma once

#include "http/twilio/stream_codec.hpp"

namespace switchboard::twilio {

/// Reads a `media` or `mark` message as the carrier writes it, without a parser of all of JSON:
/// these are nearly all there are. Where it returns true, `out` is what parse_any_stream_message()
/// makes of the same text; otherwise the text is one for that, and `out` is to be set anew.
/// @param out with no field set.
bool read_usual_message(std::string_view json, stream_event& out);

/// The same for a `media` message of the caller's audio whose members stand in the order in which
/// Twilio writes them: 0.6 of the instructions, since most of the text is compared and not read.
bool read_media_as_written(std::string_view json, stream_event& out);

} // namespace switchboard::twilio
