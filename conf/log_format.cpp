#include "conf/log_format.hpp"

#include <cstdio>
#include <ctime>

namespace switchboard::log {

namespace {

constexpr const char* hex = "0123456789abcdef";

std::string iso_time(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  auto ms = duration_cast<milliseconds>(time.time_since_epoch()).count();
  auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[64];
  auto size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + size, sizeof text - size, ".%03dZ", static_cast<int>(ms % 1000));
  return text;
}

/// Length of the UTF-8 sequence that starts here, 0 if it is none (Unicode 15, table 3-7).
size_t utf8_length(std::string_view text) noexcept {
  auto at = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  auto continues = [&](size_t i) { return (at(i) & 0xC0) == 0x80; };
  const auto first = at(0);
  if (first < 0x80)
    return 1;
  if (first >= 0xC2 && first <= 0xDF)
    return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const auto second_min = first == 0xE0 ? 0xA0u : 0x80u;
    const auto second_max = first == 0xED ? 0x9Fu : 0xBFu;
    return at(1) >= second_min && at(1) <= second_max && continues(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const auto second_min = first == 0xF0 ? 0x90u : 0x80u;
    const auto second_max = first == 0xF4 ? 0x8Fu : 0xBFu;
    return at(1) >= second_min && at(1) <= second_max && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

void append_escaped(std::string& to, unsigned char c) {
  switch (c) {
  case '"':
    to += "\\\"";
    return;
  case '\\':
    to += "\\\\";
    return;
  case '\n':
    to += "\\n";
    return;
  case '\r':
    to += "\\r";
    return;
  case '\t':
    to += "\\t";
    return;
  default:
    to += "\\u00";
    to += hex[c >> 4];
    to += hex[c & 15];
  }
}

/// A JSON string (RFC 8259 section 7), quotes included.
void append_quoted(std::string& to, std::string_view text) {
  to += '"';
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text[0]);
    size_t length = 1;
    if (c < 0x20 || c == '"' || c == '\\' || c == 0x7F) {
      append_escaped(to, c);
    } else if ((length = utf8_length(text)) > 0) {
      to.append(text.substr(0, length));
    } else {
      to += "\xEF\xBF\xBD";
      length = 1;
    }
    text.remove_prefix(length);
  }
  to += '"';
}

bool needs_quotes(std::string_view text) {
  for (unsigned char c : text)
    if (c <= 0x20 || c == '"' || c == '\\' || c == '=' || c >= 0x7F)
      return true;
  return text.empty();
}

/// Prose of a pretty line: no quotes around it, but nothing that breaks the line.
void append_prose(std::string& to, std::string_view text) {
  for (unsigned char c : text) {
    if (c < 0x20 || c == 0x7F)
      append_escaped(to, c);
    else
      to += static_cast<char>(c);
  }
}

void append_member(std::string& to, std::string_view key, std::string_view value) {
  append_quoted(to, key);
  to += ':';
  append_quoted(to, value);
}

} // namespace

std::string_view to_string(conf::log_level level) noexcept {
  switch (level) {
  case conf::log_level::error:
    return "error";
  case conf::log_level::warn:
    return "warn";
  case conf::log_level::info:
    return "info";
  case conf::log_level::http:
    return "http";
  case conf::log_level::debug:
    return "debug";
  }
  return "error";
}

std::string render_pretty(const line& x, fields more) {
  std::string text = iso_time(x.time);
  auto level = to_string(x.level);
  text.append(1, ' ').append(level).append(6 - level.size(), ' ').append(x.component);
  text += ": ";
  append_prose(text, x.message);
  for (auto& f : more) {
    text.append(1, ' ').append(f.key).append(1, '=');
    if (!f.number && needs_quotes(f.text))
      append_quoted(text, f.text);
    else
      text += f.text;
  }
  return text += '\n';
}

std::string render_json(const line& x, fields more) {
  std::string text = "{";
  append_member(text, "time", iso_time(x.time));
  text += ',';
  append_member(text, "level", to_string(x.level));
  text += ',';
  append_member(text, "component", x.component);
  text += ',';
  append_member(text, "message", x.message);
  for (auto& f : more) {
    text += ',';
    append_quoted(text, f.key);
    text += ':';
    if (f.number)
      text += f.text;
    else
      append_quoted(text, f.text);
  }
  return text += "}\n";
}

} // namespace switchboard::log
