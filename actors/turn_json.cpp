#include "actors/turn_json.hpp"

#include <cstdio>

namespace switchboard::actors {

namespace {

/// RFC 8259 section 7; the text is valid UTF-8 already (it came out of a JSON event).
void append_quoted(std::string& out, const std::string& text) {
  out += '"';
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
      out += escaped;
    } else {
      out += c;
    }
  }
  out += '"';
}

} // namespace

std::string turn_json(const turn_update& turn) {
  std::string out = "{\"key\":";
  append_quoted(out, turn.key);
  out += ",\"speaker\":\"";
  out += storage::to_string(turn.who);
  out += "\",\"text\":";
  append_quoted(out, turn.text);
  if (turn.who == storage::speaker::assistant) {
    out += ",\"generated\":";
    append_quoted(out, turn.generated);
  }
  out += ",\"version\":" + std::to_string(turn.version);
  out += ",\"confidence\":";
  out += turn.confidence ? std::to_string(*turn.confidence) : "null";
  out += ",\"startMs\":" + std::to_string(turn.start_ms);
  out += ",\"endMs\":" + (turn.end_ms ? std::to_string(*turn.end_ms) : std::string{"null"});
  out += '}';
  return out;
}

} // namespace switchboard::actors
