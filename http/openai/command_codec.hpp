#pragma once

#include "actors/model_link.hpp"
#include "conf/config.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// Client events of the Realtime protocol. Pure; any thread.
namespace switchboard::openai {

/// What our event of that number is called; the provider's errors name it.
std::string event_id_of(uint64_t number);

/// Appends one `input_audio_buffer.append`. @param audio in the session's format. @param number of
/// the event, as event_id_of() takes it.
void append_append_audio(std::string& out, audio::byte_view audio, uint64_t number);

/// Appends one command as the dialect writes it. @param event_id errors name it.
/// Text that is not UTF-8 is repaired, numbers out of range are clamped, a tool's parameters that
/// are no JSON object become an empty schema: what comes out is always one valid JSON object.
void render_command(const actors::model_command& command, std::string_view event_id,
                    conf::dialect dialect, std::string& out);

} // namespace switchboard::openai
