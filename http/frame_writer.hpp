#pragma once

#include "http/frame_reader.hpp"

#include <string>
#include <string_view>

namespace switchboard::http {

/// Appends one whole frame to `out` (RFC 6455 section 5.2).
/// @param masked as a client must: with a key that neither peer nor proxy can foresee (5.3).
void append_frame(std::string& out, frame_opcode opcode, std::string_view payload, bool masked);

} // namespace switchboard::http
