#pragma once

#include "actors/model_link.hpp"

#include <cstdint>
#include <string_view>

/// Server events of the Realtime protocol. Pure; any thread.
namespace switchboard::openai {

/// Why an event could not be used.
enum class codec_error : uint8_t {
  none,
  bad_json,      ///< not one JSON object, or not UTF-8
  missing_field, ///< `type`, or what its event is nothing without
  bad_number,    ///< not a number, or out of its field's range
  bad_base64,
  too_large, ///< over message_bytes_max
};

const char* to_string(codec_error);

/// Reads one event, GA or beta names. Never throws, never trusts a length. Unknown types become
/// `other`; unknown fields, and known ones that are null or of an unexpected kind, count as absent:
/// the providers of this protocol differ. Two fields hold what their event calls differently:
/// `text` (delta, transcript, text, arguments, an item's content) and `item_id` (also `item.id`).
/// @param out every field is set anew; reuse it, its buffers keep their capacity.
codec_error parse_server_event(std::string_view json, actors::model_event& out) noexcept;

/// The same, slower: without the short way for the model's voice and words (read_usual_event()).
codec_error parse_any_server_event(std::string_view json, actors::model_event& out) noexcept;

/// The type of an event's name; `other` if it is of no use here.
actors::model_event_type event_type_of(std::string_view name) noexcept;

} // namespace switchboard::openai
