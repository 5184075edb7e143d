#pragma once

#include "http/message.hpp"

#include <cstdint>
#include <string>

namespace switchboard::http {

/// The note of POST /api/calls/:id/notes, from a JSON or form-encoded body. Pure.
struct note_body {
  enum class verdict : uint8_t { ok, bad_json, no_note } result = verdict::no_note;
  std::string text;
};
note_body parse_note_body(const http_request& request);

} // namespace switchboard::http
