#include "actors/turn_json.hpp"

#include "actors/json_lines.hpp"

namespace switchboard::actors {

std::string turn_json(const turn_update& turn) {
  std::string out = "{\"key\":";
  append_json_quoted(out, turn.key);
  out += ",\"speaker\":\"";
  out += storage::to_string(turn.who);
  out += "\",\"text\":";
  append_json_quoted(out, turn.text);
  if (turn.who == storage::speaker::assistant) {
    out += ",\"generated\":";
    append_json_quoted(out, turn.generated);
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
